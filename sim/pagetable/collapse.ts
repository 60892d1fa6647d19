/** MADV_COLLAPSE: madvise_collapse(), mm/khugepaged.c. */
import type { Vpn } from '../../machine/index.js';
import type { Mm } from '../vma/mm.js';
import { anonPgoffAt, type VmArea } from '../vma/vm-area.js';
import { isKsm } from './ksm.js';
import { isFrame } from './page-tables.js';
import { zapRange } from './zap.js';

/**
 * collapse_huge_page(), as MADV_COLLAPSE asks for it: the pages of a block, present
 * or not, are copied into a huge one; it is enough that there is a table for them. False where there is none.
 */
export function collapseBlock(mm: Mm, vma: VmArea, start: Vpn): boolean {
  const { pageTables, memory } = mm;
  const block = pageTables.tableSpan(0);
  if (pageTables.hugeAt(start) !== undefined) return true;
  const pages = pageTables.entries.list(start, start + block);
  if (vma.anonVma === null || !pageTables.hasTable(0, start)) return false;
  const pfn = memory.alloc(block, { anonVma: vma.anonVma }, anonPgoffAt(vma, start), pageTables.hugeOrder);
  for (const run of pages) {
    if (!isFrame(run.value)) continue;
    if (isKsm(run.value)) for (let i = 0; i < run.count; i++) memory.copy(run.value.pfn, pfn + (run.start - start) + i, 1);
    else memory.copy(run.value.pfn, pfn + (run.start - start), run.count);
  }
  zapRange(mm, start, start + block);
  pageTables.free(0, start / block, start / block + 1);
  pageTables.setHuge(start, 1, { pfn });
  memory.map(pfn, block);
  mm.rss += block;
  return true;
}
