/** Faults on memory that is backed by an object: files and shared anonymous memory (mm/memory.c, mm/filemap.c, mm/shmem.c). */
import type { Pages, Vpn } from '../../machine/index.js';
import type { Mm } from '../vma/mm.js';
import { anonPgoffAt, pgoffAt, type VmArea } from '../vma/vm-area.js';
import { anonVmaPrepare, copied, copyOnWrite, reuse } from './fault-anon.js';
import type { FaultStop } from './fault-stop.js';
import { allocPath, firstGap, gaps, mapFrames } from './map.js';
import type { SharedObject } from './shared-object.js';

/**
 * do_shared_fault(), do_read_fault(): pages of the object. A page beyond its end is SIGBUS, after
 * the upper tables were allocated; a read also maps what is cached around it.
 */
export function faultFile(mm: Mm, vma: VmArea, object: SharedObject, from: Vpn, to: Vpn, write: boolean): FaultStop | null {
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
export function cacheFrames(mm: Mm, object: SharedObject, offset: number, count: Pages): void {
  for (let at = object.cache.firstAbsentFrom(offset, offset + count); at < offset + count; at = object.cache.firstAbsentFrom(at, offset + count)) {
    const end = Math.min(object.cache.firstFrom(at) ?? offset + count, offset + count);
    object.cache.set(at, end - at, { pfn: mm.memory.alloc(end - at, { object: object.id }, at) });
  }
}

export function mapCached(mm: Mm, object: SharedObject, at: Vpn, offset: number, count: Pages): void {
  for (const run of object.cache.runs(offset, offset + count)) mapFrames(mm, at + (run.start - offset), run.value.pfn, run.count);
}

/** do_cow_fault(): a store to a private file page copies it at once; the page of the file itself is not mapped. */
export function faultPrivateFile(mm: Mm, vma: VmArea, object: SharedObject, from: Vpn, to: Vpn): FaultStop | null {
  const missing = gaps(mm, from, to);
  const replaced = copied(mm, from, to);
  reuse(mm, from, to);
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
      const pfn = mm.memory.alloc(inside, { anonVma: prepared }, anonPgoffAt(vma, run.start));
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
