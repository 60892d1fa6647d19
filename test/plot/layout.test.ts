import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { placeLabels, textWidth, wrap } from '../../plot/labels.js';
import { pageAxis } from '../../plot/page-axis.js';

describe('labels', () => {
  const labels = fc.array(fc.record({ x: fc.integer({ min: 0, max: 770 }), text: fc.nat(2 ** 32).map((n) => `0x${n.toString(16)}`), priority: fc.nat(5) }), { maxLength: 40 });

  test('never cover one another, nor leave the drawing', () => {
    fc.assert(
      fc.property(labels, (all) => {
        const placed = placeLabels(all, [0, 780], 11, 3);
        for (const a of placed) {
          const half = textWidth(a.text, 11) / 2;
          expect(a.cx - half).toBeGreaterThanOrEqual(-1e-6);
          expect(a.cx + half).toBeLessThanOrEqual(780 + 1e-6);
          for (const b of placed) {
            if (a === b || a.row !== b.row) continue;
            expect(Math.abs(a.cx - b.cx)).toBeGreaterThan(half + textWidth(b.text, 11) / 2);
          }
        }
      }),
    );
  });

  test('of most importance are placed first', () => {
    const crowd = Array.from({ length: 20 }, (_, i) => ({ x: 100 + i, text: '0x7f1f985f7000', priority: i === 13 ? 9 : 1 }));
    expect(placeLabels(crowd, [0, 780], 11, 2).some((l) => l.x === 113)).toBe(true);
  });

  test('break at spaces only', () => {
    expect(wrap('one two three four', 9)).toEqual(['one two', 'three', 'four']);
    expect(wrap('unbreakable', 4)).toEqual(['unbreakable']);
  });
});

describe('the page axis', () => {
  const segments = fc.array(fc.record({ pages: fc.integer({ min: 1, max: 2 ** 28 }), broken: fc.boolean() }), { minLength: 1, maxLength: 30 }).map((parts) => {
    let at = 1000;
    return parts.map(({ pages, broken }, i) => {
      const start = at;
      at += pages;
      return { start, end: at, min: 10, ...(broken && i > 0 ? { fixed: 8 } : {}) };
    });
  });

  test('fills the width, in order', () => {
    fc.assert(
      fc.property(segments, (all) => {
        const axis = pageAxis(all, 0, 770);
        expect(axis.at(1000)).toBe(0);
        expect(axis.at(Infinity)).toBeCloseTo(770, 0);
        const positions = axis.pieces.map((p) => axis.at(p.end));
        expect(positions).toEqual([...positions].sort((a, b) => a - b));
      }),
    );
  });

  test('keeps small pieces visible and says so', () => {
    const axis = pageAxis(
      [
        { start: 0, end: 1, min: 20 },
        { start: 1, end: 524288, min: 20 },
      ],
      0,
      700,
    );
    expect(axis.at(1)).toBe(20);
    expect(axis.toScale).toBe(false);
  });

  test('is to scale where nothing is small', () => {
    const axis = pageAxis(
      [
        { start: 0, end: 256, min: 20 },
        { start: 256, end: 10 ** 9, min: 0, fixed: 64 },
        { start: 10 ** 9, end: 10 ** 9 + 256, min: 20 },
      ],
      0,
      764,
    );
    expect(axis.at(128)).toBe(175);
    expect(axis.at(10 ** 9)).toBe(414);
    expect(axis.toScale).toBe(true);
  });
});
