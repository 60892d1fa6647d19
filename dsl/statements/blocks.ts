/** Statements that hold others: `if`, `for`, `in child`. */
import { Names } from '../evaluating/names.js';
import { toBoolean } from '../evaluating/operators.js';
import type { Flow } from '../evaluating/run.js';
import type { Task } from '../evaluating/task.js';
import { valuesOf } from '../evaluating/variables.js';
import { fail } from '../messages/fail.js';
import type { ForStatement, IfStatement, InChildStatement } from '../syntax/ast.js';
import type { Runner } from './runner.js';

export function* branch(by: Runner, { branches, otherwise }: IfStatement): Task<Flow> {
  for (const { condition, body } of branches) {
    if (toBoolean(yield* by.evaluator.evaluate(condition), condition.span, '`if`')) return yield* by.body(body);
  }
  return otherwise === undefined ? {} : yield* by.body(otherwise);
}

export function* loop(by: Runner, { variable, body }: ForStatement): Task<Flow> {
  const values = yield* valuesOf(variable.over, by.evaluator);
  for (let i = 0n; i < values.count; i++) {
    const names = new Names(by.run.names);
    names.declare(variable.name.text, values.at(i));
    const flow = yield* by.body(body, names);
    if (flow.returns === true) return flow;
  }
  return {};
}

/** The parent is the actor again, whatever becomes of the block. */
export function* inChild(by: Runner, { body, span }: InChildStatement): Task<Flow> {
  const { result } = yield* by.evaluator.perform({ name: 'switch', to: 'child' }, span);
  if (result.kind === 'errno') fail({ start: span.start, end: body.span.start }, 'no-child', result.refusal.why);
  try {
    return yield* by.body(body);
  } finally {
    yield* by.evaluator.perform({ name: 'switch', to: 'parent' }, span);
  }
}
