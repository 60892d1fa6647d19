/** complete_request: in the language of the cell, with positions in code points. */
import type { Cells } from '../cells/cells.js';
import { completeMagic } from '../cells/magics.js';
import { readCell } from '../cells/source.js';
import { toCodePoints, toUtf16 } from '../protocol/code-points.js';
import type { Content } from '../protocol/message.js';

interface Candidates {
  readonly start: number;
  readonly end: number;
  readonly items: readonly { readonly text: string; readonly kind: string; readonly detail?: string }[];
}

export async function completeReply(cells: Cells, text: string, cursorPos: number): Promise<Content> {
  const { start, end, items } = await candidates(cells, text, toUtf16(text, cursorPos));
  const from = toCodePoints(text, start);
  const to = toCodePoints(text, end);
  const types = items.map((item) => ({ text: item.text, type: item.kind, signature: item.detail ?? '', start: from, end: to }));
  return {
    status: 'ok',
    matches: items.map((item) => item.text),
    cursor_start: from,
    cursor_end: to,
    metadata: { _jupyter_types_experimental: types },
  };
}

async function candidates(cells: Cells, text: string, cursor: number): Promise<Candidates> {
  const magic = completeMagic(text, cursor);
  if (magic !== undefined) return magic;
  const { language, code } = readCell(text);
  if (language === 'ts') {
    const { start, end, candidates } = (await cells.typescript()).complete(code, cursor);
    return { start, end, items: candidates.map((name) => ({ text: name, kind: 'variable' })) };
  }
  if (language !== 'mremap') return { start: cursor, end: cursor, items: [] };
  return (await cells.session.get()).complete(code, cursor);
}
