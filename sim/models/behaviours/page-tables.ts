/** What moves as a table and what as entries, and what faults and zaps leave of the tables. */
import type { Behaviour } from './behaviour.js';

export const PAGE_TABLES = {
  realign: {
    values: ['none', 'v2', 'v3', 'merged', 'linus_review', 'pud'],
    off: 'none',
    initially: 'none',
    changes: [{ release: '6.7', value: 'merged', commit: 'af8ca1c14906' }],
    standing: { v2: 'as posted', v3: 'as posted', linus_review: 'what if', pud: 'what if' },
    summary:
      'round a mutually aligned move down to a PMD boundary: as merged (nothing mapped below either start), as posted in v2 or v3, as Linus Torvalds proposed in the review of v2, or to a PUD boundary too (what if)',
    where: 'try_realign_addr(), can_align_down(), mm/mremap.c',
    source: 'af8ca1c14906 and b1e5a3dee255, v6.7',
  },
  realign_int: {
    values: ['no', 'yes'],
    off: 'no',
    initially: 'no',
    standing: { yes: 'as posted' },
    summary: 'the second posting kept the masked address in an int: cut to 32 bits and sign-extended',
    where: 'can_align_down(), mm/mremap.c',
    source: 'the second posting, May 2023',
  },
  pud_moves: {
    values: ['no', 'yes'],
    off: 'no',
    initially: 'no',
    changes: [{ release: '5.11', value: 'yes' }],
    summary: 'a move re-hangs whole PMD tables too, and passes over a missing PUD entry at once; without that it goes on by a PMD at most',
    where: 'move_normal_pud() and get_extent(), mm/mremap.c',
    source: 'c49dd3401802, v5.11; 7d846db7d0be, v5.14',
  },
  uffd_table_moves: {
    values: ['moved', 'refused', 'refused_first', 'not_tried'],
    off: null,
    initially: 'moved',
    changes: [
      { release: '6.13', value: 'refused', commit: '0cef0bb836e3', stable: { '6.1': 192, '6.12': 11 } },
      { release: '6.17', value: 'refused_first', commit: '772e5b4a5e83', stable: { '6.16': 4 } },
      { release: null, value: 'not_tried', stable: { '6.12': 117 } },
    ],
    summary:
      'whether memory watched by a userfaultfd without EVENT_REMAP moves by tables, its write protection with it; is refused that once the destination was found free (with a warning where it is not); is refused it first; or is not tried',
    where: 'move_normal_pmd(), move_page_tables() and move_ptes(), mm/mremap.c',
    source: '0cef0bb836e3, v6.13, clears the write protection; 772e5b4a5e83, v6.17, asks first; its backport to 6.12.y asks in move_page_tables()',
  },
  huge_zero_write: {
    values: ['split', 'replace'],
    off: null,
    initially: 'split',
    changes: [{ release: '6.13', value: 'replace', commit: '1ced09e0331f' }],
    summary: 'whether a store to the huge zero page splits it and copies one page, or puts a huge page in its place',
    where: 'do_huge_pmd_wp_page(), mm/huge_memory.c',
    source: '1ced09e0331f, v6.13',
  },
  pt_reclaim: {
    values: ['no', 'yes'],
    off: 'no',
    initially: 'no',
    changes: [{ release: '6.14', value: 'yes', commit: '6375e95f381e' }],
    summary: 'MADV_DONTNEED gives back the PTE tables that it covers whole and leaves empty (CONFIG_PT_RECLAIM)',
    where: 'zap_pte_range(), mm/memory.c',
    source: '6375e95f381e, v6.14',
  },
} as const satisfies Record<string, Behaviour>;
