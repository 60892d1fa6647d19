/**
 * The parameters of the cost model from measured times: a least squares fit with none of them below
 * 0 (Lawson and Hanson's NNLS). Times differ by powers of ten, so the fit minimises the sum of the
 * squares of the relative deviations.
 */
import { COST_NAMES, COSTS, type CostCounts, type CostName } from './cost.js';
import type { CostParameters } from './cost-parameters.js';
import type { Geometry } from './geometry.js';

/** One measured call: what it did, counted, and how long it took. */
export interface MeasuredCase {
  readonly name: string;
  readonly counts: CostCounts;
  /** What was measured, in nanoseconds. */
  readonly nanoseconds: number;
}

/** What a fit came to. */
export interface Calibration {
  /** A parameter that no case measures keeps its published value. */
  readonly parameters: CostParameters;
  readonly fitted: readonly CostName[];
  /** Pairs of parameters whose counts are proportional in all cases: their sum is known, not how it divides. */
  readonly together: readonly (readonly [CostName, CostName])[];
  readonly cases: readonly (MeasuredCase & { readonly modelled: number })[];
}

/**
 * Fits the parameters of the cost model to measured times.
 * @param cases at least one; a parameter that no case counts keeps its published value
 * @param arch whose published values those are
 */
export function calibrate(cases: readonly MeasuredCase[], arch: Geometry['arch']): Calibration {
  const names = COST_NAMES.filter((n) => cases.some((c) => (c.counts[n] ?? 0) > 0));
  // A row for each case, divided by its time, so that its parts should add up to 1.
  const rows = cases.map((c) => names.map((n) => (c.counts[n] ?? 0) / c.nanoseconds));
  const scale = names.map((_, j) => Math.hypot(...rows.map((r) => r[j] ?? 0)));
  const scaled = rows.map((r) => r.map((x, j) => x / (scale[j] ?? 1)));
  const solution = nonNegativeLeastSquares(
    scaled,
    cases.map(() => 1),
  ).map((x, j) => x / (scale[j] ?? 1));
  const values = Object.fromEntries(names.map((n, j) => [n, solution[j] ?? 0])) as Partial<Record<CostName, number>>;
  const parameters: CostParameters = { ...COSTS[arch], ...values };
  const together = names.flatMap((a, i) => names.slice(i + 1).flatMap((b, k) => (cosine(scaled, i, i + 1 + k) > 0.9999 ? [[a, b] as const] : [])));
  return { parameters, fitted: names, together, cases: cases.map((c) => ({ ...c, modelled: modelled(c.counts, parameters) })) };
}

const modelled = (counts: CostCounts, parameters: CostParameters): number => COST_NAMES.reduce((n, name) => n + (counts[name] ?? 0) * parameters[name], 0);

/** The cosine of the angle between two columns of length 1. */
const cosine = (rows: readonly number[][], a: number, b: number): number => rows.reduce((n, r) => n + (r[a] ?? 0) * (r[b] ?? 0), 0);

/** x >= 0 with the least |Ax - b|. Columns come in one by one while that helps, and leave where they would turn negative. */
export function nonNegativeLeastSquares(a: readonly (readonly number[])[], b: readonly number[]): number[] {
  const n = a[0]?.length ?? 0;
  let x = new Array<number>(n).fill(0);
  const inside = new Set<number>();
  const gradient = (j: number): number => a.reduce((sum, row, i) => sum + (row[j] ?? 0) * ((b[i] ?? 0) - dot(row, x)), 0);
  for (let rounds = 0; rounds < 3 * n; rounds++) {
    const outside = x.map((_, j) => j).filter((j) => !inside.has(j));
    const best = outside.reduce<number | undefined>((most, j) => (most === undefined || gradient(j) > gradient(most) ? j : most), undefined);
    if (best === undefined || gradient(best) <= 1e-10) break;
    inside.add(best);
    for (let solved = leastSquares(a, b, [...inside], n); ; solved = leastSquares(a, b, [...inside], n)) {
      const negative = [...inside].filter((j) => (solved[j] ?? 0) <= 0);
      if (negative.length === 0) {
        x = solved;
        break;
      }
      // Goes towards the solution until the first value reaches 0; that column leaves.
      const step = Math.min(...negative.map((j) => (x[j] ?? 0) / ((x[j] ?? 0) - (solved[j] ?? 0))));
      x = x.map((v, j) => (inside.has(j) ? v + step * ((solved[j] ?? 0) - v) : 0));
      for (const j of [...inside]) if ((x[j] ?? 0) <= 1e-12) inside.delete(j);
    }
  }
  return x;
}

const dot = (row: readonly number[], x: readonly number[]): number => row.reduce((n, v, j) => n + v * (x[j] ?? 0), 0);

/** The normal equations of some columns, solved by Gaussian elimination; the others are 0. */
function leastSquares(a: readonly (readonly number[])[], b: readonly number[], columns: readonly number[], n: number): number[] {
  const m = columns.map((p) => [
    ...columns.map((q) => a.reduce((sum, row) => sum + (row[p] ?? 0) * (row[q] ?? 0), 0)),
    a.reduce((sum, row, i) => sum + (row[p] ?? 0) * (b[i] ?? 0), 0),
  ]);
  const size = columns.length;
  for (let k = 0; k < size; k++) {
    let pivot = k;
    for (let i = k + 1; i < size; i++) if (Math.abs(m[i]?.[k] ?? 0) > Math.abs(m[pivot]?.[k] ?? 0)) pivot = i;
    const [top, other] = [m[pivot] ?? [], m[k] ?? []];
    [m[k], m[pivot]] = [top, other];
    // A column that depends on the others is left out.
    if (Math.abs(top[k] ?? 0) < 1e-13) continue;
    for (let i = k + 1; i < size; i++) {
      const row = m[i] ?? [];
      const by = (row[k] ?? 0) / (top[k] ?? 1);
      for (let j = k; j <= size; j++) row[j] = (row[j] ?? 0) - by * (top[j] ?? 0);
    }
  }
  const x = new Array<number>(n).fill(0);
  for (let k = size - 1; k >= 0; k--) {
    const row = m[k] ?? [];
    if (Math.abs(row[k] ?? 0) < 1e-13) continue;
    let value = row[size] ?? 0;
    for (let j = k + 1; j < size; j++) value -= (row[j] ?? 0) * (x[columns[j] ?? 0] ?? 0);
    x[columns[k] ?? 0] = value / (row[k] ?? 1);
  }
  return x;
}
