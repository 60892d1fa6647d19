/**
 * Notebook -> the bytes that Jupyter itself would write, so that a file run here and one saved there
 * differ only where their contents do: keys sorted, indent 1, lines as lists, a newline at the end.
 */
import { canonicalJson, without } from './json.js';
import type { Cell, CellOutput, MimeBundle, Notebook } from './nbformat.js';

export function writeNotebook(notebook: Notebook): string {
  const metadata = without(notebook.metadata, 'signature', 'orig_nbformat', 'orig_nbformat_minor');
  return `${canonicalJson({ ...notebook, metadata, cells: notebook.cells.map(split) }, 1)}\n`;
}

function split(cell: Cell): object {
  const common = { ...cell, metadata: without(cell.metadata, 'trusted'), source: lines(cell.source) };
  if (cell.cell_type === 'code') return { ...common, outputs: cell.outputs.map(splitOutput) };
  if (cell.attachments === undefined) return common;
  return { ...common, attachments: Object.fromEntries(Object.entries(cell.attachments).map(([name, data]) => [name, splitBundle(data)])) };
}

function splitOutput(output: CellOutput): object {
  switch (output.output_type) {
    case 'stream':
      return { ...output, text: lines(output.text) };
    case 'display_data':
    case 'execute_result':
      return { ...output, data: splitBundle(output.data) };
    case 'error':
      return output;
  }
}

function splitBundle(data: MimeBundle): object {
  const isText = (mime: string): boolean => mime.startsWith('text/') || mime === 'application/javascript' || mime === 'image/svg+xml';
  return Object.fromEntries(Object.entries(data).map(([mime, v]) => [mime, typeof v === 'string' && isText(mime) ? lines(v) : v]));
}

/** Python's `splitlines(True)`: what nbformat cuts lines with. */
// eslint-disable-next-line no-control-regex -- control characters are what it looks for
const LINE = /[^\n\r\v\f\x1c-\x1e\x85\u2028\u2029]+(?:\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029])?|\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]/g;

const lines = (text: string): readonly string[] => text.match(LINE) ?? [];
