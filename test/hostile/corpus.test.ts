/** What once found something, and a few more of each kind: `npm run fuzz:inputs` tries many. */
import { expect, test } from 'vitest';
import { corpus, inputsOf } from '../fuzz-inputs/inputs.js';
import { KINDS } from '../fuzz-inputs/kinds.js';

const SEED = Number(process.env['SEED'] ?? Date.now() % 1_000_000);
const MORE = 12;

test.each(Object.entries(KINDS))('%s: nothing is thrown that is no answer', async (name, kind) => {
  const input = inputsOf(name, kind, SEED);
  for (let i = 0; i < corpus(name).length + MORE; i++) {
    await Promise.resolve(kind.take(input(i))).catch((error: unknown) => expect.fail(`SEED=${SEED}, input ${i}: ${error instanceof Error ? error.stack : String(error)}`));
  }
});

test('an input is the same each time', () => {
  const kind = KINDS['wire'];
  if (kind === undefined) throw new Error('no kind');
  const [a, b] = [inputsOf('wire', kind, 3), inputsOf('wire', kind, 3)];
  expect(Array.from({ length: 20 }, (_, i) => a(i))).toEqual(Array.from({ length: 20 }, (_, i) => b(i)));
  expect(new Set(Array.from({ length: 20 }, (_, i) => a(i))).size).toBeGreaterThan(15);
});
