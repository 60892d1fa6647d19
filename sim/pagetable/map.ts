/** Putting pages into page tables: the path of tables above them, the frames, and what is not there yet. */
import type { Pages, Vpn } from '../../machine/index.js';
import type { Run } from '../extents.js';
import type { Mm } from '../vma/mm.js';
import { isFrame, PTE, type Pte } from './page-tables.js';

/** One more entry each for what a run of entries maps. */
export function mapPte(mm: Mm, pte: Pte, count: Pages): void {
  if (!isFrame(pte)) return;
  if (pte.flags === PTE.KSM) mm.memory.mapMany(pte.pfn, count);
  else mm.memory.map(pte.pfn, count);
}

/** One entry less each. */
export function unmapPte(mm: Mm, pte: Pte, count: Pages): void {
  if (!isFrame(pte)) return;
  if (pte.flags === PTE.KSM) mm.memory.mapMany(pte.pfn, -count);
  else mm.memory.unmap(pte.pfn, count);
}

export function mapFrames(mm: Mm, at: Vpn, pfn: number, count: Pages): void {
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
export function gaps(mm: Mm, from: Vpn, to: Vpn): Pick<Run<Pte>, 'start' | 'count'>[] {
  const found: { start: number; count: number }[] = [];
  let at = from;
  for (const run of mm.pageTables.leafRuns(from, to)) {
    if (run.start > at) found.push({ start: at, count: run.start - at });
    at = run.start + run.count;
  }
  if (at < to) found.push({ start: at, count: to - at });
  return found;
}

export function firstGap(mm: Mm, from: Vpn, to: Vpn): { start: Vpn; count: Pages } | null {
  const { entries } = mm.pageTables;
  const start = entries.firstAbsentFrom(from, to);
  if (start >= to) return null;
  return { start, count: Math.min(entries.firstFrom(start) ?? to, to) - start };
}
