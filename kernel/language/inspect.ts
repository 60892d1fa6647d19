/** inspect_request: the value, the help or the type of the word at the cursor. */
import type { Bundle } from '../cells/bundle.js';
import type { Cells } from '../cells/cells.js';
import { readCell } from '../cells/source.js';
import { toUtf16 } from '../protocol/code-points.js';
import type { Content } from '../protocol/message.js';
import { describeWord, type Detail } from './describe.js';
import { page } from './page.js';

export async function inspectReply(cells: Cells, text: string, cursorPos: number, detail: Detail): Promise<Content> {
  const found = await describe(cells, text, toUtf16(text, cursorPos), detail);
  if (found === undefined) return { status: 'ok', found: false, data: {}, metadata: {} };
  return { status: 'ok', found: true, ...found };
}

async function describe(cells: Cells, text: string, cursor: number, detail: Detail): Promise<Bundle | undefined> {
  const { language, code } = readCell(text);
  if (language === 'mremap') return describeWord(cells.scenarios, code, cursor, detail);
  if (language !== 'ts') return undefined;
  const described = (await cells.typescript()).describe(code, cursor);
  if (described === undefined) return undefined;
  // The type stands first; what its author wrote about it may follow.
  return page(detail === 0 ? (described.split('\n\n', 1)[0] ?? '') : described, 'typescript');
}
