/** The tutorials in Debian's Jupyter: `jupyter nbconvert --execute`, unchanged, and what its outputs hold. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PNG } from 'pngjs';
import { afterAll, describe, expect, test } from 'vitest';
import { installKernelspec } from '../../dist/kernel/index.js';
import { writeNotebook } from '../../notebook/write.js';
import { code, notebook } from '../notebook/kit.js';

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
  test.each(notebooks)(
    '%s',
    async (notebook) => {
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
    },
    300_000,
  );
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

const PYTHON = '/usr/bin/python3';

/** Runs a notebook with nbclient, and gives back what its cells put out: text, or the name of an error. */
const PROGRAM = `
import json, sys, nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError
nb = nbformat.read(sys.argv[1], 4)
nbformat.validate(nb)
raised = None
try:
    NotebookClient(nb, kernel_name='mremap', timeout=int(sys.argv[2]), interrupt_on_timeout=True).execute()
except (CellExecutionError, CellTimeoutError) as error:
    raised = type(error).__name__
nbformat.validate(nb)
out = lambda o: o.get('ename') or o.get('text') or o['data']['text/plain']
print(json.dumps({'raised': raised, 'outputs': [[out(o) for o in c.outputs] for c in nb.cells if c.cell_type == 'code']}))
`;

const hasClient = ((): boolean => {
  try {
    execFileSync(PYTHON, ['-c', 'import nbclient'], { stdio: 'ignore' });
    return true;
  } catch {
    process.stdout.write(`nbclient: skipped: ${PYTHON} has no module nbclient (Debian: apt install python3-nbclient)\n`);
    return false;
  }
})();

describe.skipIf(!hasClient)('nbclient', () => {
  const execute = async (timeout: number, ...cells: Parameters<typeof notebook>): Promise<unknown> => {
    await installKernelspec({ prefix: work });
    const file = join(work, 'client.ipynb');
    writeFileSync(file, writeNotebook(notebook(...cells)));
    const env = { ...process.env, JUPYTER_PATH: join(work, 'share/jupyter'), JUPYTER_RUNTIME_DIR: join(work, 'runtime'), HOME: work, XDG_RUNTIME_DIR: work };
    return JSON.parse(execFileSync(PYTHON, ['-c', PROGRAM, file, String(timeout)], { env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'], timeout: 120_000 }));
  };

  test('takes our tags, and stops where a cell fails', async () => {
    const cells = [
      code('let x = 6\nx * 7'),
      code('expect x == 7', [], 'raises-exception'),
      code('x = 0', [], 'skip-execution'),
      code('print x'),
      code('expect x == 8'),
      code('print "never"'),
    ];
    expect(await execute(60, ...cells)).toEqual({ raised: 'CellExecutionError', outputs: [['42'], ['ExpectationFailed'], [], ['6\n'], ['ExpectationFailed'], []] });
  });

  test('interrupts what takes too long, and goes on', async () => {
    const long = code('print "begun"\nt = sweep i in 0..90000 {\n  for j in 0..100 { mmap(1G, 2M, rw, anon|private|fixed) }\n  yield i\n}', [], 'raises-exception');
    const { outputs } = (await execute(4, long, code('print "on"'))) as { outputs: string[][] };
    expect([outputs[0]?.[0], outputs[0]?.at(-1), outputs[1]]).toEqual(['begun\n', 'Interrupted', ['on\n']]);
  });
});
