/** complete_request: in the language of the cell, with positions in code points. */
import type { Cells } from '../cells/cells.js';
import { completeMagic, kernelLine } from '../cells/magics.js';
import { readCell } from '../cells/source.js';
import { toCodePoints, toUtf16 } from '../protocol/code-points.js';
import type { Content } from '../protocol/message.js';

/** TypeScript's kinds in the words of Jupyter, which are Jedi's. */
const KINDS: Readonly<Record<string, string>> = {
  keyword: 'keyword',
  function: 'function',
  'local function': 'function',
  method: 'function',
  construct: 'function',
  class: 'class',
  'local class': 'class',
  interface: 'class',
  type: 'class',
  enum: 'class',
  'enum member': 'statement',
  module: 'module',
  'external module name': 'module',
  alias: 'module',
  property: 'property',
  getter: 'property',
  setter: 'property',
  parameter: 'param',
  directory: 'path',
  script: 'path',
};

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
  const model = kernelLine(text, cursor);
  if (model !== undefined) return (await cells.session.get()).complete(model, cursor);
  const { language, code } = readCell(text);
  if (language === 'ts') {
    const { start, end, candidates, original } = (await cells.typescript()).complete(code, cursor);
    const kinds = new Map(original?.entries.map(({ name, kind }) => [name, kind]));
    return { start, end, items: candidates.map((name) => ({ text: name, kind: KINDS[kinds.get(name) ?? ''] ?? 'instance' })) };
  }
  if (language !== 'mremap') return { start: cursor, end: cursor, items: [] };
  return (await cells.session.get()).complete(code, cursor);
}
