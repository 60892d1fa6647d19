/** Random programs: the model's own rules after every operation, and memory that behaves like memory. `npm run fuzz` runs many more. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SimulatedMachine } from '../../sim/index.js';
import { keepsContents, keepsItsRules, movesBack, realignIsInvisible } from '../fuzz/properties.js';
import { plainPrograms, programs } from '../fuzz/programs.js';
import { runs } from '../share.js';
import { RELEASES } from './lab.js';

/** The same programs every time: a failure here is a failure everywhere. */
const options = (numRuns: number) => ({ numRuns: runs(numRuns), seed: 20230504 });

describe.each(['5.10', ...RELEASES, '7.3'])('kernel %s', (release) => {
  test('keeps its own rules', () => {
    fc.assert(
      fc.property(programs, (ops) => keepsItsRules(release, ops)),
      options(2000),
    );
  });

  test('whoever loads finds what was stored, wherever it has moved since', () => {
    fc.assert(
      fc.property(plainPrograms, (ops) => keepsContents(release, ops)),
      options(400),
    );
  });

  test('a move and its move back restore contents and layout', () => {
    fc.assert(
      fc.property(plainPrograms, fc.nat(9), fc.nat(40), fc.nat(40), (ops, pick, skip, pages) => movesBack(release, ops, pick, skip, pages)),
      options(2000),
    );
  });
});

test('kernel 6.12: with and without realignment the same contents and the same layout', () => {
  fc.assert(
    fc.property(plainPrograms, (ops) => realignIsInvisible(ops)),
    options(2000),
  );
});

test('records are immutable: what a space showed before a call it shows after a hundred more', () => {
  fc.assert(
    fc.property(programs, (ops) => {
      const machine = new SimulatedMachine({ release: '6.18' });
      const shown = (): string => {
        const space = machine.space();
        return text(space);
      };
      const seen = ops.map((o) => {
        machine.perform(o);
        return { space: machine.space(), then: shown() };
      });
      for (const { space, then } of seen) expect(text(space)).toBe(then);
    }),
    options(60),
  );
});

const text = (space: ReturnType<SimulatedMachine['space']>): string =>
  JSON.stringify([[...space.vmas()], [...space.pages()], [...space.tables('pte')], [...space.tables('pmd')], space.usage], (_, v: unknown) =>
    typeof v === 'bigint' ? v.toString() : v,
  );
