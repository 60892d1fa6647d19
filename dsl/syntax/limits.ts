/** What a statement may hold, so that the parser and those who walk its tree never run out of stack. */
import type { IToken } from 'chevrotain';
import type { Reporter } from '../messages/diagnostics.js';
import { statementsOf } from './lines.js';
import { endOf, LParen, LSquare, RParen, RSquare } from './tokens.js';

const MAX_TOKENS = 2000;
export const MAX_DEPTH = 100;

/** The statements that keep within the limits; the others are reported and left out. */
export function withinLimits(tokens: readonly IToken[], reporter: Reporter): IToken[] {
  return statementsOf(tokens)
    .filter((s) => !reportExcess(s, reporter))
    .flat();
}

function reportExcess(statement: readonly IToken[], reporter: Reporter): boolean {
  const deep = deepest(statement);
  const last = statement[MAX_TOKENS];
  if (deep !== undefined) reporter.report({ start: deep.startOffset, end: endOf(deep) }, 'too-deep', MAX_DEPTH);
  else if (last !== undefined) reporter.report({ start: last.startOffset, end: endOf(last) }, 'too-long', MAX_TOKENS);
  return deep !== undefined || last !== undefined;
}

/** The bracket that goes too deep. */
function deepest(statement: readonly IToken[]): IToken | undefined {
  let depth = 0;
  return statement.find(({ tokenType: t }) => {
    if (t === LParen || t === LSquare) depth++;
    if (t === RParen || t === RSquare) depth--;
    return depth > MAX_DEPTH;
  });
}
