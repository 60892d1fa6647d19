/** The VMAs of a race: splitting, merging, taking in and out, and what an mm counts of them. */
import type { Vpn } from '../../machine/index.js';
import { anonVmaOf, inChain } from './anon.js';
import type { Cells } from './cells.js';
import { isFree } from './locks.js';
import { allocate } from './memory.js';
import type { Run } from './program.js';
import { DETACHED, FREED, LIVE, SHAPE, type Shape, type World } from './world.js';

export const pagesOf = (s: Shape): number => s.end - s.start;
export const linearIndex = (s: Shape, at: Vpn): number => s.pgoff + (at - s.start);
export const isAnonymous = (s: Shape): boolean => s.file < 0;
export const isShared = (s: Shape): boolean => (s.flags & SHAPE.SHARED) !== 0;

/** Adds to a figure of the mm that is too large for a cell. */
export function addTo(w: World, c: Cells, cell: number, by: number): void {
  if (by !== 0) c.set(cell, w.numberId(w.number(c.get(cell)) + by));
}

/** vm_stat_account() and mm->locked_vm. */
export function account(w: World, c: Cells, s: Shape, sign: 1 | -1): void {
  addTo(w, c, w.mm(s.mm, 'totalVm'), sign * pagesOf(s));
  if (s.flags & SHAPE.LOCKED) addTo(w, c, w.mm(s.mm, 'lockedVm'), sign * pagesOf(s));
}

export function charge(w: World, c: Cells, s: Shape, pages: number): void {
  if (s.flags & SHAPE.ACCOUNT) addTo(w, c, w.mm(s.mm, 'committed'), pages);
}

export const reshape = (w: World, c: Cells, vma: number, shape: Shape): void => c.set(w.vma(vma, 'shape'), w.intern(shape));

/** VMAs of an mm that intersect a range, ascending. */
export function vmasIn(w: World, c: Cells, mm: number, from: Vpn, to: Vpn): number[] {
  const found: number[] = [];
  for (let v = 0; v < w.sizes.vmas; v++) {
    if (c.get(w.vma(v, 'state')) !== LIVE) continue;
    const s = w.shapeOf(c, v);
    if (s.mm === mm && s.start < to && s.end > from) found.push(v);
  }
  return found.sort((a, b) => w.shapeOf(c, a).start - w.shapeOf(c, b).start);
}

/** vma_link(): a new VMA, found by reverse-map walks too. */
export function insertVma(w: World, c: Run, shape: Shape, anonVma: number, chain: number): number {
  const v = allocate(w, c, 'vma');
  c.set(w.vma(v, 'order'), orderFor(w, c, shape.pgoff, v));
  reshape(w, c, v, shape);
  c.set(w.vma(v, 'anonVma'), anonVma + 1);
  c.set(w.vma(v, 'chain'), chain);
  if (anonVma >= 0) c.add(w.anon(anonVma, 'active'), 1);
  c.add(w.mm(shape.mm, 'mapCount'), 1);
  return v;
}

/** vma_interval_tree_insert(): of VMAs with the same page offset the newer one comes after. */
function orderFor(w: World, c: Cells, pgoff: number, self: number): number {
  let last = 1000;
  let first = 1000;
  for (let v = 0; v < w.sizes.vmas; v++) {
    if (v === self || !w.isLinked(c, v) || w.shapeOf(c, v).pgoff !== pgoff) continue;
    last = Math.max(last, c.get(w.vma(v, 'order')));
    first = Math.min(first, c.get(w.vma(v, 'order')));
  }
  return w.behaviours.rmap_ties === 'after' ? last + 1 : first - 1;
}

/** split_vma(): the VMA keeps its lower part, the upper one is new. */
function splitVma(w: World, c: Run, vma: number, at: Vpn): void {
  const s = w.shapeOf(c, vma);
  reshape(w, c, vma, { ...s, end: at });
  insertVma(w, c, { ...s, start: at, pgoff: linearIndex(s, at) }, anonVmaOf(w, c, vma), c.get(w.vma(vma, 'chain')));
}

/** Makes VMAs begin and end at the ends of a range, and returns those inside. */
export function isolate(w: World, c: Run, mm: number, from: Vpn, to: Vpn): number[] {
  for (const at of [from, to]) {
    const v = w.vmaAt(c, mm, at);
    if (v >= 0 && w.shapeOf(c, v).start < at) splitVma(w, c, v, at);
  }
  return vmasIn(w, c, mm, from, to);
}

/** Whether nobody reads these VMAs under their own locks, and the locks of their reverse maps are free. */
export function canChange(w: World, c: Cells, vmas: readonly number[]): boolean {
  return vmas.every((v) => {
    const s = w.shapeOf(c, v);
    const chain = c.get(w.vma(v, 'chain'));
    if (s.file >= 0 && !isFree(c, w.fileLock(s.file))) return false;
    for (let a = 0; a < w.sizes.anonVmas; a++) if (inChain(chain, a) && !isFree(c, w.anonLock(c.get(w.anon(a, 'root'))))) return false;
    return true;
  });
}

export const isRead = (w: World, c: Cells, vma: number): boolean => c.get(w.vmaLock(vma).readers) !== 0;

/** vma_start_write(): whoever reads the VMA is waited for by the caller; new readers are turned away until the mmap lock is dropped. */
export const startWrite = (w: World, c: Run, vma: number): void => {
  if (w.behaviours.per_vma_locks === 'yes') c.set(w.vmaLock(vma).writer, c.actor.index + 1);
};

/** vma_end_write_all() */
export function endWriteAll(w: World, c: Run): void {
  for (let v = 0; v < w.sizes.vmas; v++) if (c.get(w.vmaLock(v).writer) === c.actor.index + 1) c.set(w.vmaLock(v).writer, 0);
}

/** Out of its mm, with what the mm counts of it; reverse-map walks still find it. */
export function detach(w: World, c: Run, vma: number): void {
  const s = w.shapeOf(c, vma);
  c.set(w.vma(vma, 'state'), DETACHED + c.actor.index);
  c.add(w.mm(s.mm, 'mapCount'), -1);
  account(w, c, s, -1);
}

/** The VMAs that this actor has detached. */
export function detachedBy(w: World, c: Run): number[] {
  const found: number[] = [];
  for (let v = 0; v < w.sizes.vmas; v++) if (c.get(w.vma(v, 'state')) === DETACHED + c.actor.index) found.push(v);
  return found;
}

/** Gone: nothing finds it any more. */
export function removeVma(w: World, c: Cells, vma: number): void {
  c.set(w.vma(vma, 'state'), FREED);
  c.set(w.vma(vma, 'anonVma'), 0);
  c.set(w.vma(vma, 'chain'), 0);
}
