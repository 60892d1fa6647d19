/** Each release as the values of its behaviours, every one a delta on the one before. */
import type { Behaviours } from './behaviours.js';
import { KERNEL_FUNCTIONS, type KernelFunctions } from './kernel-functions.js';

export interface Release {
  /** As the language names it. */
  readonly name: string;
  /** The point release whose recordings this model agrees with. */
  readonly recorded: string | null;
  readonly behaviours: Behaviours;
  readonly functions: KernelFunctions;
}

const V6_1: Behaviours = {
  realign: 'none',
  realign_int: 'no',
  mremap_checks: 'late',
  multi_vma_move: 'no',
  merge_faulted: 'no',
  mmap_merge: 'next_first',
  thp_placement: 'no',
  dontunmap_merge: 'alone',
  dontunmap_pgoff: 'reset',
  dontunmap_locked: 'split',
  mprotect_uncharge: 'no',
  mseal: 'no',
  guard_regions: 'no',
  stack_nohugepage: 'no',
  pt_reclaim: 'no',
  mmap_replace: 'unmap_first',
  lockonfault_shown: 'no',
  vdso_pages: '1',
  uffd_table_moves: 'refused',
  huge_zero_write: 'split',
};

const V6_12: Behaviours = {
  ...V6_1,
  realign: 'merged',
  mmap_merge: 'both',
  thp_placement: 'yes',
  dontunmap_merge: 'apart',
  mprotect_uncharge: 'yes',
  stack_nohugepage: 'yes',
  mseal: 'yes',
  mmap_replace: 'gather',
  lockonfault_shown: 'yes',
  vdso_pages: '2',
  uffd_table_moves: 'not_tried',
};

const V6_18: Behaviours = {
  ...V6_12,
  mremap_checks: 'early',
  multi_vma_move: 'yes',
  merge_faulted: 'yes',
  dontunmap_merge: 'together',
  dontunmap_pgoff: 'stale',
  dontunmap_locked: 'leak',
  guard_regions: 'yes',
  pt_reclaim: 'yes',
  huge_zero_write: 'replace',
};

export const RELEASES: readonly Release[] = [
  { name: '6.1', recorded: '6.1.192', behaviours: V6_1, functions: KERNEL_FUNCTIONS['6.1'] },
  { name: '6.12', recorded: '6.12.117', behaviours: V6_12, functions: KERNEL_FUNCTIONS['6.12'] },
  { name: '6.18', recorded: '6.18.44', behaviours: V6_18, functions: KERNEL_FUNCTIONS['6.18'] },
];

export const DEFAULT_RELEASE = '6.18';
