import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { countExtents, extent, spanOf, type MoveKind, type MoveStretch } from '../../machine/index.js';
import { isRefused, planMoves } from '../../plot/move-marks.js';
import { moveTotals } from '../../plot/totals.js';
import { onePageOff, realigned, threeLevels } from './examples.js';
import { x86 } from './records.js';

const kinds: readonly MoveKind[] = ['pte', 'pte', 'pmd', 'pud', 'skip_pmd', 'skip_pud', 'pmd_refused'];

/** A call's stretches: single steps with any number of entries, and long ones as move_page_tables would make them. */
const call = fc
  .record({
    old: fc.nat(2 ** 28),
    to: fc.nat(2 ** 28),
    parts: fc.array(fc.record({ kind: fc.constantFrom(...kinds), long: fc.boolean(), pages: fc.integer({ min: 1, max: 2 ** 22 }), part: fc.nat(100) }), {
      minLength: 1,
      maxLength: 40,
    }),
  })
  .map(({ old, to, parts }): MoveStretch[] => {
    const moves: MoveStretch[] = [{ kind: 'start', old, new: to, pages: 1, steps: 1, entries: 0 }];
    let [from, next] = [old, to];
    // What a refused table move left to do is always done below it.
    for (const { kind, long, pages: wanted, part } of [...parts, { kind: 'pte' as const, long: false, pages: 2 ** 22, part: 100 }]) {
      const span = spanOf(x86, kind);
      const pages = long && !isRefused(kind) ? wanted : extent(from, from + wanted, next, span);
      const steps = countExtents(from, pages, next, span);
      const entries = kind === 'pte' ? (steps > 1 ? pages : Math.floor((pages * part) / 100)) : kind === 'pmd' || kind === 'pud' ? steps : 0;
      moves.push({ kind, old: from, new: next, pages, steps, entries });
      if (isRefused(kind)) continue;
      from += pages;
      next += pages;
    }
    return moves;
  });

const moves = fc.array(call, { minLength: 1, maxLength: 4 }).map((calls) => calls.flat());
const real = (all: readonly MoveStretch[]): MoveStretch[] => all.filter((m) => m.kind !== 'start');

describe('the marks of a move', () => {
  test('keep the totals of every level, whatever the bins', () => {
    fc.assert(
      fc.property(moves, fc.integer({ min: 8, max: 200 }), (all, limit) => {
        expect(moveTotals(planMoves(x86, all, limit).marks)).toEqual(moveTotals(real(all)));
      }),
    );
  });

  test('are bounded', () => {
    fc.assert(fc.property(moves, (all) => planMoves(x86, all, 200).marks.length <= 1000));
  });

  test('cover the line in order, without a hole', () => {
    fc.assert(
      fc.property(moves, (all) => {
        const plan = planMoves(x86, all, 200);
        let at = 0;
        for (const m of plan.marks) {
          if (isRefused(m.kind)) continue;
          expect(m.from).toBeLessThanOrEqual(at);
          expect(m.from + m.room).toBeGreaterThanOrEqual(at);
          if (m.share[1] > 0.999999) at = m.from + m.room;
        }
        expect(at).toBe(plan.pages);
      }),
    );
  });

  test('of many short stretches share bins', () => {
    const short = Array.from({ length: 4000 }, (_, i): MoveStretch => ({
      kind: i % 2 === 0 ? 'pte' : 'skip_pmd',
      old: i * 512,
      new: 2 ** 24 + i * 512,
      pages: 512,
      steps: 1,
      entries: i % 2 === 0 ? 1 + (i % 7) : 0,
    }));
    const plan = planMoves(x86, short, 200);
    expect(plan.binned).toBe(true);
    expect(plan.marks.length).toBeLessThanOrEqual(400);
    expect(moveTotals(plan.marks)).toEqual(moveTotals(short));
    expect(plan.marks.every((m) => m.share[1] > m.share[0])).toBe(true);
  });

  test('are the steps themselves while those are few', () => {
    const plan = planMoves(x86, realigned().moves, 200);
    expect(plan.binned).toBe(false);
    expect(plan.marks.map((m) => [m.kind, m.from, m.pages, m.entries])).toEqual([
      ['pmd', 0, 512, 1],
      ['pte', 512, 256, 256],
    ]);
    expect(plan.calls).toEqual([{ old: 0x8000, new: 0x6000, realigned: 256, from: 0, pages: 768 }]);
  });

  test('never split a single step', () => {
    const plan = planMoves(x86, threeLevels().moves, 100);
    expect(plan.marks.filter((m) => m.kind === 'pud')).toHaveLength(1);
    expect(plan.marks.filter((m) => m.kind === 'pte')).toHaveLength(2);
  });

  test('of half a million entries are few', () => {
    const plan = planMoves(x86, onePageOff().moves, 200);
    expect(plan.marks.length).toBeLessThanOrEqual(200);
  });
});
