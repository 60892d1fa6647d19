/**
 * Transparent huge pages (mm/huge_memory.c): a PMD entry that maps 2 MiB itself. The kernel keeps a
 * page table in reserve for each, in case it has to be split, and counts that table as if it were in use.
 */
import type { Vpn } from '../../machine/index.js';
import type { Mm } from '../vma/mm.js';
import { isAnonymous, type VmArea } from '../vma/vm-area.js';
import { VM } from '../vma/vm-flags.js';

/** How many blocks from the one that holds `at`, one after the other, a fault may map huge, of those that [at, to) touches. */
export function hugeBlocksAt(mm: Mm, vma: VmArea, at: Vpn, to: Vpn): number {
  if (!wantsHugePages(mm, vma)) return 0;
  const { pageTables } = mm;
  const block = pageTables.tableSpan(0);
  const start = at - (at % block);
  if (start < vma.start || pageTables.hasTable(0, start) || pageTables.hugeAt(start) !== undefined) return 0;
  const limit = Math.min(vma.end, to + block - 1 - ((to + block - 1) % block), pageTables.firstCovered(0, start), pageTables.firstHuge(start));
  return Math.max(0, Math.floor((limit - start) / block));
}

/** thp_vma_allowable_order(): private anonymous memory that asked for it, or all that did not ask not to. */
export function wantsHugePages(mm: Mm, vma: VmArea): boolean {
  if (!isAnonymous(vma) || vma.image || vma.uffd !== null) return false;
  switch (mm.limits.thp) {
    case 'always':
      return (vma.flags & VM.NOHUGEPAGE) === 0;
    case 'madvise':
      return (vma.flags & VM.HUGEPAGE) !== 0;
    case 'never':
      return false;
  }
}
