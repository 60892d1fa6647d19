/**
 * Where released kernels (and posted patches) differ, as data: each behaviour with its values,
 * the release that has which, and where it comes from. The model asks for a behaviour by name at
 * the place where the kernel's code differs; it never asks for a version.
 */
export interface Behaviour {
  readonly values: readonly [string, ...string[]];
  /** What `without NAME` means, for behaviours that can be taken away. */
  readonly off: string | null;
  readonly summary: string;
  /** Values that no release has: as a patch was posted, or what nobody ever wrote. Everything else is in some release. */
  readonly standing?: Readonly<Record<string, 'as posted' | 'what if'>>;
  /** Kernel function and file. */
  readonly where: string;
  /** Commit, release or patch posting that introduced the newer value. */
  readonly source: string;
}

export const BEHAVIOURS = {
  realign: {
    values: ['none', 'v2', 'v3', 'merged', 'linus_review', 'pud'],
    off: 'none',
    standing: { v2: 'as posted', v3: 'as posted', linus_review: 'what if', pud: 'what if' },
    summary:
      'round a mutually aligned move down to a PMD boundary: as merged (nothing mapped below either start), as posted in v2 or v3, as Linus Torvalds proposed in the review of v2, or to a PUD boundary too (what if)',
    where: 'try_realign_addr(), can_align_down(), mm/mremap.c',
    source: 'af8ca1c14906 and b1e5a3dee255, v6.7',
  },
  realign_int: {
    values: ['no', 'yes'],
    off: 'no',
    standing: { yes: 'as posted' },
    summary: 'the second posting kept the masked address in an int: cut to 32 bits and sign-extended',
    where: 'can_align_down(), mm/mremap.c',
    source: 'the second posting, May 2023',
  },
  mremap_checks: {
    values: ['late', 'split', 'early'],
    off: null,
    summary:
      'when the new address is checked: after the VMA was looked up (late), partly before (split), or all before, and then the resize before the destination is unmapped (early)',
    where: 'mremap_to(), check_mremap_params(), check_prep_vma(), mm/mremap.c',
    source: 'the mremap refactoring of v6.15 and v6.17',
  },
  multi_vma_move: {
    values: ['no', 'yes'],
    off: 'no',
    summary: 'a FIXED move that does not resize may span several VMAs and holes',
    where: 'remap_move(), mm/mremap.c',
    source: 'v6.17',
  },
  merge_faulted: {
    values: ['no', 'yes'],
    off: 'no',
    summary: 'a range with an anon_vma may merge into a neighbour that has none, unless a fork child is involved',
    where: 'is_mergeable_anon_vma(), mm/vma.c',
    source: '879bca0a2c4f, v6.16, as corrected in v6.18.8',
  },
  mmap_merge: {
    values: ['next_first', 'both'],
    off: null,
    summary: 'how mmap looks for neighbours to extend: the next one first and the previous one against it, or both alike',
    where: 'mmap_region(), mm/mmap.c and mm/vma.c',
    source: 'v6.12',
  },
  thp_placement: {
    values: ['no', 'yes'],
    off: 'no',
    summary: 'an anonymous mapping of whole PMDs without a hint is placed on a PMD boundary',
    where: 'thp_get_unmapped_area_vmflags(), mm/huge_memory.c',
    source: 'efa7df3e3bb5, v6.7',
  },
  dontunmap_merge: {
    values: ['alone', 'apart', 'together'],
    off: null,
    summary: 'what the copy of an unfaulted VMA that stays mapped, made right beside it, may merge with: nothing, anything but its source, or its source too',
    where: 'copy_vma(), mm/vma.c',
    source: 'stable backports of 2026 keep them apart',
  },
  dontunmap_pgoff: {
    values: ['stale', 'reset'],
    off: null,
    summary: 'whether the source that DONTUNMAP leaves empty gets the page offset of a fresh mapping',
    where: 'move_vma(), mm/mremap.c',
    source: 'stable backports of 2026 reset it',
  },
  dontunmap_locked: {
    values: ['split', 'leak'],
    off: null,
    summary: 'whether DONTUNMAP of locked memory splits the source and moves its lock, or unlocks the whole VMA and counts the pages twice',
    where: 'move_vma(), mm/mremap.c',
    source: 'the mremap refactoring of v6.15',
  },
  dontunmap_account: {
    values: ['kept', 'dropped'],
    off: null,
    summary: 'whether the source that DONTUNMAP leaves behind stays charged by its flags, or loses VM_ACCOUNT, so that unmapping it never gives its charge back',
    where: 'dontunmap_complete(), mm/mremap.c',
    source: 'lost in the refactoring of v6.15, put right in v6.18',
  },
  shrink_charge: {
    values: ['none', 'leak'],
    off: null,
    summary: 'whether a move to a smaller size is charged against the commit limit for the pages that it gave up, for good',
    where: 'vrm_calc_charge(), mm/mremap.c',
    source: 'the mremap refactoring of v6.15; seen on v6.18 as Committed_AS',
  },
  mprotect_uncharge: {
    values: ['no', 'yes'],
    off: 'no',
    summary: 'memory that becomes read-only and was never written is no longer charged against the commit limit',
    where: 'mprotect_fixup(), mm/mprotect.c',
    source: 'around v6.7',
  },
  mseal: {
    values: ['no', 'yes'],
    off: 'no',
    summary: 'mseal(2) exists',
    where: 'mm/mseal.c',
    source: 'v6.10',
  },
  guard_regions: {
    values: ['no', 'yes'],
    off: 'no',
    summary: 'MADV_GUARD_INSTALL and MADV_GUARD_REMOVE exist',
    where: 'madvise_guard_install(), mm/madvise.c',
    source: 'v6.13',
  },
  stack_nohugepage: {
    values: ['no', 'yes'],
    off: 'no',
    summary: 'MAP_STACK keeps huge pages out of the mapping',
    where: 'calc_vm_flag_bits(), include/linux/mman.h',
    source: 'c4608d1bf7c6, v6.7',
  },
  pt_reclaim: {
    values: ['no', 'yes'],
    off: 'no',
    summary: 'MADV_DONTNEED gives back the PTE tables that it covers whole and leaves empty (CONFIG_PT_RECLAIM)',
    where: 'zap_pte_range(), mm/memory.c',
    source: 'v6.14',
  },
  mmap_replace: {
    values: ['unmap_first', 'gather'],
    off: null,
    summary: 'whether MAP_FIXED has unmapped what it replaces before the checks that can still fail',
    where: 'mmap_region(), mm/mmap.c and mm/vma.c',
    source: 'v6.12',
  },
  lockonfault_shown: {
    values: ['no', 'yes'],
    off: null,
    summary: 'smaps prints lf for memory locked on fault',
    where: 'show_smap_vma_flags(), fs/proc/task_mmu.c',
    source: 'between v6.1 and v6.12',
  },
  huge_zero_write: {
    values: ['split', 'replace'],
    off: null,
    summary: 'whether a store to the huge zero page splits it and copies one page, or puts a huge page in its place',
    where: 'do_huge_pmd_wp_page(), mm/huge_memory.c',
    source: 'between v6.12 and v6.18',
  },
  uffd_table_moves: {
    values: ['refused', 'not_tried'],
    off: null,
    summary: 'whether a table move of memory watched by a userfaultfd without EVENT_REMAP is tried and refused, or not tried',
    where: 'move_normal_pmd(), move_pgt_entry(), mm/mremap.c',
    source: 'stable backports in v6.12.y',
  },
  relocate_anon: {
    values: ['no', 'yes'],
    off: 'no',
    summary: 'MREMAP_RELOCATE_ANON and MREMAP_MUST_RELOCATE_ANON exist: moved anonymous memory gets the anon_vma and the page offsets of its new place, so that it merges there',
    where: 'relocate_anon_folios(), mm/mremap.c',
    source: 'posted in June 2025 (cover.1749473726.git.lorenzo.stoakes@oracle.com), not merged',
  },
  pin_policy: {
    values: ['skip', 'fail', 'ignore'],
    off: null,
    summary: 'what relocation does with a pinned page: passes over it, as posted; fails, as the cover letter has it; or relocates it like any other, as the review came to prefer',
    where: 'relocate_anon_pte(), mm/mremap.c',
    source: 'the posting of June 2025 and its review',
  },
  on_failure: {
    values: ['undo', 'split'],
    off: null,
    summary:
      'what a relocation that fails half way does: undoes what it did and moves as usual, or keeps it, splits the VMA there and moves the rest as usual, as Harry Yoo proposed',
    where: 'undo_relocate_anon_folios(), mm/mremap.c',
    source: 'the posting of June 2025 and its review',
  },
  relocate_undo: {
    values: ['cursor', 'whole'],
    off: null,
    summary: 'where the undo begins when the page tables could not be moved: where the move had come to, as posted, or at the start, as it was meant',
    where: 'move_vma(), mm/mremap.c',
    source: 'the posting of June 2025, as read',
  },
  vdso_pages: {
    values: ['1', '2'],
    off: null,
    summary: 'how many pages the vdso has',
    where: 'arch/x86/entry/vdso',
    source: 'as recorded',
  },
  // What only shows when several CPUs are at work ------------------------------------------------------
  pmd_move_rmap_lock: {
    values: ['no', 'yes'],
    off: 'no',
    summary: 'a move of a whole table takes the locks of the reverse map (races only)',
    where: 'move_normal_pmd(), take_rmap_locks(), mm/mremap.c',
    source: '97113eb39fa7, v5.14, v5.13.3; without it CVE-2022-41222, v5.0 to v5.13.2',
  },
  move_ptes_flush_under_ptl: {
    values: ['no', 'yes'],
    off: 'no',
    summary: 'entries that moved are flushed from the TLBs before the page table lock of the destination is dropped (races only)',
    where: 'move_ptes(), mm/mremap.c',
    source: 'eb66ae030829, v4.19, v4.18.16, v4.14.78, v4.9.135; without it CVE-2018-18281',
  },
  move_pmd_recheck: {
    values: ['no', 'yes'],
    off: 'no',
    summary: 'a move of a whole table looks at the source entry again under the locks (races only)',
    where: 'move_normal_pmd(), mm/mremap.c',
    source: '6fa1066fc5d0, v6.12, v6.11.5; without it, and with retract_mmap_lock=no, CVE-2024-50066, v6.6 to v6.11.4',
  },
  move_devmap_huge: {
    values: ['no', 'yes'],
    off: 'no',
    summary: 'a move knows the huge entries of DAX mappings for what they are (races only)',
    where: 'move_page_tables(), mm/mremap.c',
    source: '5bfea2d9b17f, v5.8, v5.7.1; without it CVE-2020-10757',
  },
  retract_mmap_lock: {
    values: ['no', 'yes'],
    off: 'no',
    summary: 'page tables are retracted from the mappings of a collapsed file only with their mmap lock held (races only)',
    where: 'retract_page_tables(), mm/khugepaged.c',
    source: '1d65b771bc08, v6.6, does without',
  },
  need_rmap_locks: {
    values: ['no', 'yes'],
    off: 'no',
    summary: 'entries move under the locks of the reverse map where a walk would come to the destination before the source (races only)',
    where: 'copy_vma(), mm/mmap.c and mm/vma.c; move_ptes(), mm/mremap.c',
    source: '38a76013ad80, v3.7',
  },
  rmap_ties: {
    values: ['before', 'after'],
    off: 'before',
    summary: 'where a VMA sorts among those of its page offset in the trees of the reverse map: a copy must come after its source (races only)',
    where: 'vma_interval_tree_insert_after(), anon_vma_interval_tree_insert(), mm/interval_tree.c',
    source: '108d6642ad81 (v2.6.35) and bf181b9f9d8d (v3.7) keep that order',
  },
  per_vma_locks: {
    values: ['no', 'yes'],
    off: 'no',
    summary: 'page faults take the lock of their VMA in place of the mmap lock (races only)',
    where: 'lock_vma_under_rcu(), mm/memory.c',
    source: '0bff0aaea03e, v6.4',
  },
  vma_write_lock: {
    values: ['no', 'yes'],
    off: 'no',
    summary: 'a move write-locks its source VMA first (races only)',
    where: 'vma_start_write(), move_vma(), mm/mremap.c',
    source: 'd6ac235de7f4, v6.4, with per-VMA locks; moved before copy_vma() in v6.5',
  },
  pte_map_recheck: {
    values: ['no', 'yes'],
    off: 'no',
    summary: 'who has mapped and locked a PTE table looks whether it is still the one (races only)',
    where: 'pte_offset_map_lock(), mm/pgtable-generic.c',
    source: '0d940a9b270b, v6.5',
  },
  anon_vma_recheck: {
    values: ['no', 'yes'],
    off: 'no',
    summary: 'the first write fault of a VMA looks again, under page_table_lock, whether another one gave it an anon_vma (races only)',
    where: '__anon_vma_prepare(), mm/rmap.c',
    source: 'since the anon_vma is (v2.6.7)',
  },
  stack_rmap_skip: {
    values: ['no', 'yes'],
    off: 'no',
    summary: 'migration leaves the stack of a new program alone while execve moves it (races only)',
    where: 'invalid_migration_vma(), vma_is_temporary_stack(), mm/rmap.c',
    source: 'a8bef8ff6ea1, v2.6.35',
  },
  merge_dup_anon_vma: {
    values: ['no', 'yes'],
    off: 'no',
    summary: 'an unfaulted neighbour that takes a copied VMA in gets the anon_vma of its source (races only)',
    where: 'vma_expand(), dup_anon_vma(), mm/vma.c',
    source: 'v6.19, v6.18.8; without it, and with merge_faulted=yes, CVE-2026-23077, v6.16 to v6.18.7',
  },
  relocate_lock: {
    values: ['no', 'yes'],
    off: 'no',
    summary: 'relocation holds the lock of the new anon_vma from the first folio until the page tables have moved',
    where: 'relocate_anon_folios(), mm/mremap.c',
    source: 'posted June 2025, in no release',
  },
  relocate_folio_lock: {
    values: ['none', 'under_ptl', 'keep'],
    off: 'none',
    summary: 'how relocation locks a folio: not at all, with the page table lock held (as posted), or by trying, and then until all have moved (what if)',
    where: 'relocate_anon_pte(), mm/mremap.c',
    source: 'posted June 2025, in no release',
  },
  relocate_order: {
    values: ['mapping_first', 'index_first'],
    off: null,
    summary: 'which of folio->mapping and folio->index relocation writes first',
    where: 'relocate_anon_pte(), mm/mremap.c',
    source: 'posted June 2025, in no release',
  },
  walk_folio_lock: {
    values: ['no', 'yes'],
    off: 'no',
    summary: 'a reverse-map walk that only looks has the folio locked (races only)',
    where: 'folio_referenced(), mm/rmap.c',
    source: 'what if',
  },
} as const satisfies Record<string, Behaviour>;

export type BehaviourName = keyof typeof BEHAVIOURS;
export type Behaviours = { readonly [N in BehaviourName]: (typeof BEHAVIOURS)[N]['values'][number] };
