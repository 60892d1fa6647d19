/**
 * handle_mm_fault(), mm/memory.c, over a whole range at once: what faulting its pages one after
 * the other, from the lowest up, leaves behind.
 */
import type { Pages, Vpn } from '../../machine/index.js';
import type { Run } from '../extents.js';
import { ZERO_PFN } from '../rmap/folio.js';
import { atPage, number } from '../values.js';
import { findMergeableAnonVma } from '../vma/merge.js';
import type { Mm } from '../vma/mm.js';
import { growStack } from '../vma/stack.js';
import { pgoffAt, type VmArea } from '../vma/vm-area.js';
import { VM } from '../vma/vm-flags.js';
import type { SharedObject } from './shared-object.js';
import { GUARD_PFN, isFrame, type Pte } from './page-tables.js';

export interface FaultStop {
  readonly signal: 'SIGSEGV' | 'SIGBUS';
  readonly at: Vpn;
}

/** Makes every page of [from, to) accessible, in order; stops at the first one that cannot be. */
export function faultRange(mm: Mm, from: Vpn, to: Vpn, write: boolean): FaultStop | null {
  for (let at = from; at < to; ) {
    const vma = mm.lookup(at) ?? growStack(mm, at);
    if (vma === undefined || !isAccessible(vma, write)) return { signal: 'SIGSEGV', at };
    const guard = firstGuard(mm, at, Math.min(to, vma.end));
    if (guard === at) return { signal: 'SIGSEGV', at };
    const end = guard ?? Math.min(to, vma.end);
    const stop =
      vma.file === null
        ? faultAnonymous(mm, vma, at, end, write)
        : write && !(vma.flags & VM.SHARED)
          ? faultPrivateFile(mm, vma, vma.file, at, end)
          : faultFile(mm, vma, vma.file, at, end, write);
    if (stop !== null) return stop;
    at = end;
  }
  return null;
}

/** access_error(), arch/x86/mm/fault.c: a read needs any access at all, a write needs VM_WRITE. */
function isAccessible(vma: VmArea, write: boolean): boolean {
  return (vma.flags & (write ? VM.WRITE : VM.READ | VM.WRITE | VM.EXEC)) !== 0 && !vma.image;
}

/** A guard of MADV_GUARD_INSTALL ends the access. */
function firstGuard(mm: Mm, from: Vpn, to: Vpn): Vpn | undefined {
  for (const run of mm.pageTables.entries.runs(from, to)) if (run.value.pfn === GUARD_PFN) return run.start;
  return undefined;
}

function faultAnonymous(mm: Mm, vma: VmArea, from: Vpn, to: Vpn, write: boolean): null {
  const { entries } = mm.pageTables;
  const missing = gaps(mm, from, to);
  if (!write) {
    for (const gap of missing) {
      allocPath(mm, 0, gap.start, gap.start + gap.count);
      entries.set(gap.start, gap.count, { pfn: ZERO_PFN });
      mm.recorder.faults.read += gap.count;
    }
    return null;
  }
  const replaced = copied(mm, from, to);
  if (missing.length === 0 && replaced.length === 0) return null;
  const prepared = anonVmaPrepare(mm, vma);
  for (const run of missing) {
    allocPath(mm, 0, run.start, run.start + run.count);
    mapFrames(mm, run.start, mm.memory.alloc(run.count, { anonVma: prepared }, pgoffAt(vma, run.start)), run.count);
    mm.recorder.faults.write += run.count;
  }
  for (const run of replaced) copyOnWrite(mm, vma, prepared, run);
  return null;
}

/** The present pages of a private mapping that a store cannot use as they are: the zero page, pages of a file, pages shared with another process. */
function copied(mm: Mm, from: Vpn, to: Vpn): Run<Pte>[] {
  const found: Run<Pte>[] = [];
  for (const run of mm.pageTables.entries.runs(from, to)) {
    if (run.value.pfn === ZERO_PFN) {
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
function copyOnWrite(mm: Mm, vma: VmArea, anonVma: number, run: Run<Pte>): void {
  const pfn = mm.memory.alloc(run.count, { anonVma }, pgoffAt(vma, run.start));
  if (isFrame(run.value)) {
    mm.memory.copy(run.value.pfn, pfn, run.count);
    mm.memory.unmap(run.value.pfn, run.count);
    mm.rss -= run.count;
  }
  mapFrames(mm, run.start, pfn, run.count);
  mm.recorder.faults.write += run.count;
}

/** do_cow_fault(): a store to a private file page copies it at once; the page of the file itself is not mapped. */
function faultPrivateFile(mm: Mm, vma: VmArea, object: SharedObject, from: Vpn, to: Vpn): FaultStop | null {
  const missing = gaps(mm, from, to);
  const replaced = copied(mm, from, to);
  if (missing.length === 0 && replaced.length === 0) return null;
  // In order, for a page beyond the end of the file stops it.
  for (const run of [...missing.map((gap) => ({ ...gap, value: null })), ...replaced].sort((a, b) => a.start - b.start)) {
    const prepared = anonVmaPrepare(mm, mm.lookup(run.start) ?? vma);
    if (run.value !== null) {
      copyOnWrite(mm, vma, prepared, { ...run, value: run.value });
      continue;
    }
    const offset = pgoffAt(vma, run.start);
    const inside = Math.min(run.count, object.pages - offset);
    if (inside > 0) {
      cacheFrames(mm, object, offset, inside);
      allocPath(mm, 0, run.start, run.start + inside);
      const pfn = mm.memory.alloc(inside, { anonVma: prepared }, offset);
      for (const cached of object.cache.runs(offset, offset + inside)) mm.memory.copy(cached.value.pfn, pfn + (cached.start - offset), cached.count);
      mapFrames(mm, run.start, pfn, inside);
      mm.recorder.faults.write += inside;
    }
    if (inside < run.count) {
      const at = run.start + Math.max(0, inside);
      allocPath(mm, 1, at, at + 1);
      return { signal: 'SIGBUS', at };
    }
  }
  return null;
}

/** __anon_vma_prepare(), mm/rmap.c: the anon_vma of a VMA about to get its first page of its own. */
export function anonVmaPrepare(mm: Mm, vma: VmArea): number {
  if (vma.anonVma !== null) return vma.anonVma;
  const neighbour = findMergeableAnonVma(mm, vma);
  const id = neighbour?.anonVma ?? mm.anonVmas.create();
  mm.replace([vma], [{ ...vma, anonVma: id, chain: [id] }]);
  mm.recorder.step(mm.functions.anonVmaPrepare, 'done', neighbour === null ? 'gave the VMA an anon_vma of its own' : 'shared the anon_vma of a neighbour', () => [
    atPage(mm, 'vm_start', vma.start),
    number('anon_vma', id),
  ]);
  return id;
}

/**
 * do_shared_fault(), do_read_fault(): pages of the object. A page beyond its end is SIGBUS, after
 * the upper tables were allocated; a read also maps what is cached around it.
 */
function faultFile(mm: Mm, vma: VmArea, object: SharedObject, from: Vpn, to: Vpn, write: boolean): FaultStop | null {
  for (let gap = firstGap(mm, from, to); gap !== null; gap = firstGap(mm, from, to)) {
    const at = gap.start;
    const offset = pgoffAt(vma, at);
    const inside = Math.min(gap.count, object.pages - offset);
    if (inside <= 0) {
      if (!write) mapAround(mm, vma, object, at);
      allocPath(mm, 1, at, at + 1);
      return { signal: 'SIGBUS', at };
    }
    if (write) {
      cacheFrames(mm, object, offset, inside);
      allocPath(mm, 0, at, at + inside);
      mapCached(mm, object, at, offset, inside);
      mm.recorder.faults.write += inside;
    } else {
      mapAround(mm, vma, object, at);
      if (!mm.pageTables.entries.has(at)) {
        cacheFrames(mm, object, offset, 1);
        allocPath(mm, 0, at, at + 1);
        mapCached(mm, object, at, offset, 1);
      }
      mm.recorder.faults.read += 1;
    }
  }
  return null;
}

/** fault_around_bytes: 64 KiB. */
const FAULT_AROUND_BYTES = 64 * 1024;

/** do_fault_around(): maps the cached pages of the window, none of which has an entry yet. */
function mapAround(mm: Mm, vma: VmArea, object: SharedObject, at: Vpn): void {
  const window = FAULT_AROUND_BYTES >> mm.geometry.pageShift;
  if (window <= 1) return;
  const table = mm.pageTables.tableSpan(0);
  const start = Math.max(Math.floor(at / window) * window, vma.start);
  const end = Math.min(start + window, vma.end, (Math.floor(at / table) + 1) * table, vma.start + (object.pages - vma.pgoff));
  for (const gap of gaps(mm, start, end)) {
    const offset = pgoffAt(vma, gap.start);
    for (const cached of object.cache.runs(offset, offset + gap.count)) {
      const first = gap.start + (cached.start - offset);
      allocPath(mm, 0, first, first + cached.count);
      mapFrames(mm, first, cached.value.pfn, cached.count);
    }
  }
}

/** shmem_get_folio(): the object's pages exist from now on. */
function cacheFrames(mm: Mm, object: SharedObject, offset: number, count: Pages): void {
  for (let at = object.cache.firstAbsentFrom(offset); at < offset + count; at = object.cache.firstAbsentFrom(at)) {
    const end = Math.min(object.cache.firstFrom(at) ?? offset + count, offset + count);
    object.cache.set(at, end - at, { pfn: mm.memory.alloc(end - at, { object: object.id }, at) });
  }
}

function mapCached(mm: Mm, object: SharedObject, at: Vpn, offset: number, count: Pages): void {
  for (const run of object.cache.runs(offset, offset + count)) mapFrames(mm, at + (run.start - offset), run.value.pfn, run.count);
}

function mapFrames(mm: Mm, at: Vpn, pfn: number, count: Pages): void {
  mm.pageTables.entries.set(at, count, { pfn });
  mm.memory.map(pfn, count);
  mm.rss += count;
}

/** The tables from the root down to those that hold entries of level k. */
export function allocPath(mm: Mm, k: number, from: Vpn, to: Vpn): void {
  for (let level = mm.pageTables.depth - 1; level >= k; level--) {
    mm.recorder.tablesAllocated(mm.pageTables.levelName(level), mm.pageTables.alloc(level, from, to));
  }
}

/** The stretches of [from, to) without an entry. */
function gaps(mm: Mm, from: Vpn, to: Vpn): Pick<Run<Pte>, 'start' | 'count'>[] {
  const found: { start: number; count: number }[] = [];
  let at = from;
  for (const run of mm.pageTables.entries.runs(from, to)) {
    if (run.start > at) found.push({ start: at, count: run.start - at });
    at = run.start + run.count;
  }
  if (at < to) found.push({ start: at, count: to - at });
  return found;
}

function firstGap(mm: Mm, from: Vpn, to: Vpn): { start: Vpn; count: Pages } | null {
  const { entries } = mm.pageTables;
  const start = entries.firstAbsentFrom(from);
  if (start >= to) return null;
  return { start, count: Math.min(entries.firstFrom(start) ?? to, to) - start };
}
