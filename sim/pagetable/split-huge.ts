/** Splitting a huge entry (mm/huge_memory.c): the table that was put aside for it takes its place. */
import type { Vpn } from '../../machine/index.js';
import type { PageTables } from './page-tables.js';

/** __split_huge_pmd(): the table that was put aside takes the entry's place, all its entries filled. */
export function splitHugePmd(pageTables: PageTables, at: Vpn): void {
  const block = pageTables.tableSpan(0);
  const start = at - (at % block);
  const huge = pageTables.hugeAt(start);
  if (huge === undefined) return;
  pageTables.clearHuge(start, start + block);
  pageTables.alloc(0, start, start + block);
  pageTables.entries.set(start, block, huge);
}

/** vma_adjust_trans_huge(): no huge entry crosses the border of a VMA. */
export function splitAtBorders(pageTables: PageTables, vma: { readonly start: Vpn; readonly end: Vpn }): void {
  const block = pageTables.tableSpan(0);
  for (const border of [vma.start, vma.end]) if (border % block !== 0) splitHugePmd(pageTables, border);
}
