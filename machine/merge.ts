/** Why two neighbouring VMAs are not one: the checks that the kernel's merge makes, with what it compares. */
import type { StepValue } from './record.js';
import type { Vma } from './space.js';

/** One thing that must hold before a VMA joins a neighbour. */
export interface MergeCheck {
  /** Stable name: `merge.flags`. */
  readonly code: string;
  /** The kernel function of this release that asks, and where it stands: `is_mergeable_vma`, `mm/vma.c`. */
  readonly fn: string;
  readonly file: string;
  /** What must hold, as a short sentence; and what is the case where it does not. */
  readonly text: string;
  readonly otherwise: string;
  readonly holds: boolean;
  /** What is compared: that of the lower VMA and that of the upper one. */
  readonly lower: StepValue;
  readonly upper: StepValue;
}

/**
 * What the merge says about a VMA and one of its neighbours when the VMA is made, moved or given other
 * flags. Who is asked matters: a release may let an untouched VMA join a written one and not the other way round.
 */
export interface MergeExplanation {
  readonly changed: Vma;
  readonly neighbour: Vma;
  /** All checks in the order in which the kernel makes them; it stops at the first that does not hold. */
  readonly checks: readonly MergeCheck[];
  /** The first that does not hold; null where the two become one. */
  readonly apart: MergeCheck | null;
}
