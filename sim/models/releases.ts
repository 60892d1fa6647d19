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
  dontunmap_account: 'kept',
  shrink_charge: 'none',
  mprotect_uncharge: 'no',
  mseal: 'no',
  guard_regions: 'no',
  stack_nohugepage: 'no',
  pt_reclaim: 'no',
  mmap_replace: 'unmap_first',
  lockonfault_shown: 'no',
  relocate_anon: 'no',
  pin_policy: 'skip',
  on_failure: 'undo',
  relocate_undo: 'cursor',
  vdso_pages: '1',
  uffd_table_moves: 'refused',
  huge_zero_write: 'split',
  pmd_move_rmap_lock: 'yes',
  move_ptes_flush_under_ptl: 'yes',
  move_pmd_recheck: 'no',
  move_devmap_huge: 'yes',
  retract_mmap_lock: 'yes',
  need_rmap_locks: 'yes',
  rmap_ties: 'after',
  per_vma_locks: 'no',
  vma_write_lock: 'yes',
  pte_map_recheck: 'no',
  anon_vma_recheck: 'yes',
  stack_rmap_skip: 'yes',
  merge_dup_anon_vma: 'yes',
  relocate_lock: 'yes',
  relocate_folio_lock: 'under_ptl',
  relocate_order: 'mapping_first',
  walk_folio_lock: 'yes',
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
  move_pmd_recheck: 'yes',
  retract_mmap_lock: 'no',
  per_vma_locks: 'yes',
  pte_map_recheck: 'yes',
};

/*
 * Releases that nobody recorded, as they were when they came out: without what stable trees took
 * over later. Where a change is known to be in one of two releases it is given to the later one.
 */
const V6_3: Behaviours = { ...V6_1, dontunmap_merge: 'together', dontunmap_pgoff: 'stale' };
const V6_7: Behaviours = {
  ...V6_3,
  realign: 'merged',
  thp_placement: 'yes',
  mprotect_uncharge: 'yes',
  stack_nohugepage: 'yes',
  retract_mmap_lock: 'no',
  per_vma_locks: 'yes',
  pte_map_recheck: 'yes',
};
const V6_15: Behaviours = {
  ...V6_12,
  mremap_checks: 'split',
  dontunmap_merge: 'together',
  dontunmap_pgoff: 'stale',
  dontunmap_locked: 'leak',
  dontunmap_account: 'dropped',
  shrink_charge: 'leak',
  guard_regions: 'yes',
  pt_reclaim: 'yes',
  uffd_table_moves: 'refused',
};
const V6_16: Behaviours = { ...V6_15, merge_faulted: 'yes', merge_dup_anon_vma: 'no' };
const V6_17: Behaviours = { ...V6_16, mremap_checks: 'early', multi_vma_move: 'yes', uffd_table_moves: 'not_tried' };

const V6_18: Behaviours = { ...V6_17, dontunmap_account: 'kept', huge_zero_write: 'replace', merge_dup_anon_vma: 'yes' };

export const RELEASES: readonly Release[] = [
  { name: '6.1', recorded: '6.1.192', behaviours: V6_1, functions: KERNEL_FUNCTIONS['6.1'] },
  { name: '6.3', recorded: null, behaviours: V6_3, functions: KERNEL_FUNCTIONS['6.1'] },
  { name: '6.7', recorded: null, behaviours: V6_7, functions: KERNEL_FUNCTIONS['6.1'] },
  { name: '6.12', recorded: '6.12.117', behaviours: V6_12, functions: KERNEL_FUNCTIONS['6.12'] },
  { name: '6.15', recorded: null, behaviours: V6_15, functions: KERNEL_FUNCTIONS['6.15'] },
  { name: '6.16', recorded: null, behaviours: V6_16, functions: KERNEL_FUNCTIONS['6.15'] },
  { name: '6.17', recorded: null, behaviours: V6_17, functions: KERNEL_FUNCTIONS['6.17'] },
  { name: '6.18', recorded: '6.18.44', behaviours: V6_18, functions: KERNEL_FUNCTIONS['6.17'] },
];

export const DEFAULT_RELEASE = '6.18';
