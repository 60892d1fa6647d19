/**
 * fork(2): dup_mmap() (kernel/fork.c), copy_page_range() (mm/memory.c) and anon_vma_fork()
 * (mm/rmap.c); and the end of a process, exit_mmap().
 */
import type { Vpn } from '../machine/index.js';
import type { Run } from './extents.js';
import { dropPins } from './gup.js';
import { splitHugePmd } from './pagetable/huge.js';
import { isAnonymousFrame } from './pagetable/ksm.js';
import { mapFrames, mapPte } from './pagetable/map.js';
import { isFrame, isResident, PTE, type Pte } from './pagetable/page-tables.js';
import { zapRange } from './pagetable/zap.js';
import { forkUffd } from './uffd.js';
import { Mm } from './vma/mm.js';
import { atPage, number } from './values.js';
import { isAccounted, pagesOf, pgoffAt, type VmArea } from './vma/vm-area.js';
import { LOCKED_MASK, VM } from './vma/vm-flags.js';

/** A child that shares what its parent maps, as far as the VMAs say. */
export function dupMmap(parent: Mm): Mm {
  const child = new Mm(parent.kernel, {
    limits: { ...parent.limits, rlimits: { ...parent.limits.rlimits }, capabilities: new Set(parent.limits.capabilities) },
    mmapBase: parent.mmapBase,
    startBrk: parent.startBrk,
  });
  child.brk = parent.brk;
  child.advisedHuge = parent.advisedHuge;
  for (const [fd, object] of parent.files) child.files.set(fd, object);
  for (const vma of parent.vmas.values()) {
    if (vma.flags & VM.DONTCOPY) continue;
    const copy = anonVmaFork(parent, forkUffd({ ...vma, flags: vma.flags & ~LOCKED_MASK }));
    child.insert(copy);
    child.account(copy.flags, pagesOf(copy));
    if (isAccounted(copy)) child.committed += pagesOf(copy);
    copyTables(parent, child, vma, copy);
  }
  return child;
}

/** anon_vma_fork(): the child's VMA keeps the links to its ancestors and gets an anon_vma of its own. */
function anonVmaFork(parent: Mm, vma: VmArea): VmArea {
  if (vma.flags & VM.WIPEONFORK) return { ...vma, anonVma: null, chain: [] };
  if (vma.anonVma === null) return vma;
  // One whose VMAs are all gone and that has no descendants but one is used again (anon_vma_clone()).
  const idle = vma.chain.find((id) => {
    const a = parent.anonVmas.get(id);
    return id !== vma.anonVma && a !== undefined && a.numActiveVmas === 0 && a.numChildren < 2;
  });
  if (idle !== undefined) return { ...vma, anonVma: idle };
  const own = parent.anonVmas.createChild(vma.anonVma);
  return { ...vma, anonVma: own, chain: [...vma.chain, own] };
}

/**
 * copy_page_range(): only VMAs with an anon_vma are copied, the others fault again. The child gets a
 * table wherever the parent has one in the VMA's range, be it empty.
 */
function copyTables(parent: Mm, child: Mm, vma: VmArea, copy: VmArea): void {
  if (vma.image) {
    copyTablesOnly(parent, child, vma.start, vma.end);
    return;
  }
  // vma_needs_copy(): anonymous pages, and guards, could not be faulted in again.
  if (vma.flags & VM.WIPEONFORK || (copy.anonVma === null && (copy.flags & VM.MAYBE_GUARD) === 0)) return;
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
    for (let i = 0; i < run.count; i += block) if (parent.memory.isPinned(run.value.pfn + i)) splitHugePmd(parent, run.start + i);
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
    const pfn = memory.alloc(folios.count, { anonVma: copy.anonVma }, pgoffAt(copy, at));
    memory.copy(folios.start, pfn, folios.count);
    mapFrames(child, at, pfn, folios.count);
    parent.recorder.step(parent.functions.fork, 'done', 'copied pinned pages for the child instead of sharing them', () => [
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

/** exit_mmap(): the process is gone. */
export function exitMmap(mm: Mm): void {
  dropPins(mm);
  zapRange(mm, 0, mm.geometry.taskPages + 1);
  mm.removeAll([...mm.vmas.values()]);
  mm.kernel.mms.delete(mm);
}
