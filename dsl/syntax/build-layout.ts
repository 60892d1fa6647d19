/** What is between the braces of `layout`: a ruler, rows of letters, and lines that say what a letter is. */
import type { IToken } from 'chevrotain';
import type { LayoutCell, LayoutStatement } from './ast.js';
import type { Reporter } from '../messages/diagnostics.js';
import { endOf } from './tokens.js';

const PART = /"([^"\n]*)"|([A-Za-z]):[ \t]*([r-][w-][x-][ps])(?![\w-])|#[^\n]*|\s+|,|([^\s",#]+)/g;

export function layoutOf(block: IToken, reporter: Reporter): Pick<LayoutStatement, 'cells' | 'width' | 'kinds'> {
  const from = block.startOffset + 1;
  const text = reporter.source.text.slice(from, endOf(block) - 1);
  const cells: LayoutCell[] = [];
  const kinds: LayoutStatement['kinds'][number][] = [];
  let width = 0;
  for (const { 0: part, 1: row, 2: letter, 3: perms, 4: other, index } of text.matchAll(PART)) {
    const span = { start: from + index, end: from + index + part.length };
    if (letter !== undefined && perms !== undefined) kinds.push({ letter: letter.toUpperCase(), perms, span });
    else if (other !== undefined) reporter.report(span, 'bad-layout', other);
    else if (row !== undefined && !isRuler(row)) {
      const strange = /[^A-Za-z. ]/.exec(row);
      const at = span.start + 1 + (strange?.index ?? 0);
      if (strange !== null) reporter.report({ start: at, end: at + 1 }, 'bad-layout-sign', strange[0]);
      for (const sign of row) {
        if (/[A-Za-z]/.test(sign)) cells.push({ letter: sign.toUpperCase(), faulted: sign === sign.toUpperCase(), index: width });
        width++;
      }
    }
  }
  const twice = cells.find((c, i) => cells[i - 1]?.letter !== c.letter && cells.slice(0, i).some((d) => d.letter === c.letter));
  const again = cells.find((c, i) => c.letter === cells[i - 1]?.letter && c.index !== (cells[i - 1]?.index ?? 0) + 1) ?? twice;
  if (again !== undefined) reporter.report({ start: block.startOffset, end: block.startOffset + 1 }, 'letter-twice', again.letter);
  for (const { letter, span } of kinds) {
    if (!cells.some((c) => c.letter === letter)) reporter.report(span, 'layout-letter', letter);
  }
  return { cells, width, kinds };
}

/** `0123456789abc`: it only numbers the columns. */
const isRuler = (row: string): boolean => /^\s*\d/.test(row);
