/** The cells of a notebook that are in the language, as one text: names bound in one are known in the next. */
import { hasTag, isExecutable, type CodeCell, type Notebook } from './nbformat.js';

export interface NumberedCell {
  /** As in `In [n]`. */
  readonly number: number;
  readonly source: string;
  /** Tagged `raises-exception`. */
  readonly mayFail: boolean;
}

export interface JoinedCells {
  readonly text: string;
  readonly cells: readonly NumberedCell[];
  /** The cell that a line (1-based) of the text belongs to, and the line within it. */
  place(line: number): { readonly cell: NumberedCell; readonly line: number } | undefined;
}

/** A cell that begins with `%` is for the kernel (`%%ts`, `%lsmagic`), not for the language. */
const isLanguage = (cell: CodeCell): boolean => !cell.source.trimStart().startsWith('%');

export function joinCells(notebook: Notebook): JoinedCells {
  const cells: NumberedCell[] = [];
  const starts: number[] = [];
  let text = '';
  let lines = 0;
  let number = 0;
  for (const cell of notebook.cells) {
    if (!isExecutable(cell) || hasTag(cell, 'skip-execution')) continue;
    number++;
    if (!isLanguage(cell)) continue;
    const source = cell.source.replace(/\n*$/, '\n');
    cells.push({ number, source, mayFail: hasTag(cell, 'raises-exception') });
    starts.push(lines);
    text += source;
    lines += source.split('\n').length - 1;
  }
  return {
    text,
    cells,
    place(line) {
      const i = starts.findLastIndex((start) => start < line);
      const [cell, start] = [cells[i], starts[i]];
      return cell === undefined || start === undefined ? undefined : { cell, line: line - start };
    },
  };
}
