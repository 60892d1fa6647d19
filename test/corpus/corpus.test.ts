/** Every scenario file below this folder runs and says what stands beside it in `.expected`; `npm run bless` rewrites those. */
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { formatDiagnostic } from '../../dsl/index.js';
import { viewTitle } from '../../plot/index.js';
import { run } from '../kit.js';

const FOLDER = import.meta.dirname;

const files = readdirSync(FOLDER, { recursive: true, encoding: 'utf8' })
  .filter((f) => f.endsWith('.mremap'))
  .sort();

/** What a scenario says: its own output, its diagnostics and how it ended. */
async function said(file: string): Promise<string> {
  const text = readFileSync(join(FOLDER, file), 'utf8');
  const ran = await run(text);
  const lines = ran.outputs.flatMap((o) => {
    if (o.type === 'text') return [o.text.trimEnd()];
    if (o.type === 'view') return [`[${viewTitle(o.view)}]`];
    if (o.type === 'diagnostic') return [formatDiagnostic(file.split('/').at(-1) ?? file, text, o.diagnostic)];
    return [];
  });
  const { held, failed } = ran.expectations;
  return [...lines, `${ran.outcome}: ${ran.statements} statements, ${held} held, ${failed} failed`, ''].join('\n');
}

describe('corpus', () => {
  test.each(files)('%s', async (file) => {
    const golden = join(FOLDER, file.replace(/\.mremap$/, '.expected'));
    const now = await said(file);
    if (process.env['BLESS'] !== undefined) writeFileSync(golden, now);
    const changed = golden.replace(/\.expected$/, '-changed');
    if (existsSync(golden) && readFileSync(golden, 'utf8') === now) {
      rmSync(changed, { force: true });
      return;
    }
    writeFileSync(changed, now);
    expect(now).toBe(existsSync(golden) ? readFileSync(golden, 'utf8') : 'a golden: run `npm run bless` and look at what it writes');
  });

  test('what was recorded holds', () => {
    const broken = files
      .filter((f) => f.startsWith('recorded/'))
      .filter((f) => !/^ok: .* 0 failed$/m.test(readFileSync(join(FOLDER, f.replace(/\.mremap$/, '.expected')), 'utf8')));
    expect(broken).toEqual([]);
  });

  test('no golden is left without its scenario', () => {
    const goldens = readdirSync(FOLDER, { recursive: true, encoding: 'utf8' }).filter((f) => f.endsWith('.expected'));
    expect(goldens.map((g) => g.replace(/\.expected$/, '.mremap')).filter((f) => !files.includes(f))).toEqual([]);
  });
});
