/** Tab, as the language completes in a notebook. */
import { toCodePoints, toUtf16 } from '../../kernel/protocol/code-points.js';
import type { SessionClient } from '../../session/index.js';

const ANSWER_MS = 1500;
const INDENT = '  ';

/**
 * @param before the lines of the cell above the one that is being written
 * @param line that line, as far as the cursor
 * @returns what may stand there, and how much of it is written
 */
export async function completions(client: SessionClient, before: string, line: string): Promise<[string[], string]> {
  if (line.trim() === '') return [[INDENT], ''];
  const code = before + line;
  const reply = await client.ask('complete_request', { code, cursor_pos: toCodePoints(code, code.length) }, { timeoutMs: ANSWER_MS });
  const { matches, cursor_start: start } = reply;
  if (!Array.isArray(matches) || typeof start !== 'number') return [[], ''];
  const typed = code.slice(toUtf16(code, start));
  return [matches.map(String).filter((match) => match.startsWith(typed)), typed];
}
