/**
 * Phase 2, tokens to lines: which line ends end a statement, and what is in braces.
 *
 * A line end counts unless a round or square bracket is open or the line ends in something that
 * needs a right-hand side. A line that can only be the beginning of a statement closes whatever
 * bracket is still open, so that one lost `)` costs one statement and not the rest of the file.
 *
 * Braces become one token with lines of their own, so that the grammar of a statement never sees
 * into them, and a mistake outside costs nothing inside.
 */
import { createTokenInstance, type IToken, type TokenType } from 'chevrotain';
import {
  Block, Comma, Continues, Dot, Else, endOf, Equals, Expect, Identifier, isA, Layout, LCurly, Let, LParen, LSquare, MachineWord, MapsBlock, MapsClose,
  MapsOpen, Newline, RCurly, RParen, RSquare, Starter, Thread, Unit, Word, type Braced,
} from './tokens.js'; // prettier-ignore

export interface Lines {
  /** The tokens, a Newline before every statement; what is in braces is one token. */
  readonly tokens: IToken[];
  /** The tokens of the innermost statement that is still going on at the end. */
  readonly unfinished: readonly IToken[];
  /** Brackets and braces still open at the end. */
  readonly open: readonly IToken[];
}

/** The lines of a file, or of what is between two braces. */
interface Frame {
  readonly brace: IToken | undefined;
  readonly tokens: IToken[];
  /** Round and square brackets. */
  readonly brackets: IToken[];
  /** The braces belong to a `layout` or a `machine`, in which no line begins a statement. */
  readonly described: boolean;
  newline: IToken;
  first: IToken | undefined;
}

export function splitLines(raw: readonly IToken[]): Lines {
  let frame: Frame = newFrame(undefined);
  const outer: Frame[] = [];

  const close = (by: IToken | undefined): void => {
    const { brace, tokens } = frame;
    const around = outer.pop();
    if (brace === undefined || around === undefined) return;
    frame = around;
    add(frame, blockToken(brace, by, tokens));
  };

  const lost: IToken[] = [];

  raw.forEach((token, i) => {
    const type = token.tokenType;
    if (frame.described && frame.first === undefined && frame.brace !== undefined && beginsStatement(token, raw[i + 1])) {
      lost.push(frame.brace);
      const { newline } = frame;
      close(undefined);
      [frame.newline, frame.first] = [newline, undefined];
    }
    if (type === Newline) {
      if (frame.brace?.tokenType === MapsOpen) return;
      if (!endsStatement(frame, raw, i)) return;
      frame.brackets.length = 0;
      frame.newline = token;
      frame.first = undefined;
    } else if (type === LCurly || type === MapsOpen) {
      outer.push(frame);
      frame = newFrame(token, describes(frame));
    } else if ((type === RCurly || type === MapsClose) && frame.brace !== undefined) {
      close(token);
    } else {
      // Threads of a race may share a line.
      if (type === Thread && isA(frame.tokens.at(-1), Block)) beginStatement(frame, token);
      add(frame, token);
      follow(frame.brackets, token);
    }
  });

  const open = [...lost, ...[...outer, frame].flatMap((f) => [...(f.brace === undefined ? [] : [f.brace]), ...f.brackets])];
  const unfinished = frame.first === undefined ? [] : frame.tokens.slice(frame.tokens.indexOf(frame.first));
  while (outer.length > 0) close(undefined);
  return { tokens: frame.tokens, unfinished, open };
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

const newFrame = (brace: IToken | undefined, described = false): Frame => ({
  brace,
  described,
  tokens: [],
  brackets: [],
  newline: instance(Newline, '', brace === undefined ? 0 : endOf(brace)),
  first: undefined,
});

function add(frame: Frame, token: IToken): void {
  if (frame.first === undefined) frame.tokens.push(frame.newline);
  frame.first ??= token;
  frame.tokens.push(token);
}

/** As if a line ended before `token`. */
function beginStatement(frame: Frame, token: IToken): void {
  frame.newline = instance(Newline, '', token.startOffset);
  frame.first = undefined;
}

/** Whether the statement under way is a `machine`, or a `layout` or expects one. */
function describes({ tokens, first }: Frame): boolean {
  const at = first === undefined ? tokens.length : tokens.lastIndexOf(first);
  return isA(tokens[at], MachineWord) || isA(tokens[at], Layout) || (isA(tokens[at], Expect) && isA(tokens[at + 1], Layout));
}

/** The token that closes a `layout` or `machine` whose `}` is missing. */
const beginsStatement = (a: IToken, b: IToken | undefined): boolean => isA(a, Starter) || (isA(a, Word) && isA(b, Equals)) || (isA(a, Identifier) && isA(b, LParen));

const instance = (type: TokenType, image: string, at: number): IToken => createTokenInstance(type, image, at, at + image.length - 1, NaN, NaN, NaN, NaN);

function blockToken(open: IToken, close: IToken | undefined, tokens: readonly IToken[]): IToken {
  const block = instance(open.tokenType === MapsOpen ? MapsBlock : Block, open.image, open.startOffset);
  block.payload = { open, close, tokens } satisfies Braced;
  return block;
}

/** Keeps the stack of open brackets; one that closes nothing is left to the parser. */
function follow(open: IToken[], token: IToken): void {
  if (token.tokenType === LParen || token.tokenType === LSquare) open.push(token);
  if (token.tokenType === RParen || token.tokenType === RSquare) open.pop();
}

function endsStatement({ tokens: done, first, brackets }: Frame, raw: readonly IToken[], newline: number): boolean {
  const bracketed = brackets.length > 0;
  const goesOn = first !== undefined && continues(done);
  let next = newline;
  while (raw[next]?.tokenType === Newline) next++;
  const a = raw[next];
  const b = raw[next + 1];
  if (isA(a, Else) && isA(done.at(-1), Block)) return false;
  if (!bracketed && !goesOn) return true;
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
