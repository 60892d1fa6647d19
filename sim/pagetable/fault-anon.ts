/** Faults on private anonymous memory: do_anonymous_page(), do_huge_pmd_anonymous_page(), do_wp_page() (mm/memory.c, mm/huge_memory.c). */
import type { Vpn } from '../../machine/index.js';
import type { Run } from '../extents.js';
import { ZERO_PFN } from '../rmap/folio.js';
import { atPage, number } from '../values.js';
import { findMergeableAnonVma } from '../vma/merge.js';
import type { Mm } from '../vma/mm.js';
import { anonPgoffAt, type VmArea } from '../vma/vm-area.js';
import { hugeBlocksAt } from './huge.js';
import { splitHugePmd } from './split-huge.js';
import { allocPath, gaps, mapFrames, unmapPte } from './map.js';
import { isFrame, PTE, type Pte } from './page-tables.js';

/** Makes the pages of [from, to), all in one VMA, present and, for a store, its own. */
export function faultAnonymous(mm: Mm, vma: VmArea, from: Vpn, to: Vpn, write: boolean): void {
  const missing = gaps(mm, from, to);
  for (const gap of missing) populateGap(mm, vma, gap.start, gap.start + gap.count, write);
  // What has just come is its own already.
  if (!write || (missing.length === 1 && missing[0]?.count === to - from)) return;
  for (const run of copied(mm, from, to)) copyOnWrite(mm, vma, anonVmaPrepare(mm, vma), run);
  reuse(mm, from, to);
}

/** wp_can_reuse_anon_folio(): what a fork shared once and nobody else maps any more belongs to this process alone again. */
export function reuse(mm: Mm, from: Vpn, to: Vpn): void {
  if (!mm.kernel.forked) return;
  for (const run of mm.pageTables.leafRuns(from, to)) {
    if (!isFrame(run.value)) continue;
    for (const folios of mm.memory.runs(run.value.pfn, run.count)) {
      if (folios.value.shared === true && folios.value.mapcount === 1) mm.memory.update(folios.start, folios.count, (folio) => ({ ...folio, shared: false }));
    }
  }
}

/** A stretch without entries: whole blocks by huge pages where they may be, the rest page by page. */
function populateGap(mm: Mm, vma: VmArea, from: Vpn, to: Vpn, write: boolean): void {
  const block = mm.pageTables.tableSpan(0);
  for (let at = from; at < to;) {
    const blocks = hugeBlocksAt(mm, vma, at, to);
    if (blocks > 0) {
      const start = at - (at % block);
      mapHuge(mm, vma, start, blocks, write);
      at = start + blocks * block;
      continue;
    }
    const end = nextHugeBlock(mm, vma, at, to);
    mapSmall(mm, vma, at, end, write);
    at = end;
  }
}

/** Where the pages end that only small entries can map. */
function nextHugeBlock(mm: Mm, vma: VmArea, from: Vpn, to: Vpn): Vpn {
  if (!mm.mayHaveHugePages) return to;
  const block = mm.pageTables.tableSpan(0);
  for (let at = from - (from % block) + block; at < to; at += block) if (hugeBlocksAt(mm, vma, at, to) > 0) return at;
  return to;
}

function mapSmall(mm: Mm, vma: VmArea, from: Vpn, to: Vpn, write: boolean): void {
  allocPath(mm, 0, from, to);
  if (write) {
    const pfn = mm.memory.alloc(to - from, { anonVma: anonVmaPrepare(mm, vma) }, anonPgoffAt(vma, from), 0, 1);
    mm.pageTables.entries.set(from, to - from, { pfn });
    mm.rss += to - from;
    mm.recorder.faults.write += to - from;
  } else {
    mm.pageTables.entries.set(from, to - from, { pfn: ZERO_PFN });
    mm.recorder.faults.read += to - from;
  }
}

/** do_huge_pmd_anonymous_page(): a load maps the huge zero page, and prepares the anon_vma all the same. */
function mapHuge(mm: Mm, vma: VmArea, start: Vpn, blocks: number, write: boolean): void {
  const pages = blocks * mm.pageTables.tableSpan(0);
  const anonVma = anonVmaPrepare(mm, vma);
  allocPath(mm, 1, start, start + pages);
  if (!write) {
    mm.pageTables.setHuge(start, blocks, { pfn: ZERO_PFN });
    mm.recorder.faults.read += pages;
    return;
  }
  const pfn = mm.memory.alloc(pages, { anonVma }, anonPgoffAt(vma, start), mm.pageTables.hugeOrder);
  mm.pageTables.setHuge(start, blocks, { pfn });
  mm.memory.map(pfn, pages);
  mm.rss += pages;
  mm.recorder.faults.write += pages;
}

/** The present pages of a private mapping that a store cannot use as they are: the zero page, pages of a file, pages shared with another process. */
export function copied(mm: Mm, from: Vpn, to: Vpn): Run<Pte>[] {
  splitSharedHuge(mm, from, to);
  const found: Run<Pte>[] = [];
  for (const run of mm.pageTables.entries.list(from, to)) {
    if (run.value.pfn === ZERO_PFN || run.value.flags === PTE.KSM) {
      found.push(run);
      continue;
    }
    for (const folios of mm.memory.runs(run.value.pfn, run.count)) {
      if ('anonVma' in folios.value.mapping && folios.value.mapcount === 1) continue;
      found.push({ start: run.start + (folios.start - run.value.pfn), count: folios.count, value: { pfn: folios.start } });
    }
  }
  return found;
}

/** wp_page_copy(), mm/memory.c: a copy of its own takes the page's place. */
export function copyOnWrite(mm: Mm, vma: VmArea, anonVma: number, run: Run<Pte>): void {
  const pfn = mm.memory.alloc(run.count, { anonVma }, anonPgoffAt(vma, run.start));
  if (isFrame(run.value)) {
    if (run.value.flags === PTE.KSM) for (let i = 0; i < run.count; i++) mm.memory.copy(run.value.pfn, pfn + i, 1);
    else mm.memory.copy(run.value.pfn, pfn, run.count);
    unmapPte(mm, run.value, run.count);
    mm.rss -= run.count;
  }
  mapFrames(mm, run.start, pfn, run.count);
  mm.recorder.faults.write += run.count;
}

/** A huge entry that a store cannot use: the huge zero page and pages that another process maps too (do_huge_pmd_wp_page()). */
function splitSharedHuge(mm: Mm, from: Vpn, to: Vpn): void {
  const block = mm.pageTables.tableSpan(0);
  for (const run of mm.pageTables.hugeRuns(from, to)) {
    for (let at = run.start; at < run.start + run.count; at += block) {
      const pfn = mm.pageTables.hugeAt(at)?.pfn ?? ZERO_PFN;
      if (pfn !== ZERO_PFN) {
        if ((mm.memory.folio(pfn)?.mapcount ?? 1) > 1) splitHugePmd(mm.pageTables, at);
        continue;
      }
      const vma = mm.lookup(at);
      if (mm.behaviours.huge_zero_write === 'split' || vma === undefined) {
        splitHugePmd(mm.pageTables, at);
        continue;
      }
      mm.pageTables.clearHuge(at, at + block);
      mapHuge(mm, vma, at, 1, true);
    }
  }
}

/** __anon_vma_prepare(), mm/rmap.c: the anon_vma of a VMA about to get its first page of its own. */
export function anonVmaPrepare(mm: Mm, stale: VmArea): number {
  // The caller's VMA may be from before an earlier fault of the same access.
  const vma = mm.lookup(stale.start) ?? stale;
  if (vma.anonVma !== null) return vma.anonVma;
  const neighbour = findMergeableAnonVma(mm, vma);
  const id = neighbour?.anonVma ?? mm.anonVmas.create();
  mm.replace([vma], [{ ...vma, anonVma: id, chain: [id] }]);
  mm.recorder.step(
    mm.functions.anonVmaPrepare,
    'done',
    neighbour === null ? 'anon_vma.new' : 'anon_vma.shared',
    neighbour === null ? 'gave the VMA an anon_vma of its own' : 'shared the anon_vma of a neighbour',
    () => [atPage(mm, 'vm_start', vma.start), number('anon_vma', id)],
  );
  return id;
}
