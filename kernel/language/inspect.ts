/** inspect_request: the value, the help or the type of the word at the cursor. */
import { plain } from '../cells/bundle.js';
import type { Cells } from '../cells/cells.js';
import { readCell } from '../cells/source.js';
import { toUtf16 } from '../protocol/code-points.js';
import type { Content } from '../protocol/message.js';

export async function inspectReply(cells: Cells, text: string, cursorPos: number): Promise<Content> {
  const found = await describe(cells, text, toUtf16(text, cursorPos));
  if (found === undefined) return { status: 'ok', found: false, data: {}, metadata: {} };
  return { status: 'ok', found: true, ...plain(found) };
}

async function describe(cells: Cells, text: string, cursor: number): Promise<string | undefined> {
  const { language, code } = readCell(text);
  if (language === 'ts') return (await cells.typescript()).describe(code, cursor);
  if (language !== 'mremap') return undefined;
  return (await cells.session.get()).hover(code, cursor)?.text;
}
