/** Dropping the pages of a range: unmap_vmas() and zap_page_range_single(), mm/memory.c. */
import type { Vpn } from '../../machine/index.js';
import type { Mm } from '../vma/mm.js';
import { splitHugePmd } from './split-huge.js';
import { unmapPte } from './map.js';
import { isFrame, isResident, PTE } from './page-tables.js';

/** Drops entries of every kind, as the mapping goes too. The tables stay. */
export function zapRange(mm: Mm, from: Vpn, to: Vpn): void {
  if (mm.pageTables.holdsHuge) zapHuge(mm, from, to);
  for (const run of mm.pageTables.entries.take(from, to)) {
    unmapPte(mm, run.value, run.count);
    if (isResident(run.value)) mm.rss -= run.count;
  }
}

/** unmap_vmas(): the pages of the VMAs, and nothing that may lie between them. */
export function unmapVmas(mm: Mm, vmas: readonly { readonly start: Vpn; readonly end: Vpn }[]): void {
  let [start, end] = [0, 0];
  for (const vma of vmas) {
    if (vma.start !== end) {
      if (start < end) zapRange(mm, start, end);
      start = vma.start;
    }
    end = vma.end;
  }
  zapRange(mm, start, end);
}

/** zap_huge_pmd() where the range covers the block, else a split. */
function zapHuge(mm: Mm, from: Vpn, to: Vpn): void {
  const block = mm.pageTables.tableSpan(0);
  for (const border of [from, to]) if (border % block !== 0) splitHugePmd(mm.pageTables, border);
  for (const run of mm.pageTables.hugeRuns(from, to)) {
    mm.pageTables.clearHuge(run.start, run.start + run.count);
    if (!isFrame(run.value)) continue;
    mm.memory.unmap(run.value.pfn, run.count);
    if (run.value.flags !== PTE.HUGETLB) mm.rss -= run.count;
  }
}

/** Drops the pages of a mapping that stays; its guards stay as well. */
export function discardRange(mm: Mm, from: Vpn, to: Vpn): void {
  const kept = mm.pageTables.entries.list(from, to).filter((run) => run.value.pfn < 0);
  zapRange(mm, from, to);
  for (const run of kept) mm.pageTables.entries.set(run.start, run.count, run.value);
}

/** try_to_free_pte(), mm/pt_reclaim.c, v6.14: the PTE tables that the range covers whole and has left empty. */
export function reclaimPageTables(mm: Mm, from: Vpn, to: Vpn): void {
  const { pageTables, recorder } = mm;
  const span = pageTables.tableSpan(0);
  const end = Math.floor(to / span);
  for (let table = Math.ceil(from / span); table < end;) {
    const used = pageTables.entries.firstFrom(table * span);
    const empty = used === undefined ? end : Math.min(end, Math.floor(used / span));
    recorder.tablesFreed(pageTables.levelName(0), pageTables.free(0, table, empty));
    table = Math.max(empty + 1, table + 1);
  }
}
