/** Makes `import { display } from "tslab"` work in cells: its output goes to the cell that calls it. */
import { createRequire } from 'node:module';
import { currentCell } from './context.js';

interface TslabDisplay {
  readonly data: Readonly<Record<string, string | Uint8Array>>;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly transient: { readonly display_id?: string };
}

export function forwardTslabDisplay(): void {
  const jupyter = createRequire(import.meta.url)('tslab/dist/jupyter.js') as { lastWriteDisplayData: (data: TslabDisplay, update: boolean) => void };
  jupyter.lastWriteDisplayData = ({ data, metadata, transient }, update) => {
    const cell = currentCell.getStore();
    if (cell === undefined) throw new Error('display was called outside of any cell');
    const text = Object.entries(data).map(([type, body]) => [type, typeof body === 'string' ? body : Buffer.from(body).toString('base64')]);
    const bundle = { data: Object.fromEntries(text) as Record<string, string>, metadata };
    if (update && transient.display_id !== undefined) cell.output.updateDisplay(bundle, transient.display_id);
    else cell.output.display(bundle, transient.display_id);
  };
}
