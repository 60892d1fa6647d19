/**
 * The catalogue of races: every file here explores one on the kernel that had the bug and on the one
 * that has not, and what it says stands beside it, schedules included; `BLESS=1` rewrites those.
 */
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { formatDiagnostic } from '../../dsl/index.js';
import { viewText } from '../../plot/index.js';
import { run } from '../kit.js';

const FOLDER = import.meta.dirname;
const files = readdirSync(FOLDER).filter((f) => f.endsWith('.mremap')).sort(); // prettier-ignore

async function said(file: string): Promise<string> {
  const text = readFileSync(join(FOLDER, file), 'utf8');
  const ran = await run(text);
  const lines = ran.outputs.flatMap((o) => {
    if (o.type === 'text') return [o.text.trimEnd()];
    if (o.type === 'view') return ['', viewText(o.view), ''];
    if (o.type === 'diagnostic') return [formatDiagnostic(file, text, o.diagnostic)];
    return [];
  });
  const { held, failed } = ran.expectations;
  return [...lines, `${ran.outcome}: ${ran.statements} statements, ${held} held, ${failed} failed`, ''].join('\n');
}

describe('the catalogue of races', () => {
  test.each(files)('%s', async (file) => {
    const golden = join(FOLDER, file.replace(/\.mremap$/, '.expected'));
    const changed = golden.replace(/\.expected$/, '-changed');
    const now = await said(file);
    if (process.env['BLESS'] !== undefined) writeFileSync(golden, now);
    if (existsSync(golden) && readFileSync(golden, 'utf8') === now) rmSync(changed, { force: true });
    else {
      writeFileSync(changed, now);
      expect(now).toBe(existsSync(golden) ? readFileSync(golden, 'utf8') : 'a golden: BLESS=1, and look at what it writes');
    }
    // Both sides say what they were expected to, and nothing was left out.
    expect(now).toMatch(/\nok: .* 0 failed\n$/);
    expect(now).not.toContain(', not all');
  });

  test('no golden is left without its scenario', () => {
    const goldens = readdirSync(FOLDER).filter((f) => f.endsWith('.expected'));
    expect(goldens.map((g) => g.replace(/\.expected$/, '.mremap')).filter((f) => !files.includes(f))).toEqual([]);
  });
});
