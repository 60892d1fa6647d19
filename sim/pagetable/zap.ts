/** zap_page_range_single() and unmap_vmas(), mm/memory.c: drops the pages of a range, keeps its tables. */
import type { Vpn } from '../../machine/index.js';
import { ZERO_PFN } from '../rmap/folio.js';
import type { Mm } from '../vma/mm.js';

export function zapRange(mm: Mm, from: Vpn, to: Vpn): void {
  for (const run of mm.pageTables.entries.take(from, to)) {
    if (run.value.pfn === ZERO_PFN) continue;
    mm.memory.unmap(run.value.pfn, run.count);
    mm.rss -= run.count;
  }
}
