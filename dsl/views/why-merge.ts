/** `why merge a, b`: the first rule that keeps two VMAs apart, with its two values. */
import { size, toBytes, toVpn, u64, type View, type Vma } from '../../machine/index.js';
import type { Expression, WhyMergeStatement } from '../syntax/ast.js';
import { mapsLine, nearest } from './display.js';
import type { Evaluator } from '../running/evaluate.js';
import { fail } from '../messages/fail.js';
import { mergeRules } from './merge-rules.js';
import { toInteger } from '../running/operators.js';
import type { Task } from '../running/task.js';

export function* whyMerge(s: WhyMergeStatement, by: Evaluator): Task<View> {
  const first = yield* vmaOf(s.a, by);
  const second = yield* vmaOf(s.b, by);
  const { machine } = by.process;
  const g = machine.geometry;
  const [a, b] = first.start <= second.start ? [first, second] : [second, first];
  const lines = [a, b].map((v) => mapsLine(g, v));
  const rules = mergeRules(a, b, g);
  const apart = rules.find((r) => !r.holds);
  const text: string[] = [];
  if (a.start === b.start) text.push(`both are in one VMA: ${lines[0]}`);
  else if (a.end !== b.start) text.push(`${lines[0]} and ${lines[1]} are no neighbours: ${size(toBytes(g, b.start - a.end))} lies between them`);
  else if (apart !== undefined) text.push(`${lines[0]} and ${lines[1]} stay apart because ${apart.otherwise}: ${apart.a}, and ${apart.b} (${apart.fn})`);
  else text.push('no rule keeps them apart; the kernel looks at neighbours only when one of them is made, moved or changed');
  const columns = ['rule', 'the lower', 'the upper', 'holds', 'asked by'].map((name) => ({ name, as: 'text' as const }));
  const rows = a.start === b.start ? [] : rules.map((r) => [r.rule, r.a, r.b, r.holds ? 'yes' : 'no', r.fn]);
  return { what: 'table', title: 'why two mappings are not one', text, table: { columns, rows }, model: machine.model.name };
}

function* vmaOf(e: Expression, by: Evaluator): Task<Vma> {
  const at = u64(toInteger(yield* by.evaluate(e), e.span, '`why merge`'));
  const { machine } = by.process;
  return machine.space().vmaAt(toVpn(machine.geometry, at)) ?? fail(e.span, 'not-mapped', `0x${at.toString(16)}`, nearest(machine.space(), at));
}
