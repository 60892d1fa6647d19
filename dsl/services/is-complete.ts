/** Whether a cell can be run as it stands, or its author is still in the middle of it. */
import type { Completeness } from '../api.js';
import { build } from '../syntax/build.js';
import type { ScriptCstNode } from '../syntax/cst.js';
import { Reporter, Source } from '../messages/diagnostics.js';
import { splitLines } from '../syntax/lines.js';
import { parse } from '../syntax/parser.js';
import { Continues, Dot, isA, Newline, tokenize, Word } from '../syntax/tokens.js';

const INDENT = '  ';

export function isComplete(text: string): Completeness {
  const { tokens, open } = splitLines(tokenize(text).tokens);
  const last = tokens.filter((t) => t.tokenType !== Newline).slice(-2);
  const waits = isA(last.at(-1), Continues) && !(isA(last.at(-1), Word) && isA(last.at(-2), Dot));
  if (open.length > 0 || waits) return { status: 'incomplete', indent: INDENT.repeat(Math.max(1, open.length)) };
  const source = new Source(text);
  const reporter = new Reporter(source, 'syntax');
  const { cst, tokens: read } = parse(source, reporter);
  build(cst as ScriptCstNode, read, reporter);
  return { status: reporter.found.length === 0 ? 'complete' : 'invalid' };
}
