/**
 * hugetlb memory (mm/hugetlb.c): huge pages from a pool of their own, mapped whole and never split.
 * No table is put aside for them, and they are no part of the resident size.
 */
import type { Pages, Vpn } from '../../machine/index.js';
import type { Mm } from '../vma/mm.js';
import { anonPgoffAt, pgoffAt, type VmArea } from '../vma/vm-area.js';
import { VM } from '../vma/vm-flags.js';
import { anonVmaPrepare } from './fault-anon.js';
import type { FaultStop } from './fault-stop.js';
import { allocPath } from './map.js';
import { isFrame, PTE } from './page-tables.js';
import type { SharedObject } from './shared-object.js';

export const isHugetlb = (vma: VmArea): boolean => (vma.flags & VM.HUGETLB) !== 0;

/** Pages of one huge page: a PMD's. */
export const hugetlbPages = (mm: Mm): Pages => mm.pageTables.tableSpan(0);

export const isHugeAligned = (mm: Mm, at: Vpn): boolean => at % hugetlbPages(mm) === 0;
export const alignHuge = (mm: Mm, pages: Pages): Pages => Math.ceil(pages / hugetlbPages(mm)) * hugetlbPages(mm);

/** hugetlb_fault(): page by huge page. */
export function faultHugetlb(mm: Mm, vma: VmArea, object: SharedObject, from: Vpn, to: Vpn, write: boolean): FaultStop | null {
  const block = hugetlbPages(mm);
  for (let at = from - (from % block); at < to; at += block) {
    const entry = mm.pageTables.hugeAt(at);
    if (entry === undefined) {
      const stop = mapBlock(mm, vma, object, at, Math.max(at, from));
      if (stop !== null) return stop;
    } else if (write && (vma.flags & VM.SHARED) === 0 && (mm.memory.folio(entry.pfn)?.mapcount ?? 1) > 1) {
      copyBlock(mm, vma, at, entry.pfn);
    }
  }
  return null;
}

/** hugetlb_no_page(): shared memory takes the object's page, private memory one of its own, for loads too. */
function mapBlock(mm: Mm, vma: VmArea, object: SharedObject, at: Vpn, touched: Vpn): FaultStop | null {
  const block = hugetlbPages(mm);
  const offset = pgoffAt(vma, at);
  if (offset >= object.pages) return { signal: 'SIGBUS', at: touched };
  allocPath(mm, 1, at, at + block);
  let pfn = vma.flags & VM.SHARED ? object.cache.get(offset)?.pfn : undefined;
  if (pfn === undefined) {
    const mapping = vma.flags & VM.SHARED ? { object: object.id } : { anonVma: anonVmaPrepare(mm, vma) };
    pfn = mm.memory.alloc(block, mapping, vma.flags & VM.SHARED ? offset : anonPgoffAt(vma, at), mm.pageTables.hugeOrder);
    if (vma.flags & VM.SHARED) object.cache.set(offset, block, { pfn });
  }
  mm.pageTables.setHuge(at, 1, { pfn, flags: PTE.HUGETLB });
  mm.memory.map(pfn, block);
  mm.recorder.faults.write += block;
  return null;
}

/** hugetlb_wp() */
function copyBlock(mm: Mm, vma: VmArea, at: Vpn, from: number): void {
  const block = hugetlbPages(mm);
  const pfn = mm.memory.alloc(block, { anonVma: anonVmaPrepare(mm, vma) }, anonPgoffAt(vma, at), mm.pageTables.hugeOrder);
  mm.memory.copy(from, pfn, block);
  mm.pageTables.clearHuge(at, at + block);
  mm.memory.unmap(from, block);
  mm.pageTables.setHuge(at, 1, { pfn, flags: PTE.HUGETLB });
  mm.memory.map(pfn, block);
}

/** move_hugetlb_page_tables(): entry by entry, without realignment and outside every counter but the call's. */
export function moveHugetlbPageTables(mm: Mm, old: Vpn, to: Vpn, pages: Pages): void {
  for (const run of mm.pageTables.hugeRuns(old, old + pages)) {
    if (!isFrame(run.value)) continue;
    const target = run.start - old + to;
    allocPath(mm, 1, target, target + run.count);
    mm.pageTables.moveHuge(run.start, target, run.count);
  }
}
