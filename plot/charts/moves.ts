/** The entries a call moved: where they came from and went to, and what they cost, in order. */
import type { OpRecord } from '../../machine/index.js';
import { planMoves } from '../move-marks.js';
import { chart, type Panel, type VegaLiteSpec } from '../spec.js';
import { hasMoved } from '../totals.js';
import { enlarge } from './enlarge.js';
import { movesHeading } from './moves-heading.js';
import { progressPanel } from './progress.js';
import { stripPanel } from './strip.js';

/** More steps than this are drawn as bins: about what can be told apart, and fast to render. */
const STEPS_DRAWN = 200;

export function movesChart(record: OpRecord, model: string): VegaLiteSpec | null {
  if (!hasMoved(record.moves)) return null;
  const g = record.after.geometry;
  const plan = planMoves(g, record.moves, STEPS_DRAWN);
  const panels: Panel[] = [stripPanel(g, plan, 'What moved, in order')];
  const zoom = enlarge(g, record.moves);
  if (plan.binned && zoom !== null) panels.push(stripPanel(g, zoom.plan, zoom.title));
  const progress = progressPanel(g, plan);
  if (progress !== null) panels.push(progress);
  return chart(movesHeading(record, model, plan), panels);
}
