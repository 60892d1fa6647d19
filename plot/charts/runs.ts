/** Neighbouring steps of one kind, drawn and named as one. */
import { assertUnreachable, type Geometry } from '../../machine/index.js';
import { isRefused, type MoveMark } from '../move-marks.js';
import { KIND_LABEL } from '../theme.js';
import { pagesSize, plural } from '../totals.js';

/** Neighbouring marks of one kind are one run, and share a label. */
export function runsOf(marks: readonly MoveMark[], together: boolean): MoveMark[] {
  const runs: MoveMark[] = [];
  for (const m of marks) {
    if (isRefused(m.kind)) continue;
    const last = runs.at(-1);
    if (together && last !== undefined && last.kind === m.kind && last.call === m.call && last.from + last.room === m.from && last.share[1] - last.share[0] === 1) {
      const pages = last.pages + m.pages;
      runs[runs.length - 1] = { ...last, pages, room: pages, steps: last.steps + m.steps, entries: last.entries + m.entries };
    } else {
      runs.push(m);
    }
  }
  return runs;
}

/** What a block is called, the longest first. */
export function runLabels(g: Geometry, run: MoveMark): string[] {
  const span = pagesSize(g, run.pages);
  switch (run.kind) {
    case 'pte':
    case 'huge_pmd':
    case 'pmd':
    case 'pud': {
      const what = plural(run.entries, KIND_LABEL[run.kind]);
      const long = run.kind === 'pte' && run.steps > 1 ? `${what} in ${plural(run.steps, 'step')}` : what;
      return [...new Set([`${long}, ${span}`, long, what, `${run.entries}`])];
    }
    case 'skip_pmd':
    case 'skip_pud':
      return [`nothing there, ${span} skipped`, `${span} skipped`, 'skipped', span];
    case 'start':
    case 'realign':
    case 'pmd_refused':
    case 'pud_refused':
    case 'huge_pmd_refused':
    case 'split':
      return [KIND_LABEL[run.kind]];
    default:
      return assertUnreachable(run.kind);
  }
}
