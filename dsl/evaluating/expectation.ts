/** Judging an `expect`: its truth, and for a failure the values it came from. */
import { isComparison, isLogical, type Expression } from '../syntax/ast.js';
import type { Diagnostic } from '../api.js';
import { CONSTANTS, isErrno } from '../vocabulary/constants.js';
import type { Source } from '../messages/diagnostics.js';
import { brief, straceLine } from '../vocabulary/display.js';
import type { Evaluator } from './evaluate.js';
import { compare, toBoolean } from './operators.js';
import type { Task } from './task.js';
import { isAddress, type Value } from '../vocabulary/values.js';

export type Evidence = NonNullable<Diagnostic['values']>[number];

export interface Verdict {
  readonly holds: boolean;
  /** Each operand that was looked at, in order, but for those that say their value themselves. */
  readonly evidence: readonly Evidence[];
}

export function* judge(condition: Expression, by: Evaluator, source: Source): Task<Verdict> {
  const evidence: Evidence[] = [];
  const holds = yield* truth(condition);
  return { holds, evidence };

  function* truth(e: Expression): Task<boolean> {
    if (e.kind === 'unary' && e.operator === 'not') return !(yield* truth(e.operand));
    if (e.kind === 'binary' && isLogical(e.operator)) {
      const left = yield* truth(e.left);
      return left === (e.operator === 'or') ? left : yield* truth(e.right);
    }
    if (e.kind === 'binary' && isComparison(e.operator)) {
      const left = yield* looked(e.left);
      const right = yield* looked(e.right);
      const inHex = isAddress(left.value) || isAddress(right.value);
      left.say(inHex);
      right.say(inHex);
      return toBoolean(compare(e.operator, left, right, e.span), e.span, '`expect`');
    }
    const { value, say } = yield* looked(e);
    say(isAddress(value));
    return toBoolean(value, e.span, '`expect`');
  }

  function* looked(e: Expression): Task<{ value: Value; span: Expression['span']; say: (inHex: boolean) => void }> {
    by.source = undefined;
    const value = yield* by.evaluate(e);
    const from = by.source as Evaluator['source'];
    const say = (inHex: boolean): void => {
      const text = source.slice(e.span);
      if (saysItself(e) || evidence.some((seen) => seen.text === text)) return;
      const shown = value.kind === 'string' ? JSON.stringify(value.value) : brief(value, inHex);
      evidence.push({ text, value: shown, ...(from !== undefined && { from: straceLine(from) }) });
    };
    return { value, span: e.span, say };
  }
}

/** `42`, `"rw-p"`, `EINVAL`: its text is its value. */
function saysItself(e: Expression): boolean {
  if (e.kind === 'string') return true;
  if (e.kind === 'integer') return e.unit === undefined;
  return e.kind === 'name' && (CONSTANTS.has(e.name) || isErrno(e.name) || ['true', 'false', 'none'].includes(e.name));
}
