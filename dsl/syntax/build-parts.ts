/** What every part of phase 4 needs: names, places, and the first of what the grammar demands. */
import type { IToken } from 'chevrotain';
import { InvariantViolation, type Span } from '../../machine/index.js';
import type { Name } from './ast.js';
import { endOf } from './tokens.js';

export function only<T>(list: readonly T[] | undefined): T {
  const first = list?.[0];
  if (first === undefined) throw new InvariantViolation('the syntax tree lacks a part the grammar demands');
  return first;
}

export const tokenSpan = (t: IToken): Span => ({ start: t.startOffset, end: endOf(t) });
export const nameOf = (t: IToken): Name => ({ text: t.image, span: tokenSpan(t) });

export function spanOf(tokens: readonly IToken[]): Span {
  const a = only(tokens);
  return { start: a.startOffset, end: endOf(tokens.at(-1) ?? a) };
}
