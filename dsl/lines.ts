/**
 * Phase 2, tokens to lines: which line ends end a statement.
 *
 * A line end counts unless a round or square bracket is open or the line ends in something that
 * needs a right-hand side. A line that can only be the beginning of a statement closes whatever
 * bracket is still open, so that one lost `)` costs one statement and not the rest of the file.
 */
import { createTokenInstance, type IToken, type TokenType } from 'chevrotain';
import {
  Break, Comma, Continues, Dot, Equals, Identifier, isA, LCurly, Let, LParen, LSquare, MapsClose, MapsOpen,
  Newline, RCurly, RParen, RSquare, Starter, Unit, Word,
} from './tokens.js'; // prettier-ignore

export interface Lines {
  /** The tokens, a Newline before every statement; line ends within braces are Breaks. */
  readonly tokens: IToken[];
  /** The first token of the statement that is still going on at the end. */
  readonly unfinished: IToken | undefined;
  /** Brackets and braces still open at the end. */
  readonly open: readonly IToken[];
}

export function splitLines(raw: readonly IToken[]): Lines {
  const tokens: IToken[] = [];
  const open: IToken[] = [];
  let newline = instance(Newline, '', 0);
  let first: IToken | undefined;

  raw.forEach((token, i) => {
    if (token.tokenType !== Newline) {
      if (first === undefined) tokens.push(newline);
      first ??= token;
      tokens.push(token);
      follow(open, token);
    } else if (open.at(-1)?.tokenType !== MapsOpen && endsStatement(tokens, raw, i, first, inBrackets(open))) {
      while (inBrackets(open)) open.pop();
      if (open.length > 0) {
        tokens.push(instance(Break, token.image, token.startOffset));
      } else {
        newline = token;
        first = undefined;
      }
    }
  });
  return { tokens, unfinished: first, open };
}

/** The tokens of each statement, the Newline before it included. */
export function statementsOf(tokens: readonly IToken[]): IToken[][] {
  const statements: IToken[][] = [];
  for (const token of tokens) {
    if (token.tokenType === Newline) statements.push([]);
    statements.at(-1)?.push(token);
  }
  return statements;
}

const instance = (type: TokenType, image: string, at: number): IToken =>
  createTokenInstance(type, image, at, at + image.length - 1, NaN, NaN, NaN, NaN);

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
  const goesOn = first !== undefined && continues(done);
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
