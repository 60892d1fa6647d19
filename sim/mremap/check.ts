/**
 * The checks of a call as data: each says what it asks, with the numbers it compares, and whether it
 * holds. The path of a call shows all that were made, those that passed too.
 */
import type { Errno, StepValue } from '../../machine/index.js';
import type { KernelFn } from '../models/kernel-functions.js';
import { refuse, type Refused } from '../refusal.js';
import type { Mm } from '../vma/mm.js';

/** @typeParam S what the check looks at */
export interface Check<S> {
  /** Stable name: `mremap.overlap`. */
  readonly check: string;
  readonly errno: Errno;
  readonly holds: (mm: Mm, subject: S) => boolean;
  /** Whether the question arises at all; where it does not, the path does not mention it. */
  readonly arises?: (subject: S) => boolean;
  /** What holds where it passes, and why the call is refused where it does not. */
  readonly passed: string;
  readonly why: string;
  readonly values: (mm: Mm, subject: S) => readonly StepValue[];
}

export function firstRefusal<S>(mm: Mm, checks: readonly Check<S>[], subject: S, where: KernelFn): Refused | null {
  for (const check of checks) {
    if (!check.holds(mm, subject)) return refuse(mm, where, check.errno, check.check, check.why, check.values(mm, subject));
    if (mm.recorder.keepsSteps && check.arises?.(subject) !== false) mm.recorder.step(where, 'passed', check.check, check.passed, () => check.values(mm, subject));
  }
  return null;
}
