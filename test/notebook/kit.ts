/** Notebooks for tests, as the file would hold them. */
import type { Cell, CellOutput, CodeCell, Notebook } from '../../notebook/nbformat.js';

export function notebook(...cells: Cell[]): Notebook {
  const kernelspec = { display_name: 'mremap', language: 'mremap', name: 'mremap' };
  return { nbformat: 4, nbformat_minor: 5, metadata: { kernelspec }, cells: cells.map((cell, i) => ({ ...cell, id: `cell-${i + 1}` })) };
}

export const code = (source: string, outputs: readonly CellOutput[] = [], ...tags: string[]): CodeCell => ({
  cell_type: 'code',
  metadata: tags.length === 0 ? {} : { tags },
  source,
  execution_count: outputs.length === 0 ? null : 1,
  outputs,
});

export const markdown = (source: string): Cell => ({ cell_type: 'markdown', metadata: {}, source });

export const stdout = (text: string): CellOutput => ({ output_type: 'stream', name: 'stdout', text });

export const display = (data: Record<string, unknown>): CellOutput => ({ output_type: 'display_data', data, metadata: {} });
