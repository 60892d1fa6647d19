/** Every step of every path has a stable code, so that no program has to read a sentence. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { OpRecord } from '../../machine/index.js';
import { SimulatedMachine } from '../../sim/index.js';
import { programs } from '../fuzz/programs.js';
import { K, Lab, M, RELEASES } from './lab.js';

const SEED = 20_231_101;

describe.each(RELEASES)('kernel %s', (release) => {
  test('a code is a name in two parts, a refusal ends with that of its check, and what one function says has one code', () => {
    const codeOf = new Map<string, string>();
    for (const ops of fc.sample(programs, { numRuns: 200, seed: SEED })) {
      const machine = new SimulatedMachine({ release });
      for (const op of ops) {
        const { result, steps }: OpRecord = machine.perform(op);
        for (const s of steps) {
          expect(s.code, `${op.name}: ${s.text}`).toMatch(/^[a-z0-9_]+\.[a-z0-9_]+$/);
          expect(codeOf.get(`${s.fn}: ${s.text}`) ?? s.code, s.text).toBe(s.code);
          codeOf.set(`${s.fn}: ${s.text}`, s.code);
        }
        if (result.kind === 'errno' && op.name !== 'switch') expect(steps.filter((s) => s.verdict === 'refused').map((s) => s.code)).toContain(result.refusal.check);
      }
    }
    expect(codeOf.size).toBeGreaterThan(60);
  });
});

test.each([
  ['6.1', 0x6100000n, 'realign.none'],
  ['6.12', 2n * 1024n * M + 4n * K, 'realign.offsets_differ'],
  ['6.12', 0x7f00000n, 'realign.something_below'],
  ['6.12', 0x6100000n, 'realign.done'],
])('kernel %s: a move from 0x8100000 to %s says %s', (release, to, code) => {
  const lab = new Lab(release);
  lab.mapFull(0x8100000n, 2n * M);
  expect(lab.move(0x8100000n, 2n * M, to).steps.map((s) => s.code)).toContain(code);
});
