/** Where blanks stand between the tokens of a line: a rule for each pair; a pair without a rule stays as written. */
import type { IToken } from 'chevrotain';
import {
  Additive, Ampersand, Caret, Comma, Compare, Continues, Dot, Equals, Identifier, Integer, isA, LCurly, LParen, LSquare, MapsLine, MapsOpen,
  MachineWord, Minus, Multiplicative, Pipe, Plus, RangeLength, RangeTo, RCurly, RParen, RSquare, Semicolon, Shift, Starter, Text, Tilde, Unit, With,
  Without, Word,
} from '../syntax/tokens.js'; // prettier-ignore
import type { Piece, SourceLine } from './pieces.js';

/** `asWritten` only ever shortens the blanks that stand there. */
export type Spacing = 'canonical' | 'asWritten';

/** The line without its indentation and without the comment at its end. */
export function codeOf(line: SourceLine, spacing: Spacing): string {
  const pieces = codePieces(line);
  let text = '';
  const tokens: IToken[] = [];
  pieces.forEach((piece, i) => {
    const before = pieces[i - 1];
    // An operator at the end of a line, which the next line continues, has a blank before it.
    const hangs = i > 0 && i === pieces.length - 1 && isA(piece.token, Pipe);
    if (before !== undefined && (hangs || isSpaced(tokens, before, piece, spacing))) text += ' ';
    text += piece.text;
    if (piece.token !== undefined) tokens.push(piece.token);
  });
  return text;
}

/** The comment that ends a line of code; a line that is a comment has none. */
export const trailingComment = (line: SourceLine): Piece | undefined => {
  const last = line.pieces.at(-1);
  return line.pieces.length > 1 && last !== undefined && last.token === undefined ? last : undefined;
};

const codePieces = (line: SourceLine): readonly Piece[] => (trailingComment(line) === undefined ? line.pieces : line.pieces.slice(0, -1));

/** @param line the tokens up to and with `a` */
function isSpaced(line: readonly IToken[], a: Piece, b: Piece, spacing: Spacing): boolean {
  if (a.token === undefined || b.token === undefined) return true;
  if (spacing === 'asWritten' || (a.drawn === true && b.drawn === true)) return b.spaced;
  return rule(line, a.token, b.token) ?? b.spaced;
}

/** Whether a blank stands between `a` and `b`; undefined where the source decides. `line` ends with `a`. */
function rule(line: readonly IToken[], a: IToken, b: IToken): boolean | undefined {
  if (isA(a, MapsLine) || isA(b, MapsLine)) return true;
  if ([Comma, RParen, RSquare, Dot, Semicolon].some((t) => isA(b, t)) || [LParen, LSquare, Dot].some((t) => isA(a, t))) return false;
  // `x86-64` is one word.
  if (isA(line[0], MachineWord) && (isA(a, Minus) || isA(b, Minus))) return false;
  // `a..+b` is a range of a length, `a.. +b` one up to +b.
  if (isA(a, RangeTo) || isA(a, RangeLength)) return isA(b, Plus) || isA(b, RangeTo) || isA(b, RangeLength);
  if (isA(b, RangeTo) || isA(b, RangeLength)) return false;
  if (isA(a, Pipe) || isA(b, Pipe)) return false;
  if (isA(a, LCurly)) return !isA(b, RCurly);
  if (isA(b, LCurly) || isA(b, MapsOpen) || isA(b, RCurly) || isA(a, RCurly)) return true;
  if (isA(a, Comma)) return true;
  // An index stands at what it is of, a list apart.
  if (isA(b, LSquare)) return !(isA(a, Identifier) || isA(a, RParen) || isA(a, RSquare) || isA(line.at(-2), Dot));
  if (isA(b, LParen)) return !(isA(a, Identifier) || isA(a, Unit));
  if (isA(a, Equals) || isA(b, Equals)) return !isSetting(isA(b, Equals) ? line : line.slice(0, -1));
  if (isUnary(line, a)) return false;
  if (isMachineName(line) && (isA(a, Minus) || isA(b, Minus))) return false;
  if (isOperator(a) || isOperator(b)) return true;
  if ([a, b].every((t) => [Word, Integer, Text, RParen, RSquare].some((type) => isA(t, type)))) return true;
  return undefined;
}

const isOperator = (t: IToken): boolean => [Additive, Multiplicative, Compare, Shift, Ampersand, Caret].some((type) => isA(t, type));

/** A sign with nothing to its left to reckon with. */
function isUnary(line: readonly IToken[], t: IToken): boolean {
  if (isA(t, Tilde)) return true;
  if (!isA(t, Minus) && !isA(t, Plus)) return false;
  const left = line.at(-2);
  if (left === undefined || isA(left, LParen) || isA(left, LSquare) || isA(left, LCurly)) return true;
  // After a dot a word is a field, whatever it is elsewhere.
  return (isA(left, Continues) || isA(left, Starter)) && !isA(line.at(-3), Dot);
}

/** `machine x86-64 { ... }`: a name, not a difference. */
const isMachineName = (line: readonly IToken[]): boolean => isA(line[0], MachineWord) && !line.some((t) => isA(t, LCurly));

/** `with realign=v3 + pin=fail`, `plot it x=offset y=pte`: settings of a name, not bindings. */
function isSetting(line: readonly IToken[]): boolean {
  const before = line.at(-2);
  return isA(before, With) || isA(before, Without) || isA(before, Plus) || line[0]?.image === 'plot';
}
