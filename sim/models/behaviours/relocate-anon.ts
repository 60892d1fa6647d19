/** MREMAP_RELOCATE_ANON as it was posted in June 2025, and what its review made of it: no release has any of it. */
import type { Behaviour } from './behaviour.js';

export const RELOCATE_ANON = {
  relocate_anon: {
    values: ['no', 'yes'],
    off: 'no',
    initially: 'no',
    summary: 'MREMAP_RELOCATE_ANON and MREMAP_MUST_RELOCATE_ANON exist: moved anonymous memory gets the anon_vma and the page offsets of its new place, so that it merges there',
    where: 'relocate_anon_folios(), mm/mremap.c',
    source: 'posted in June 2025 (cover.1749473726.git.lorenzo.stoakes@oracle.com), not merged',
  },
  pin_policy: {
    values: ['skip', 'fail', 'ignore'],
    off: null,
    initially: 'skip',
    summary: 'what relocation does with a pinned page: passes over it, as posted; fails, as the cover letter has it; or relocates it like any other, as the review came to prefer',
    where: 'relocate_anon_pte(), mm/mremap.c',
    source: 'the posting of June 2025 and its review',
  },
  on_failure: {
    values: ['undo', 'split'],
    off: null,
    initially: 'undo',
    summary:
      'what a relocation that fails half way does: undoes what it did and moves as usual, or keeps it, splits the VMA there and moves the rest as usual, as Harry Yoo proposed',
    where: 'undo_relocate_anon_folios(), mm/mremap.c',
    source: 'the posting of June 2025 and its review',
  },
  relocate_undo: {
    values: ['cursor', 'whole'],
    off: null,
    initially: 'cursor',
    summary: 'where the undo begins when the page tables could not be moved: where the move had come to, as posted, or at the start, as it was meant',
    where: 'move_vma(), mm/mremap.c',
    source: 'the posting of June 2025, as read',
  },
  relocate_lock: {
    values: ['no', 'yes'],
    off: 'no',
    initially: 'yes',
    summary: 'relocation holds the lock of the new anon_vma from the first folio until the page tables have moved',
    where: 'relocate_anon_folios(), mm/mremap.c',
    source: 'posted June 2025, in no release',
  },
  relocate_folio_lock: {
    values: ['none', 'under_ptl', 'keep'],
    off: 'none',
    initially: 'under_ptl',
    summary: 'how relocation locks a folio: not at all, with the page table lock held (as posted), or by trying, and then until all have moved (what if)',
    where: 'relocate_anon_pte(), mm/mremap.c',
    source: 'posted June 2025, in no release',
  },
  relocate_order: {
    values: ['mapping_first', 'index_first'],
    off: null,
    initially: 'mapping_first',
    summary: 'which of folio->mapping and folio->index relocation writes first',
    where: 'relocate_anon_pte(), mm/mremap.c',
    source: 'posted June 2025, in no release',
  },
} as const satisfies Record<string, Behaviour>;
