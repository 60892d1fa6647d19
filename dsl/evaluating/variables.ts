/** The values that the variable of a `for` or a `sweep` takes. */
import type { Domain } from '../syntax/ast.js';
import { fail } from '../messages/fail.js';
import type { Evaluator } from './evaluate.js';
import { toInteger } from './operators.js';
import type { Task } from './task.js';
import { isAddress, itemsOf, KIND_NAMES, type Value } from '../vocabulary/values.js';

/** How many they are is known before the first is taken. */
export interface Values {
  readonly count: bigint;
  readonly at: (i: bigint) => Value;
}

export function* valuesOf(over: Domain, by: Evaluator): Task<Values> {
  if (over.kind === 'values') {
    const value = yield* by.evaluate(over.value);
    const items = itemsOf(value) ?? fail(over.value.span, 'wrong-type', '`in`', 'a list or a range', KIND_NAMES[value.kind]);
    return { count: BigInt(items.count), at: (i) => items.at(Number(i)) };
  }
  const start = yield* by.evaluate(over.from);
  const from = toInteger(start, over.from.span, 'a range');
  const bound = toInteger(yield* by.evaluate(over.to), over.to.span, 'a range');
  const to = over.length ? from + bound : bound;
  const step = over.step === undefined ? 1n : toInteger(yield* by.evaluate(over.step), over.step.span, '`step`');
  if (step <= 0n) fail(over.step?.span ?? over.span, 'bad-step', step.toString());
  const count = to > from ? (to - from + step - 1n) / step : 0n;
  const address = isAddress(start);
  return { count, at: (i) => ({ kind: 'integer', value: from + i * step, ...(address && { address }) }) };
}
