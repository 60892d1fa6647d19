/** Where a cursor stands: the word before it, the statement around it, the call it is an argument of. */
import type { IToken } from 'chevrotain';
import type { Param } from '../../machine/index.js';
import { CALLABLES } from '../vocabulary/calls.js';
import { splitLines } from '../syntax/lines.js';
import { Comma, Dot, endOf, Identifier, isA, LParen, LSquare, RParen, RSquare, tokenize, Unit, UnterminatedString } from '../syntax/tokens.js';

export interface Cursor {
  /** Where the word before the cursor begins; the cursor itself if there is none. */
  readonly start: number;
  readonly prefix: string;
  /** The tokens of the statement, up to that word. */
  readonly statement: readonly IToken[];
  /** The text before the statement. */
  readonly before: string;
}

/** Undefined where nothing can be completed: in a comment, a string, a number. */
export function cursorAt(text: string, cursor: number): Cursor | undefined {
  const left = text.slice(0, cursor);
  const { tokens, comments } = tokenize(left);
  const comment = comments.at(-1);
  if (comment !== undefined && endOf(comment) === left.length && !comment.image.endsWith('*/')) return undefined;
  if (isA(tokens.at(-1), UnterminatedString)) return undefined;
  const line = left.slice(left.lastIndexOf('\n') + 1);
  const release = /^\s*kernel\s+([\w.]*)$/.exec(line);
  const prefix = release?.[1] ?? /(?<!\w)[A-Za-z_]\w*$/.exec(left)?.[0] ?? '';
  if (prefix === '' && release === null && /\w$/.test(left)) return undefined;
  const start = left.length - prefix.length;
  const statement = lastStatement(tokens.filter((t) => t.startOffset < start));
  return { start, prefix, statement, before: left.slice(0, statement[0]?.startOffset ?? start) };
}

/** The statement that is still going on at the end of the tokens. */
function lastStatement(tokens: readonly IToken[]): readonly IToken[] {
  return splitLines(tokens).unfinished;
}

/** The parameter whose argument ends at the end of the tokens; undefined outside of a call's brackets. */
export function paramAt(statement: readonly IToken[]): Param | undefined {
  const call = callAt(statement);
  return call && CALLABLES.get(call.callee)?.params[call.index];
}

/** The call whose brackets are open at the end of the tokens, and how many arguments are complete. */
export function callAt(statement: readonly IToken[]): { readonly callee: string; readonly index: number } | undefined {
  let depth = 0;
  let index = 0;
  for (let i = statement.length - 1; i >= 0; i--) {
    const t = statement[i];
    if (isA(t, RParen) || isA(t, RSquare)) depth++;
    else if (isA(t, LParen) || isA(t, LSquare)) {
      if (depth-- > 0) continue;
      const callee = statement[i - 1];
      // A bracket of its own groups within the argument, or holds an index.
      if (isA(t, LSquare) || (!isA(callee, Identifier) && !isA(callee, Unit))) [depth, index] = [0, 0];
      else return { callee: callee?.image ?? '', index };
    } else if (depth === 0 && isA(t, Comma)) index++;
  }
  return undefined;
}

/** The text of the access chain that ends in the last token, a dot: `vma(p)` of `1 + vma(p).`. */
export function chainBefore(statement: readonly IToken[], text: string): string | undefined {
  const dot = statement.at(-1);
  let first: IToken | undefined;
  let depth = 0;
  for (let i = statement.length - 2; i >= 0; i--) {
    const t = statement[i];
    if (t === undefined) break;
    if (isA(t, RParen) || isA(t, RSquare)) depth++;
    if (isA(t, LParen) || isA(t, LSquare)) depth--;
    if (depth < 0) break;
    first = t;
    const previous = statement[i - 1];
    const callee = isA(t, LParen) ? isA(previous, Identifier) || isA(previous, Unit) : isA(t, LSquare) && isIndexed(statement, i - 1);
    if (depth === 0 && !callee && previous?.tokenType.name !== 'Dot' && t.tokenType.name !== 'Dot') break;
  }
  return first === undefined || dot === undefined ? undefined : text.slice(first.startOffset, dot.startOffset);
}

/** Whether a square bracket behind this token is an index, and not a list. */
const isIndexed = (tokens: readonly IToken[], at: number): boolean =>
  isA(tokens[at], Identifier) || isA(tokens[at], RParen) || isA(tokens[at], RSquare) || isA(tokens[at - 1], Dot);
