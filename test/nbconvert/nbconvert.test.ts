/** The tutorials in Debian's Jupyter: `jupyter nbconvert --execute`, unchanged, and what its outputs hold. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PNG } from 'pngjs';
import { afterAll, describe, expect, test } from 'vitest';
import { installKernelspec } from '../../dist/kernel/index.js';

const NBCONVERT = '/usr/bin/jupyter-nbconvert';
const notebooks = readdirSync('notebooks').filter((f) => f.endsWith('.ipynb'));
const work = mkdtempSync(join(tmpdir(), 'mremap-nbconvert-'));
afterAll(() => rmSync(work, { recursive: true }));

interface Output {
  output_type: string;
  data?: Record<string, unknown>;
}
interface Executed {
  cells: { cell_type: string; source: string | string[]; execution_count?: number; outputs?: Output[] }[];
}

if (!existsSync(NBCONVERT)) process.stdout.write(`nbconvert: skipped: there is no ${NBCONVERT} (Debian: apt install jupyter-nbconvert)\n`);

describe.skipIf(!existsSync(NBCONVERT))('nbconvert --execute', () => {
  test.each(notebooks)('%s', async (notebook) => {
    await installKernelspec({ prefix: work });
    execFileSync(NBCONVERT, ['--to', 'notebook', '--execute', '--output-dir', work, join('notebooks', notebook)], {
      env: { ...process.env, JUPYTER_PATH: join(work, 'share/jupyter'), JUPYTER_RUNTIME_DIR: join(work, 'runtime'), HOME: work },
      stdio: 'pipe',
      timeout: 240_000,
    });
    const executed = JSON.parse(readFileSync(join(work, notebook), 'utf8')) as Executed;
    const original = JSON.parse(readFileSync(join('notebooks', notebook), 'utf8')) as Executed;
    const source = (c: Executed['cells'][number]): string => (Array.isArray(c.source) ? c.source.join('') : c.source);
    expect(executed.cells.map(source)).toEqual(original.cells.map(source));

    let charts = 0;
    for (const cell of executed.cells) {
      if (cell.cell_type !== 'code') continue;
      expect(cell.execution_count).toBeGreaterThan(0);
      for (const { output_type, data } of cell.outputs ?? []) {
        expect(output_type).not.toBe('error');
        const spec = data?.['application/vnd.vegalite.v5+json'] as { $schema: string } | undefined;
        if (spec === undefined) continue;
        charts += 1;
        expect(spec.$schema).toMatch(/vega-lite\/v5/);
        expect(Object.keys(data ?? {}).sort()).toEqual(['application/vnd.vegalite.v5+json', 'image/png', 'text/plain']);
        expect(coloursOf(PNG.sync.read(Buffer.from(String(data?.['image/png']), 'base64')))).toBeGreaterThan(4);
      }
    }
    expect(charts).toBeGreaterThan(0);
  }, 300_000);
});

/** Distinct colours that cover at least a few pixels: a blank picture has one. */
function coloursOf(png: PNG): number {
  const counts = new Map<number, number>();
  for (let i = 0; i < png.data.length; i += 4) {
    const colour = png.data.readUIntBE(i, 3);
    counts.set(colour, (counts.get(colour) ?? 0) + 1);
  }
  return [...counts.values()].filter((n) => n >= 20).length;
}
