/** What stands over a chart of moves: the totals, the call, and the alignment that decided the levels. */
import { levelOf, strayTexts, type Geometry, type LevelName, type OpRecord } from '../../machine/index.js';
import { wrap } from '../labels.js';
import { isRefused, type MoveCall, type MovePlan } from '../move-marks.js';
import type { Heading } from '../spec.js';
import { addressText, outcomeText, shortCallText } from '../title.js';
import { moveTotals, pagesSize, plural, totalsText } from '../totals.js';

const LINE = 88;

export function movesHeading(record: OpRecord, model: string, plan: MovePlan): Heading {
  const g = record.after.geometry;
  const totals = moveTotals(record.moves);
  const sum = totalsText(totals);
  const first = plan.calls[0];
  const subtitle = [`${model}: ${shortCallText(record)}`];
  if (first !== undefined) subtitle.push(alignmentText(g, first), ...refusalTexts(record));
  subtitle.push(...strayTexts(record).map((text) => `WRONG: ${text}.`));
  if (plan.calls.length > 1) subtitle.push(`${plural(plan.calls.length, 'call')} of move_page_tables, one after the other; the line above is about the first.`);
  const refused = totals.pmd_refused.steps + totals.pud_refused.steps;
  if (refused > 0) subtitle.push(`Outlined: the kernel refused ${plural(refused, 'table move')} and went on one level below.`);
  if (plan.binned) {
    const bins = plan.marks.filter((m) => !isRefused(m.kind)).length;
    subtitle.push(`${plural(plan.steps, 'step')} drawn as ${plural(bins, 'bin')} of neighbouring steps.`);
  }
  return { title: wrap(sum, 70), subtitle: subtitle.flatMap((s) => wrap(s, LINE)), description: `${outcomeText(record)}: ${sum}` };
}

const upper = (name: LevelName): string => name.toUpperCase();

/** What kept the start from being realigned, in the words of the check. */
function refusalTexts(record: OpRecord): string[] {
  const refused = record.steps.filter((s) => s.fn === 'can_align_down' && s.verdict === 'refused');
  return [...new Set(refused.map((s) => `${s.fn}: ${s.text}.`))].slice(0, 2);
}

/** Whether the two sides lie alike within a PMD, on which everything else depends. */
function alignmentText(g: Geometry, call: MoveCall): string {
  const level = levelOf(g, 'pmd');
  const span = 2 ** level.shift;
  const unit = `${upper(level.name)} (${pagesSize(g, span)})`;
  if (call.realigned > 0) {
    const asked = call.old + call.realigned;
    return `Realigned from ${pagesSize(g, asked % span)} past a ${unit} boundary down to it: the loop starts at ${addressText(g, call.old)}.`;
  }
  const [a, b] = [call.old % span, call.new % span];
  if (a !== b) return `Offsets within a ${unit} differ (${pagesSize(g, a)} and ${pagesSize(g, b)}): steps end at boundaries of either side.`;
  if (a === 0) return `Both sides begin on a ${unit} boundary${pudText(g, call)}.`;
  return `Both sides begin ${pagesSize(g, a)} past a ${unit} boundary and were not realigned.`;
}

/** Why no PUD moved whole, where the call is long enough for one. */
function pudText(g: Geometry, call: MoveCall): string {
  const level = levelOf(g, 'pud');
  const span = 2 ** level.shift;
  const [a, b] = [call.old % span, call.new % span];
  if (level.shift === levelOf(g, 'pmd').shift || call.pages < span || a === b) return '';
  return `; their offsets within a ${upper(level.name)} (${pagesSize(g, span)}) differ`;
}
