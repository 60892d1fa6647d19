/** A magnifier for moves whose single steps the whole hides. */
import { extent, spanOf, type Geometry, type MoveStretch } from '../../machine/index.js';
import { planMoves, type MovePlan } from '../move-marks.js';
import { plural } from '../totals.js';

const STEPS = 6;

/** The first steps of the longest stretch that moved entry by entry, where the whole hides them. */
export function enlarge(g: Geometry, moves: readonly MoveStretch[]): { plan: MovePlan; title: string } | null {
  const longest = moves.filter((m) => m.kind === 'pte' && m.steps > 8).sort((a, b) => b.steps - a.steps)[0];
  if (longest === undefined) return null;
  const few = planMoves(g, firstSteps(g, longest), STEPS);
  return { plan: few, title: `Enlarged: the first ${few.steps} of ${plural(longest.steps, 'step')}` };
}

function firstSteps(g: Geometry, m: MoveStretch): MoveStretch[] {
  const end = m.old + m.pages;
  const out: MoveStretch[] = [];
  let [old, to] = [m.old, m.new];
  while (out.length < STEPS && old < end) {
    const pages = extent(old, end, to, spanOf(g, m.kind));
    out.push({ kind: m.kind, old, new: to, pages, steps: 1, entries: m.entries === 0 ? 0 : pages });
    old += pages;
    to += pages;
  }
  return out;
}
