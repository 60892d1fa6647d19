/** `why merge a, b`: the first check that keeps two VMAs apart, with what it compared; asked of either as the one that changes. */
import { size, stepValueText, toBytes, toVpn, u64, type MergeCheck, type MergeExplanation, type StepValue, type View, type Vma } from '../../machine/index.js';
import type { Expression, WhyMergeStatement } from '../syntax/ast.js';
import { mapsLine, nearest } from '../vocabulary/display.js';
import type { Evaluator } from '../evaluating/evaluate.js';
import { fail } from '../messages/fail.js';
import { toInteger } from '../evaluating/operators.js';
import type { Task } from '../evaluating/task.js';

export function* whyMerge(s: WhyMergeStatement, by: Evaluator): Task<View> {
  const first = yield* vmaOf(s.a, by);
  const second = yield* vmaOf(s.b, by);
  const { machine } = by.process;
  const g = machine.geometry;
  const [a, b] = first.start <= second.start ? [first, second] : [second, first];
  const [lower, upper] = [mapsLine(g, a), mapsLine(g, b)];
  const title = 'why two mappings are not one';
  const columns = ['rule', 'the lower', 'the upper', 'holds', 'asked by'].map((name) => ({ name, as: 'text' as const }));
  const view = (text: string, rows: string[][] = []): View => ({ what: 'table', title, text: [text], table: { columns, rows }, model: machine.model.name });

  if (a.start === b.start) return view(`both are in one VMA: ${lower}`);
  const byLower = machine.explainMerge?.(a.start, b.start);
  const byUpper = machine.explainMerge?.(b.start, a.start);
  if (byLower === undefined || byUpper === undefined) return view('this machine does not tell what its merge asks: use a modelled kernel');
  const rows = byLower.checks.map((c, i) => [c.text, shown(c.lower), shown(c.upper), holds(c, byUpper.checks[i]), c.fn]);
  if (a.end !== b.start) return view(`${lower} and ${upper} are no neighbours: ${size(toBytes(g, b.start - a.end))} lies between them`, rows);
  return view(`${lower} and ${upper} ${verdict(byLower, byUpper)}`, rows);
}

/** The two are asked apart: which of them changes can decide whether they become one. */
function verdict({ apart: low }: MergeExplanation, { apart: up }: MergeExplanation): string {
  if (low === null && up === null) return 'could be one: no rule keeps them apart; the kernel looks at neighbours only when one of them is made, moved or changed';
  if (low?.code === up?.code && low !== null) return `stay apart because ${because(low)}`;
  const parts = [
    { which: 'lower', apart: low },
    { which: 'upper', apart: up },
  ].map(({ which, apart }) => (apart === null ? `become one when the ${which} one is` : `stay apart when the ${which} one is made, moved or changed, because ${because(apart)}`));
  return (low === null ? parts.reverse() : parts).join('; they ');
}

const because = (c: MergeCheck): string => `${c.otherwise}: ${shown(c.lower)}, and ${shown(c.upper)} (${c.fn})`;
const shown = (v: StepValue): string => `${v.name} ${stepValueText(v)}`;

/** Whether a check holds, which can differ by who is asked. */
function holds(byLower: MergeCheck, byUpper: MergeCheck | undefined): string {
  if (byUpper === undefined || byLower.holds === byUpper.holds) return byLower.holds ? 'yes' : 'no';
  return `not when the ${byLower.holds ? 'upper' : 'lower'} one changes`;
}

function* vmaOf(e: Expression, by: Evaluator): Task<Vma> {
  const at = u64(toInteger(yield* by.evaluate(e), e.span, '`why merge`'));
  const { machine } = by.process;
  return machine.space().vmaAt(toVpn(machine.geometry, at)) ?? fail(e.span, 'not-mapped', `0x${at.toString(16)}`, nearest(machine.space(), at));
}
