/** `show`, and what `why` and `advise` are asked about. */
import { InvariantViolation, u64, type OpRecord, type Span, type View } from '../../machine/index.js';
import { toInteger, type Operand } from '../evaluating/operators.js';
import type { Task } from '../evaluating/task.js';
import { fail } from '../messages/fail.js';
import type { Expression, ShowStatement } from '../syntax/ast.js';
import { viewOfRmap } from '../views/table-views.js';
import { viewOfCall, viewOfSpace, viewOfTables } from '../views/views.js';
import { KIND_NAMES } from '../vocabulary/values.js';
import { isView, type ViewName } from '../vocabulary/views.js';
import type { Runner } from './runner.js';

export function* show(by: Runner, { what, of, printk }: ShowStatement): Task<void> {
  const name = what.text;
  if (!isView(name)) throw new InvariantViolation(`the unknown view ${name} passed the checker`);
  const value = of && { value: yield* by.evaluator.evaluate(of), span: of.span };
  const view = yield* viewOf(by, name, what.span, value);
  by.view(printk === undefined || view.what !== 'steps' ? view : { ...view, printk: true });
}

function* viewOf(by: Runner, name: ViewName, at: Span, of: Operand | undefined): Task<View> {
  const { process } = by.run;
  if (name === 'rmap') return viewOfRmap(u64(of === undefined ? 0n : toInteger(of.value, of.span, '`show rmap`')), process.machine);
  if (name === 'tables') {
    if (of?.value.kind === 'result') return viewOfTables(of.value.record, process.machine);
    const address = of && u64(toInteger(of.value, of.span, `\`show ${name}\``));
    return viewOfSpace('tables', address, process.machine);
  }
  if (of !== undefined) {
    if (of.value.kind !== 'result') fail(of.span, 'wrong-type', `\`show ${name}\``, KIND_NAMES.result, KIND_NAMES[of.value.kind]);
    return yield* viewOfCall(name, of.value.record, by.run);
  }
  if (name === 'maps') return viewOfSpace('maps', undefined, process.machine);
  const record = process.lastMove();
  if (record === undefined) return fail(at, 'nothing-to-show', name);
  return yield* viewOfCall(name, record, by.run);
}

/** The call that is asked about: the last mremap if none is named. */
export function* askedMove(by: Runner, of: Expression | undefined, span: Span, what: string): Task<OpRecord> {
  if (of === undefined) return by.run.process.lastMove() ?? fail(span, 'nothing-to-show', what);
  const value = yield* by.evaluator.evaluate(of);
  return value.kind === 'result' ? value.record : fail(of.span, 'wrong-type', `\`${what}\``, KIND_NAMES.result, KIND_NAMES[value.kind]);
}
