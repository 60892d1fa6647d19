import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Vma } from '../../machine/index.js';
import { groupVmas } from '../../plot/charts/bands.js';
import { callRanges, intersect, subtract, union, type Range } from '../../plot/ranges.js';
import { mremapOp, record, space } from './records.js';

const ranges = fc
  .array(fc.record({ start: fc.nat(60), length: fc.integer({ min: 1, max: 12 }) }), { maxLength: 8 })
  .map((all): Range[] => union(all.map((r) => ({ start: r.start, end: r.start + r.length }))));
const members = (all: readonly Range[]): number[] => all.flatMap((r) => Array.from({ length: r.end - r.start }, (_, i) => r.start + i));

describe('ranges', () => {
  test('subtract and intersect as sets do', () => {
    fc.assert(
      fc.property(ranges, ranges, (a, b) => {
        const inB = new Set(members(b));
        expect(members(subtract(a, b))).toEqual(members(a).filter((x) => !inB.has(x)));
        expect(members(intersect(a, b))).toEqual(members(a).filter((x) => inB.has(x)));
      }),
    );
  });

  test('of a call leave out what is not user space', () => {
    const op = mremapOp((1n << 64n) - 4096n, 8192n, 8192n, 0x1000n);
    const { source, moved } = callRanges(record(op, { before: space([]), after: space([]) }));
    expect(source).toBeNull();
    expect(moved).toBeNull();
  });
});

describe('grouping mappings', () => {
  const vma = (start: number, end: number): Vma => ({
    start,
    end,
    pgoff: 0,
    perms: 'rw-p',
    kind: 'anon',
    vmFlags: '',
    anonVma: null,
    chainLength: 0,
    hugePages: 0,
    object: null,
    background: false,
  });
  const vmas = ranges.map((all) => all.map((r) => vma(r.start, r.end)));

  test('keeps every mapping and the limit', () => {
    fc.assert(
      fc.property(vmas, fc.integer({ min: 1, max: 6 }), (all, limit) => {
        const bands = groupVmas(all, limit);
        expect(bands.length).toBeLessThanOrEqual(limit);
        expect(bands.flatMap((b) => b.vmas)).toEqual(all);
        expect(bands.reduce((n, b) => n + b.mapped, 0)).toBe(members(all).length);
      }),
    );
  });

  test('joins none across a wall', () => {
    const all = [vma(0, 1), vma(2, 3), vma(6, 7), vma(8, 9)];
    const bands = groupVmas(all, 1, [{ start: 4, end: 5 }]);
    expect(bands.map((b) => [b.start, b.end])).toEqual([
      [0, 3],
      [6, 9],
    ]);
  });
});
