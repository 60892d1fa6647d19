/**
 * The paths of calls that together cover the flow of mremap, as `show steps` prints them: each was read beside the
 * sources of its release. `npm run bless` rewrites them.
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { viewText } from '../../plot/index.js';
import { run } from '../kit.js';

const FOLDER = import.meta.dirname;
const files = readdirSync(FOLDER)
  .filter((f) => f.endsWith('.mremap'))
  .sort();

async function shown(file: string): Promise<string> {
  const { outputs, outcome } = await run(readFileSync(join(FOLDER, file), 'utf8'));
  const texts = outputs.flatMap((o) => (o.type === 'view' ? [viewText(o.view)] : o.type === 'text' ? [o.text.trimEnd()] : o.type === 'diagnostic' ? [o.diagnostic.message] : []));
  return `${[...texts, outcome].join('\n\n')}\n`;
}

describe('show steps', () => {
  test.each(files)('%s', async (file) => {
    const golden = join(FOLDER, file.replace(/\.mremap$/, '.expected'));
    const now = await shown(file);
    if (process.env['BLESS'] !== undefined) writeFileSync(golden, now);
    expect(now).toBe(existsSync(golden) ? readFileSync(golden, 'utf8') : 'a golden: run `npm run bless` and look at what it writes');
  });

  test('no golden is left without its scenario', () => {
    expect(
      readdirSync(FOLDER)
        .filter((f) => f.endsWith('.expected'))
        .map((f) => f.replace('.expected', '.mremap')),
    ).toEqual(files);
  });
});
