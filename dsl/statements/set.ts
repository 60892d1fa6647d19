/** `set` and `fail`: what the process may do, what the machine allows, and which allocation is to fail. */
import { fitsU64, InvariantViolation, type FailOp } from '../../machine/index.js';
import { toBoolean, toInteger } from '../evaluating/operators.js';
import type { Task } from '../evaluating/task.js';
import { fail } from '../messages/fail.js';
import type { Expression, FailStatement, SetStatement } from '../syntax/ast.js';
import { SETTINGS, wordOf, type Setting } from '../vocabulary/settings.js';
import type { Runner } from './runner.js';

export function* set(by: Runner, { setting: { text }, value: e }: SetStatement): Task<void> {
  const setting = SETTINGS[text];
  if (setting === undefined) throw new InvariantViolation(`the unknown setting ${text} passed the checker`);
  yield* by.evaluator.perform(setting.op(yield* valueFor(by, setting, text, e)), e.span);
}

function* valueFor(by: Runner, setting: Setting, name: string, e: Expression): Task<bigint | null> {
  const word = wordOf(e, setting);
  if (word !== undefined) return word;
  const value = yield* by.evaluator.evaluate(e);
  if (setting.takes === 'flag') return toBoolean(value, e.span, `\`${name}\``) ? 1n : 0n;
  const n = toInteger(value, e.span, `\`${name}\``);
  if (n < 0n || !fitsU64(n)) fail(e.span, 'out-of-range', `\`${name}\``, n.toString(), 'what 64 bits hold');
  return n;
}

/** More allocations than any scenario makes. */
const MOST_ALLOCATIONS = 1_000_000_000n;

export function* failAllocation(by: Runner, { what, after: e, span }: FailStatement): Task<void> {
  const after = e === undefined ? 0n : toInteger(yield* by.evaluator.evaluate(e), e.span, '`fail`');
  if (after < 0n || after > MOST_ALLOCATIONS) fail(e?.span ?? span, 'out-of-range', '`after`', after.toString(), `0 to ${MOST_ALLOCATIONS}`);
  yield* by.evaluator.perform({ name: 'fail', what: what.text as FailOp['what'], after: Number(after) }, span);
}
