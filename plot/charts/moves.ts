/** The entries a call moved: where they came from and went to, and what they cost, in order; a slider plays the steps. */
import type { OpRecord } from '../../machine/index.js';
import { planMoves } from '../move-marks.js';
import { chart, slider, type Panel, type VegaLiteSpec } from '../spec.js';
import { hasMoved } from '../totals.js';
import { enlarge } from './enlarge.js';
import { movesHeading } from './moves-heading.js';
import { progressPanel } from './progress.js';
import { stripPanel } from './strip.js';

/** More steps than this are drawn as bins: about what can be told apart and pointed at, and fast to render. */
const STEPS_DRAWN = 128;

export function movesChart(record: OpRecord, model: string): VegaLiteSpec | null {
  if (!hasMoved(record.moves)) return null;
  const g = record.after.geometry;
  const plan = planMoves(g, record.moves, STEPS_DRAWN);
  const playing = plan.steps > 1;
  const panels: Panel[] = [stripPanel(g, plan, 'What moved, in order', playing)];
  const zoom = enlarge(g, record.moves);
  if (plan.binned && zoom !== null) panels.push(stripPanel(g, zoom.plan, zoom.title));
  const progress = progressPanel(g, plan, playing);
  if (progress !== null) panels.push(progress);
  const heading = movesHeading(record, model, plan);
  return chart(playing ? { ...heading, params: [slider('steps of the move', plan.steps)] } : heading, panels);
}
