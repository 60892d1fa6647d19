/** Calls of functions that the script defines. */
import { ScenarioError, type Span } from '../../machine/index.js';
import { fail } from '../messages/fail.js';
import type { Runner } from './runner.js';
import { Names } from '../evaluating/names.js';
import type { Task } from '../evaluating/task.js';
import type { FunctionValue, Value } from '../vocabulary/values.js';

const MAX_DEPTH = 100;

/** What `return` says, or the value of the last statement if it is an expression. */
export function* applyFunction(by: Runner, callee: FunctionValue, args: readonly Value[], span: Span): Task<Value> {
  const { run } = by;
  if (run.depth >= MAX_DEPTH) fail(span, 'too-many-calls', callee.name, MAX_DEPTH);
  const names = new Names(callee.names, true);
  callee.parameters.forEach((p, i) => names.declare(p, args[i] ?? { kind: 'none' }));
  const foreign = callee.source !== run.source;
  const elsewhere = run.elsewhere ?? (foreign ? { name: callee.name, span, source: run.source } : undefined);
  try {
    const inner = by.inner({ names, source: callee.source, depth: run.depth + 1, yielded: undefined, elsewhere });
    const { value } = yield* inner.statements(callee.body.statements);
    return value ?? { kind: 'none' };
  } catch (error) {
    // Its place is in another text.
    if (!foreign || !(error instanceof ScenarioError)) throw error;
    throw new ScenarioError(error.code, `in \`${callee.name}\`: ${error.message}`, span, error.hint);
  }
}
