/** Calibration: known costs are found again, none is below 0, and the published measurements give the figures they imply. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { calibrate, COST_NAMES, COSTS, nonNegativeLeastSquares, type CostName, type MeasuredCase } from '../../machine/index.js';

const few = fc.integer({ min: 0, max: 1000 });
const counts = fc.record({ pud: few, pmd: few, pte: few, table: few }).map((c) => ({ call: 1, ...c }));
const costs = fc.record({ call: fc.integer({ min: 1, max: 9999 }), pud: few, pmd: few, pte: few, table: few });

const residual = (a: readonly (readonly number[])[], b: readonly number[], x: readonly number[]): number =>
  a.reduce((n, row, i) => n + (row.reduce((m, v, j) => m + v * (x[j] ?? 0), 0) - (b[i] ?? 0)) ** 2, 0);

describe('least squares, not below 0', () => {
  const number = fc.integer({ min: -20, max: 20 });
  const problem = fc
    .integer({ min: 1, max: 4 })
    .chain((n) => fc.tuple(fc.array(fc.array(number, { minLength: n, maxLength: n }), { minLength: 1, maxLength: 7 }), fc.infiniteStream(number)));

  test('no step in any direction makes the deviation smaller', () => {
    fc.assert(
      fc.property(problem, ([a, numbers]) => {
        const b = a.map(() => numbers.next().value);
        const x = nonNegativeLeastSquares(a, b);
        expect(x.every((v) => v >= 0)).toBe(true);
        const least = residual(a, b, x);
        for (let j = 0; j < x.length; j++) {
          for (const step of [-1, -0.01, 0.01, 1]) {
            const beside = x.map((v, i) => (i === j ? Math.max(0, v + step) : v));
            expect(residual(a, b, beside)).toBeGreaterThanOrEqual(least - 1e-6 * (1 + least));
          }
        }
      }),
    );
  });
});

describe('calibration', () => {
  test('gives times that are sums of costs back exactly', () => {
    fc.assert(
      fc.property(costs, fc.array(counts, { minLength: 1, maxLength: 12 }), (c, list) => {
        const cases = list.map((counts, i): MeasuredCase => ({
          name: `${i}`,
          counts,
          nanoseconds: Object.entries(counts).reduce((n, [name, k]) => n + k * c[name as keyof typeof c], 0),
        }));
        for (const one of calibrate(cases, 'x86-64').cases) expect(one.modelled / one.nanoseconds).toBeCloseTo(1, 4);
      }),
    );
  });

  test('leaves what no case has as it was published', () => {
    const { parameters, fitted } = calibrate([{ name: 'one', counts: { call: 1 }, nanoseconds: 7000 }], 'arm64');
    expect(fitted).toEqual(['call']);
    expect(parameters).toEqual({ ...COSTS.arm64, call: expect.closeTo(7000, 3) as number });
  });

  test('says which parameters cannot be told apart', () => {
    const cases = [1, 2, 3].map((n): MeasuredCase => ({ name: `${n}`, counts: { call: 1, pte: 512 * n, flush: n }, nanoseconds: 1000 + 6000 * n }));
    const found = calibrate(cases, 'x86-64');
    expect(found.together).toEqual([['pte', 'flush']]);
    expect(found.parameters.pte * 512 + found.parameters.flush).toBeCloseTo(6000, 3);
  });

  test('names what it counts as the parameters are named', () => {
    const names: readonly CostName[] = COST_NAMES;
    expect([...names, 'cpus'].sort()).toEqual(Object.keys(COSTS['x86-64']).sort());
  });
});
