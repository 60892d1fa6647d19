/** Comments behind code stand in one column, as far as lines follow one another. */
import type { SourceLine } from './pieces.js';
import { trailingComment } from './spacing.js';

export interface LaidLine {
  readonly line: SourceLine;
  /** Without indentation and without the comment behind it. */
  readonly code: string;
  readonly indent: number;
  /** Whether an empty line stands before it. */
  readonly apart: boolean;
}

const GAP = 2;

export function alignComments(laid: readonly LaidLine[]): string[] {
  const texts = laid.map(({ code, indent }) => ' '.repeat(indent) + code);
  for (let from = 0; from < laid.length;) {
    const to = endOfGroup(laid, from);
    const widest = Math.max(...laid.slice(from, to).map(({ line }, i) => (trailingComment(line) === undefined ? 0 : width(texts[from + i] ?? ''))));
    for (let i = from; i < to; i++) {
      const line = laid[i]?.line;
      const comment = line && trailingComment(line);
      if (comment !== undefined) texts[i] = `${texts[i]}${' '.repeat(widest + GAP - width(texts[i] ?? ''))}${comment.text}`;
      else if (to - from > 1) texts[i] = ' '.repeat(widest + GAP) + (laid[i]?.code ?? '');
    }
    from = to;
  }
  return texts;
}

/** A comment with line ends of its own: what counts is where it ends. */
const width = (text: string): number => text.length - (text.lastIndexOf('\n') + 1);

/** Lines with comments behind them, and comments alone that stand under one as written: they go on with it. */
function endOfGroup(laid: readonly LaidLine[], from: number): number {
  let column = columnOf(laid[from]);
  let to = from + 1;
  if (column === undefined) return to;
  for (; to < laid.length; to++) {
    const next = laid[to];
    if (next === undefined || next.apart) break;
    const own = columnOf(next);
    if (own !== undefined) column = own;
    else if (!isCommentAt(next.line, column)) break;
  }
  return to;
}

const columnOf = (l: LaidLine | undefined): number | undefined => (l === undefined ? undefined : trailingComment(l.line)?.column);

const isCommentAt = ({ pieces: [first, ...more] }: SourceLine, column: number): boolean =>
  first !== undefined && first.token === undefined && more.length === 0 && first.column === column;
