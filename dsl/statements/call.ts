/** A value that is computed and maybe named; a call may claim its result, as strace prints it. */
import { fitsU64, InvariantViolation, opText } from '../../machine/index.js';
import { contradiction, placed, type Claimed } from '../evaluating/claim.js';
import { toInteger } from '../evaluating/operators.js';
import type { Task } from '../evaluating/task.js';
import { complain, diagnoseIn, judged } from '../evaluating/telling.js';
import { fail } from '../messages/fail.js';
import type { CallExpression, Claim, EvaluateStatement } from '../syntax/ast.js';
import { CALLABLES } from '../vocabulary/calls.js';
import { isErrno } from '../vocabulary/constants.js';
import type { Value } from '../vocabulary/values.js';
import type { Runner } from './runner.js';

export function* evaluation(by: Runner, s: EvaluateStatement, isLet: boolean): Task<Value> {
  const { value: e, claim } = s;
  const value = claim !== undefined && e.kind === 'call' ? yield* claimed(by, e, claim) : yield* by.evaluator.evaluate(e);
  if (s.name !== undefined) by.bind(s.name.text, value, isLet);
  return value;
}

function* claimed(by: Runner, call: CallExpression, claim: Claim): Task<Value> {
  const callable = CALLABLES.get(call.callee.text);
  if (callable?.role !== 'syscall') throw new InvariantViolation('a claim without a system call passed the checker');
  const op = yield* by.evaluator.operation(callable, call);
  const claimed = yield* claimOf(by, claim);
  const record = yield* by.evaluator.perform(placed(op, claimed), call.span);
  const wrong = contradiction(claimed, record);
  judged(by.run, 'claim', claim.span, wrong === undefined ? 'held' : 'failed');
  if (wrong !== undefined) {
    const diagnostic = diagnoseIn(by.run, claim.span, 'claim-failed', wrong.claimed, wrong.answered, wrong.why);
    const text = by.run.source.slice(call.span);
    const plain = opText(record.op);
    complain(by.run, diagnostic, [{ text, value: wrong.answered, ...(text !== plain && { from: plain }) }]);
  }
  return { kind: 'result', record };
}

function* claimOf(by: Runner, claim: Claim): Task<Claimed> {
  if (claim.kind === 'value') {
    const value = toInteger(yield* by.evaluator.evaluate(claim.value), claim.span, 'the claimed result');
    if (!fitsU64(value)) fail(claim.span, 'out-of-range', 'the claimed result', value.toString(), 'what 64 bits hold');
    return { kind: 'value', value };
  }
  if (!isErrno(claim.errno.text)) throw new InvariantViolation('an unknown errno passed the checker');
  return { kind: 'errno', errno: claim.errno.text };
}
