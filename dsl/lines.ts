/**
 * Phase 2, tokens to lines: which line ends end a statement.
 *
 * A line end counts unless a round or square bracket is open or the line ends in something that
 * needs a right-hand side. A line that can only be the beginning of a statement closes whatever
 * bracket is still open, so that one lost `)` costs one statement and not the rest of the file.
 */
import { createTokenInstance, type IToken } from 'chevrotain';
import {
  Comma, Continues, Dot, endOf, Equals, Identifier, isA, LCurly, Let, LParen, LSquare, MapsClose, MapsOpen,
  Newline, RCurly, RParen, RSquare, Starter, Unit, Word,
} from './tokens.js'; // prettier-ignore

export interface Lines {
  /** The tokens, every statement ended by exactly one Newline. */
  readonly tokens: IToken[];
  /** Brackets and braces still open at the end. */
  readonly open: readonly IToken[];
}

export function splitLines(raw: readonly IToken[]): Lines {
  const tokens: IToken[] = [];
  const open: IToken[] = [];
  let first: IToken | undefined;

  const end = (at: IToken): void => {
    while (inBrackets(open)) open.pop();
    if (first !== undefined) tokens.push(at);
    first = undefined;
  };

  raw.forEach((token, i) => {
    if (token.tokenType === Newline) {
      if (open.at(-1)?.tokenType === MapsOpen) return;
      if (endsStatement(tokens, raw, i, first, inBrackets(open))) end(token);
      return;
    }
    follow(open, token);
    first ??= token;
    tokens.push(token);
  });
  const left = [...open];
  const last = raw.at(-1);
  const at = last === undefined ? 0 : endOf(last);
  end(createTokenInstance(Newline, '', at, at, NaN, NaN, NaN, NaN));
  return { tokens, open: left };
}

const inBrackets = (open: readonly IToken[]): boolean => isA(open.at(-1), LParen) || isA(open.at(-1), LSquare);

/** Keeps the stack of open brackets; one that closes nothing is left to the parser. */
function follow(open: IToken[], token: IToken): void {
  switch (token.tokenType) {
    case LParen:
    case LSquare:
    case LCurly:
    case MapsOpen:
      open.push(token);
      break;
    case RParen:
    case RSquare:
      if (inBrackets(open)) open.pop();
      break;
    case RCurly:
    case MapsClose:
      while (inBrackets(open)) open.pop();
      open.pop();
      break;
  }
}

function endsStatement(
  done: readonly IToken[],
  raw: readonly IToken[],
  newline: number,
  first: IToken | undefined,
  bracketed: boolean,
): boolean {
  const goesOn = continues(done);
  if (!bracketed && !goesOn) return true;
  let next = newline;
  while (raw[next]?.tokenType === Newline) next++;
  const a = raw[next];
  const b = raw[next + 1];
  if (isA(a, Starter)) return true;
  if (isA(a, Word) && isA(b, Equals)) return bracketed || !(isA(done.at(-1), Comma) && isA(first, Let));
  const call = (isA(a, Identifier) || isA(a, Unit)) && isA(b, LParen);
  return call && bracketed && !goesOn && !opensBracket(done.at(-1));
}

const opensBracket = (t: IToken | undefined): boolean => isA(t, LParen) || isA(t, LSquare);

/** The last token needs a right-hand side; `m.with` does not, `with` does. */
function continues(done: readonly IToken[]): boolean {
  return isA(done.at(-1), Continues) && !(isA(done.at(-1), Word) && isA(done.at(-2), Dot));
}
