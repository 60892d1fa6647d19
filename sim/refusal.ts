/** A call that a check of the kernel turned down. */
import type { Errno, Refusal, Result, StepValue } from '../machine/index.js';
import type { Mm } from './vma/mm.js';
import type { KernelFn } from './models/kernel-functions.js';

export interface Refused {
  readonly errno: Errno;
  readonly refusal: Refusal;
}

/** What a modelled call gives back to user space. */
export type Outcome = { readonly value: bigint } | Refused;

export const isRefused = (outcome: object): outcome is Refused => 'errno' in outcome;

export const resultOf = (outcome: Outcome): Result =>
  isRefused(outcome) ? { kind: 'errno', errno: outcome.errno, refusal: outcome.refusal } : { kind: 'value', value: outcome.value };

/**
 * Refuses the call under way, and leaves the refusal in its path.
 * @param check stable name, `call.what_is_wrong`
 * @param why one sentence about these arguments, in the words of the man page
 */
export function refuse(mm: Mm, where: KernelFn, errno: Errno, check: string, why: string, values: readonly StepValue[] = []): Refused {
  mm.recorder.step(where, 'refused', check, `${errno}: ${why}`, () => values);
  return { errno, refusal: { check, fn: where.fn, why, values } };
}
