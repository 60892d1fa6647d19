/**
 * What the functions of the address space are called, and where they stand, in each release: the
 * code moved from mm/mmap.c to mm/vma.c in v6.12, and mremap was taken apart into smaller functions
 * in v6.15 to v6.17. A step of a call names the function a reader finds in that release's source.
 */
import { isBefore } from './series.js';

export interface KernelFn {
  readonly fn: string;
  readonly file: string;
}

const MMAP = 'mm/mmap.c';
const VMA = 'mm/vma.c';
const MREMAP = 'mm/mremap.c';
const UFFD = 'fs/userfaultfd.c';
const MMAP_LOCK = 'include/linux/mmap_lock.h';
const at = (file: string, fn: string): KernelFn => ({ fn, file });

const V6_1 = {
  mmapArch: at('arch/x86/kernel/sys_x86_64.c', 'sys_mmap'),
  mmapFd: at(MMAP, 'ksys_mmap_pgoff'),
  doMmap: at(MMAP, 'do_mmap'),
  mmapRegion: at(MMAP, 'mmap_region'),
  mergeNew: at(MMAP, 'vma_expand'),
  mergeExisting: at(MMAP, 'vma_merge'),
  mergeableVma: at(MMAP, 'is_mergeable_vma'),
  mergeableAnonVma: at(MMAP, 'is_mergeable_anon_vma'),
  canMergeBefore: at(MMAP, 'can_vma_merge_before'),
  canMergeAfter: at(MMAP, 'can_vma_merge_after'),
  getUnmappedArea: at(MMAP, 'get_unmapped_area'),
  splitVma: at(MMAP, '__split_vma'),
  munmap: at(MMAP, 'do_mas_munmap'),
  gather: at(MMAP, 'do_mas_align_munmap'),
  unmapRegion: at(MMAP, 'unmap_region'),
  mprotect: at('mm/mprotect.c', 'do_mprotect_pkey'),
  mprotectFixup: at('mm/mprotect.c', 'mprotect_fixup'),
  madvise: at('mm/madvise.c', 'do_madvise'),
  mlock: at('mm/mlock.c', 'do_mlock'),
  mlockall: at('mm/mlock.c', 'sys_mlockall'),
  applyLockFlags: at('mm/mlock.c', 'apply_vma_lock_flags'),
  populate: at('mm/gup.c', '__mm_populate'),
  mseal: at('mm/mseal.c', 'do_mseal'),
  mincore: at('mm/mincore.c', 'sys_mincore'),
  canModifyVma: at('mm/vma.h', 'can_modify_vma'),
  brk: at(MMAP, 'sys_brk'),
  mayExpand: at(MMAP, 'may_expand_vm'),
  mlockFutureOk: at(MMAP, 'mlock_future_ok'),
  enoughMemory: at('mm/util.c', '__vm_enough_memory'),
  expandStack: at(MMAP, 'expand_downwards'),
  ftruncate: at('mm/shmem.c', 'shmem_setattr'),
  close: at('fs/open.c', 'sys_close'),
  userfaultfd: at('fs/userfaultfd.c', 'userfaultfd_ioctl'),
  shiftArgPages: at('fs/exec.c', 'shift_arg_pages'),
  fork: at('kernel/fork.c', 'dup_mmap'),
  pin: at('mm/gup.c', 'pin_user_pages'),
  unpin: at('mm/gup.c', 'unpin_user_pages'),
  rmapWalk: at('mm/rmap.c', 'rmap_walk'),
  collapse: at('mm/khugepaged.c', 'hpage_collapse_scan_pmd'),
  anonVmaPrepare: at('mm/rmap.c', '__anon_vma_prepare'),
  mremap: at(MREMAP, 'sys_mremap'),
  doMremap: at(MREMAP, 'sys_mremap'),
  mmapLock: at(MMAP_LOCK, 'mmap_write_lock_killable'),
  mmapUnlock: at(MMAP_LOCK, 'mmap_write_unlock'),
  mmapReadUnlock: at(MMAP_LOCK, 'mmap_read_unlock'),
  mremapParams: at(MREMAP, 'sys_mremap'),
  mapCountEarly: at(MREMAP, 'check_map_count_against_split_early'),
  mremapLookup: at(MREMAP, 'sys_mremap'),
  mremapAt: at(MREMAP, 'sys_mremap'),
  mremapResize: at(MREMAP, 'vma_to_resize'),
  mremapTo: at(MREMAP, 'mremap_to'),
  remapMove: at(MREMAP, 'remap_move'),
  shrink: at(MREMAP, 'sys_mremap'),
  expandable: at(MREMAP, 'vma_expandable'),
  expandInPlace: at(MREMAP, 'sys_mremap'),
  expand: at(MREMAP, 'sys_mremap'),
  setNewAddr: at(MMAP, 'get_unmapped_area'),
  moveVma: at(MREMAP, 'move_vma'),
  prepMove: at(MREMAP, 'move_vma'),
  charge: at(MREMAP, 'move_vma'),
  copyAndMove: at(MREMAP, 'move_vma'),
  statAccount: at(MREMAP, 'move_vma'),
  leaveSource: at(MREMAP, 'move_vma'),
  unmapSource: at(MREMAP, 'move_vma'),
  uffdPrep: at(UFFD, 'mremap_userfaultfd_prep'),
  uffdUnmapComplete: at(UFFD, 'userfaultfd_unmap_complete'),
  uffdRemapComplete: at(UFFD, 'mremap_userfaultfd_complete'),
  copyVma: at(MMAP, 'copy_vma'),
  relocateAnon: at(MREMAP, 'relocate_anon_folios'),
  movePageTables: at(MREMAP, 'move_page_tables'),
  tryRealign: at(MREMAP, 'try_realign_addr'),
  canAlignDown: at(MREMAP, 'can_align_down'),
  moveNormalPmd: at(MREMAP, 'move_normal_pmd'),
  moveNormalPud: at(MREMAP, 'move_normal_pud'),
} satisfies Record<string, KernelFn>;

export type KernelFunctions = { readonly [N in keyof typeof V6_1]: KernelFn };

/** Before the maple tree, and before mremap looked the VMA up first. */
const V5_10: KernelFunctions = {
  ...V6_1,
  mergeNew: at(MMAP, 'vma_merge'),
  munmap: at(MMAP, '__do_munmap'),
  gather: at(MMAP, '__do_munmap'),
  mlockFutureOk: at(MMAP, 'mlock_future_check'),
  collapse: at('mm/khugepaged.c', 'khugepaged_scan_pmd'),
  mremapLookup: at(MREMAP, 'vma_to_resize'),
  expandInPlace: at(MMAP, '__vma_adjust'),
  charge: at(MREMAP, 'vma_to_resize'),
};

const V5_11: KernelFunctions = { ...V5_10, charge: V6_1.charge };
const V5_16: KernelFunctions = { ...V5_11, mremapLookup: V6_1.mremapLookup };

const V6_12: KernelFunctions = {
  ...V6_1,
  shiftArgPages: at(MMAP, 'relocate_vma_down'),
  mmapRegion: at(VMA, '__mmap_region'),
  mergeNew: at(VMA, 'vma_merge_new_range'),
  mergeExisting: at(VMA, 'vma_merge_existing_range'),
  mergeableVma: at(VMA, 'is_mergeable_vma'),
  mergeableAnonVma: at(VMA, 'is_mergeable_anon_vma'),
  canMergeBefore: at(VMA, 'can_vma_merge_before'),
  canMergeAfter: at(VMA, 'can_vma_merge_after'),
  splitVma: at(VMA, '__split_vma'),
  munmap: at(VMA, 'do_vmi_munmap'),
  gather: at(VMA, 'vms_gather_munmap_vmas'),
  unmapRegion: at(VMA, 'vms_complete_munmap_vmas'),
  copyVma: at(VMA, 'copy_vma'),
};

/** The refactoring of v6.15: a function for every stage, and vrm carried through them. */
const V6_15: KernelFunctions = {
  ...V6_12,
  shiftArgPages: at('mm/vma_exec.c', 'relocate_vma_down'),
  doMremap: at(MREMAP, 'do_mremap'),
  mremapParams: at(MREMAP, 'check_mremap_params'),
  mremapLookup: at(MREMAP, 'do_mremap'),
  mremapAt: at(MREMAP, 'mremap_at'),
  mremapResize: at(MREMAP, 'resize_is_valid'),
  shrink: at(MREMAP, 'shrink_vma'),
  expandInPlace: at(MREMAP, 'expand_vma_in_place'),
  expand: at(MREMAP, 'expand_vma'),
  setNewAddr: at(MREMAP, 'vrm_set_new_addr'),
  prepMove: at(MREMAP, 'prep_move_vma'),
  charge: at(MREMAP, 'vrm_calc_charge'),
  copyAndMove: at(MREMAP, 'copy_vma_and_data'),
  statAccount: at(MREMAP, 'vrm_stat_account'),
  leaveSource: at(MREMAP, 'dontunmap_complete'),
  unmapSource: at(MREMAP, 'unmap_source_vma'),
};

const V6_17: KernelFunctions = {
  ...V6_15,
  mremapLookup: at(MREMAP, 'check_prep_vma'),
  mremapResize: at(MREMAP, 'check_prep_vma'),
};

/** Each set with the release that had it first. */
const SETS: readonly (readonly [string, KernelFunctions])[] = [
  ['5.11', V5_11],
  ['5.16', V5_16],
  ['6.1', V6_1],
  ['6.12', V6_12],
  ['6.15', V6_15],
  ['6.17', V6_17],
];

export const functionsOf = (series: string): KernelFunctions => SETS.findLast(([first]) => !isBefore(series, first))?.[1] ?? V5_10;
