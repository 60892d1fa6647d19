/** The steps of a call as lines of a flow: all of a short path; of a long one what decided it, and how much is left out between. */
import { stepValueText, type Step } from '../../machine/index.js';
import { wrap } from '../labels.js';
import { plural } from '../totals.js';

export interface FlowRow {
  /** The number of the step, from 1; of several, the first and the last. */
  readonly first: number;
  readonly last: number;
  /** Null where several steps are left out. */
  readonly step: Step | null;
  readonly lines: readonly string[];
  readonly values: readonly string[];
}

/** A longer path is shortened. */
const SHOWN = 48;
const TEXT = 74;
const VALUES = 84;

export function flowRows(steps: readonly Step[]): FlowRow[] {
  const keep = kept(steps);
  const rows: FlowRow[] = [];
  steps.forEach((step, i) => {
    if (keep(i)) {
      rows.push({ first: i + 1, last: i + 1, step, lines: wrap(step.text, TEXT), values: wrap(unbroken(step), VALUES) });
      return;
    }
    const gap = rows.at(-1);
    if (gap?.step === null) rows[rows.length - 1] = gapRow(gap.first, i + 1);
    else rows.push(gapRow(i + 1, i + 1));
  });
  return rows;
}

const gapRow = (first: number, last: number): FlowRow => ({ first, last, step: null, lines: [`… ${plural(last - first + 1, 'more step')}, none refused`], values: [] });

/** A name and its number stay on one line. */
const unbroken = (step: Step): string => step.values.map((v) => `${v.name} ${stepValueText(v)}`.replaceAll(' ', '\u00a0')).join(', ');

/** The rows of a long path that are kept: refusals with the step before each, the beginning, and the end. */
function kept(steps: readonly Step[]): (i: number) => boolean {
  if (steps.length <= SHOWN) return () => true;
  const refused = steps.flatMap((s, i) => (s.verdict === 'refused' ? [i] : [])).slice(0, SHOWN / 4);
  const near = new Set(refused.flatMap((i) => [i - 1, i]));
  return (i) => i < SHOWN / 3 || i >= steps.length - SHOWN / 3 || near.has(i);
}
