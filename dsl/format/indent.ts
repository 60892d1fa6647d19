/** How far each line is indented: two blanks a line that has opened a bracket, four where a statement goes on. */
import type { IToken } from 'chevrotain';
import { Continues, Dot, isA, LCurly, LParen, LSquare, MapsClose, MapsOpen, RCurly, RParen, RSquare, Word } from '../syntax/tokens.js';
import type { SourceLine } from './pieces.js';

const STEP = 2;
const GOES_ON = 4;

interface Open {
  readonly kind: 'round' | 'curly';
  readonly line: number;
}

export function indentations(lines: readonly SourceLine[]): number[] {
  const open: Open[] = [];
  let last: IToken[] = [];
  return lines.map((line, i) => {
    const tokens = line.pieces.flatMap((p) => (p.token === undefined ? [] : [p.token]));
    let closers = 0;
    while (closers < tokens.length && kindClosed(tokens[closers]) !== undefined) closers++;
    tokens.slice(0, closers).forEach((t) => close(open, kindClosed(t)));
    const depth = new Set(open.map((o) => o.line)).size;
    // Within round brackets every line is as deep as its neighbours; elsewhere a line can go on.
    const goesOn = closers === 0 && open.at(-1)?.kind !== 'round' && continues(last);
    for (const t of tokens.slice(closers)) {
      const kind = kindOpened(t);
      if (kind !== undefined) open.push({ kind, line: i });
      else close(open, kindClosed(t));
    }
    if (tokens.length > 0) last = tokens;
    return depth * STEP + (goesOn ? GOES_ON : 0);
  });
}

function kindOpened(t: IToken | undefined): Open['kind'] | undefined {
  if (isA(t, LParen) || isA(t, LSquare)) return 'round';
  return isA(t, LCurly) || isA(t, MapsOpen) ? 'curly' : undefined;
}

function kindClosed(t: IToken | undefined): Open['kind'] | undefined {
  if (isA(t, RParen) || isA(t, RSquare)) return 'round';
  return isA(t, RCurly) || isA(t, MapsClose) ? 'curly' : undefined;
}

/** A brace closes round brackets that were left open within it; a bracket closes nothing else. */
function close(open: Open[], kind: Open['kind'] | undefined): void {
  if (kind === undefined) return;
  if (kind === 'curly') while (open.at(-1)?.kind === 'round') open.pop();
  if (open.at(-1)?.kind === kind) open.pop();
}

const continues = (tokens: readonly IToken[]): boolean => isA(tokens.at(-1), Continues) && !(isA(tokens.at(-1), Word) && isA(tokens.at(-2), Dot));
