/** The cells of a notebook that are in the language, as one text: names bound in one are known in the next. */
import { readCell } from '../kernel/cells/source.js';
import { hasTag, isExecutable, isSkipped, type Notebook } from './nbformat.js';

export interface NumberedCell {
  /** As in `In [n]`. */
  readonly number: number;
  readonly source: string;
  /** Lines and UTF-16 units that stand before it in the joined text. */
  readonly line: number;
  readonly start: number;
  /** Tagged `raises-exception`. */
  readonly mayFail: boolean;
}

export interface JoinedCells {
  readonly text: string;
  readonly cells: readonly NumberedCell[];
}

export function joinCells(notebook: Notebook): JoinedCells {
  const cells: NumberedCell[] = [];
  let text = '';
  let lines = 0;
  let number = 0;
  for (const cell of notebook.cells) {
    if (!isExecutable(cell) || isSkipped(cell)) continue;
    number++;
    const { language, code } = readCell(cell.source);
    if (language !== 'mremap') continue;
    const source = code.replace(/(?<!\n)\n*$/, '\n');
    cells.push({ number, source, line: lines, start: text.length, mayFail: hasTag(cell, 'raises-exception') });
    text += source;
    lines += source.split('\n').length - 1;
  }
  return { text, cells };
}
