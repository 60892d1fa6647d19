/** copy_page_range(), mm/memory.c: what a forked child gets of its parent's pages. */
import type { Vpn } from '../../machine/index.js';
import type { Run } from '../extents.js';
import { atPage, number } from '../values.js';
import type { Mm } from '../vma/mm.js';
import { anonPgoffAt, type VmArea } from '../vma/vm-area.js';
import { VM } from '../vma/vm-flags.js';
import { splitHugePmd } from './split-huge.js';
import { isAnonymousFrame } from './ksm.js';
import { mapFrames, mapPte } from './map.js';
import { isFrame, isResident, PTE, type Pte } from './page-tables.js';

/** vma_needs_copy(): anonymous pages, and guards, could not be faulted in again. */
export const needsCopy = (vma: VmArea, copy: VmArea): boolean => (vma.flags & VM.WIPEONFORK) === 0 && (copy.anonVma !== null || (copy.flags & VM.MAYBE_GUARD) !== 0);

/**
 * Only VMAs with an anon_vma are copied, the others fault again. The child gets a
 * table wherever the parent has one in the VMA's range, be it empty.
 */
export function copyPageRange(parent: Mm, child: Mm, vma: VmArea, copy: VmArea): void {
  if (vma.image) {
    copyTablesOnly(parent, child, vma.start, vma.end);
    return;
  }
  if (!needsCopy(vma, copy)) return;
  parent.kernel.forked = true;
  if (parent.hasPinned) splitPinned(parent, vma);
  copyTablesOnly(parent, child, vma.start, vma.end);
  for (const run of parent.pageTables.hugeRuns(vma.start, vma.end)) {
    child.pageTables.setHuge(run.start, run.count / parent.pageTables.tableSpan(0), run.value);
    if (!isFrame(run.value)) continue;
    parent.memory.share(run.value.pfn, run.count);
    if (run.value.flags !== PTE.HUGETLB) child.rss += run.count;
  }
  for (const run of parent.pageTables.entries.list(vma.start, vma.end)) {
    if (parent.hasPinned && isAnonymousFrame(run.value)) copyUnlessShared(parent, child, copy, run);
    else sharePages(parent, child, run);
  }
}

/** copy_present_ptes(): the page is shared from now on. */
function sharePages(parent: Mm, child: Mm, run: Run<Pte>): void {
  child.pageTables.entries.set(run.start, run.count, run.value);
  if (isFrame(run.value) && run.value.flags !== PTE.KSM) parent.memory.share(run.value.pfn, run.count);
  else mapPte(parent, run.value, run.count);
  if (isResident(run.value)) child.rss += run.count;
}

/** copy_huge_pmd(): a huge page that is pinned cannot be shared, and is copied page by page. */
function splitPinned(parent: Mm, vma: VmArea): void {
  const block = parent.pageTables.tableSpan(0);
  for (const run of parent.pageTables.hugeRuns(vma.start, vma.end)) {
    if (!isFrame(run.value) || run.value.flags === PTE.HUGETLB) continue;
    for (let i = 0; i < run.count; i += block) if (parent.memory.isPinned(run.value.pfn + i)) splitHugePmd(parent.pageTables, run.start + i);
  }
}

/** copy_present_page(), for folio_needs_cow_for_dma(): what a device may write to stays the parent's; the child gets its copy at once. */
function copyUnlessShared(parent: Mm, child: Mm, copy: VmArea, run: Run<Pte>): void {
  const { memory } = parent;
  for (const folios of memory.runs(run.value.pfn, run.count)) {
    const at = run.start + (folios.start - run.value.pfn);
    const { mapping } = folios.value;
    if (!('anonVma' in mapping) || copy.anonVma === null || !memory.isPinned(folios.start)) {
      sharePages(parent, child, { start: at, count: folios.count, value: { ...run.value, pfn: folios.start } });
      continue;
    }
    const pfn = memory.alloc(folios.count, { anonVma: copy.anonVma }, anonPgoffAt(copy, at));
    memory.copy(folios.start, pfn, folios.count);
    mapFrames(child, at, pfn, folios.count);
    parent.recorder.step(parent.functions.fork, 'done', 'fork.copied_pinned', 'copied pinned pages for the child instead of sharing them', () => [
      atPage(parent, 'at', at),
      number('pages', folios.count),
    ]);
  }
}

function copyTablesOnly(parent: Mm, child: Mm, from: Vpn, to: Vpn): void {
  const { pageTables } = parent;
  for (let k = pageTables.depth - 1; k >= 0; k--) {
    for (let at = pageTables.firstCovered(k, from); at < to;) {
      const end = Math.min(to, pageTables.firstUncovered(k, at, to));
      child.pageTables.alloc(k, at, end);
      at = pageTables.firstCovered(k, end);
    }
  }
}
