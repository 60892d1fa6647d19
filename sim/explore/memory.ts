/** Page frames: who maps them, who holds them, and when they are freed. */
import { DIRTY, PRESENT, WRITE, ZERO_FRAME, frameOf, isPresent, mapsFrame, NONE } from './entries.js';
import { BLOCKED, type Kind, type Run } from './program.js';
import { FILE_MAPPING, FREED, LIVE, UNUSED, type World } from './world.js';
import type { Cells } from './cells.js';
import { NotEnough } from './room.js';
import { type Vpn } from '../../machine/index.js';

/** Takes the next frame from the actor's own list. */
export function allocate(w: World, c: Run, kind: Kind): number {
  const { from, count } = c.actor.pool[kind];
  for (let i = from; i < from + count; i++) {
    const cell = kind === 'frame' ? w.frame(i, 'state') : kind === 'vma' ? w.vma(i, 'state') : kind === 'anonVma' ? w.anon(i, 'state') : w.table(i);
    if (c.get(cell) !== UNUSED) continue;
    c.set(cell, LIVE);
    return i;
  }
  throw new NotEnough({ kind });
}

/** A fresh folio that a page of `mapping` at `index` is to have; an anonymous one is its process's own. */
export function allocateFrame(w: World, c: Run, mapping: number, index: number): number {
  const f = allocate(w, c, 'frame');
  c.set(w.frame(f, 'mapping'), mapping);
  c.set(w.frame(f, 'exclusive'), mapping < FILE_MAPPING ? 1 : 0);
  c.set(w.frame(f, 'index'), w.numberId(index));
  return f;
}

/** folio_add_*_rmap() and folio_remove_rmap() */
export const addRmap = (w: World, c: Cells, entry: number): void => void (mapsFrame(entry) && c.add(w.frame(frameOf(entry), 'mapcount'), 1));

export function removeRmap(w: World, c: Cells, entry: number): void {
  if (mapsFrame(entry)) c.add(w.frame(frameOf(entry), 'mapcount'), -1);
}

export const getFolio = (w: World, c: Cells, frame: number): void => void c.add(w.frame(frame, 'refs'), 1);

/** folio_try_get(): not of a folio that is on its way to the allocator. */
export function tryGetFolio(w: World, c: Cells, frame: number): boolean {
  if (c.get(w.frame(frame, 'state')) !== LIVE) return false;
  getFolio(w, c, frame);
  return true;
}

/** folio_mapped() */
export const isMapped = (w: World, c: Cells, frame: number): boolean => c.get(w.frame(frame, 'mapcount')) !== 0;

/** folio_put(): the last reference frees it. */
export function putFolio(w: World, c: Cells, frame: number): void {
  c.add(w.frame(frame, 'refs'), -1);
  freeIfUnused(w, c, frame);
}

function isReferenced(w: World, c: Cells, frame: number): boolean {
  return (['mapcount', 'refs', 'pins', 'cached'] as const).some((field) => c.get(w.frame(frame, field)) !== 0);
}

export function freeIfUnused(w: World, c: Cells, frame: number): void {
  if (c.get(w.frame(frame, 'state')) === LIVE && !isReferenced(w, c, frame)) freeFrame(w, c, frame);
}

/** Gives the frame back to the allocator, and notes if somebody can still reach it. */
export function freeFrame(w: World, c: Cells, frame: number): void {
  if (c.get(w.frame(frame, 'pins')) > 0) w.break(c, 'freed_while_pinned');
  if (w.countEntries(c, frame) > 0) w.break(c, 'freed_while_mapped');
  for (let cpu = 0; cpu < w.cpus.length; cpu++) {
    for (let page = 0; page < w.pages.length; page++) {
      const entry = c.get(w.tlb(cpu, page));
      if (mapsFrame(entry) && frameOf(entry) === frame) w.break(c, 'freed_in_tlb');
    }
  }
  c.set(w.frame(frame, 'state'), FREED);
  c.set(w.frame(frame, 'mapping'), 0);
}

/**
 * flush_tlb_range(): no CPU that runs this address space translates these pages any more. Each has
 * to answer an interrupt, and one that has them off (GUP-fast) answers when it has them on again.
 */
export function flushTlb(w: World, c: Run, mm: number, from: Vpn, to: Vpn): typeof BLOCKED | undefined {
  if (w.behaviours.flush_ipi === 'yes') {
    for (let cpu = 0; cpu < w.cpus.length; cpu++) {
      if (w.cpus[cpu] === mm && cpu !== c.actor.index && c.get(w.irqOff(cpu)) !== 0) return BLOCKED;
    }
  }
  for (let cpu = 0; cpu < w.cpus.length; cpu++) {
    if (w.cpus[cpu] !== mm) continue;
    for (let page = 0; page < w.pages.length; page++) {
      const at = w.pages[page] as Vpn;
      if (at >= from && at < to) c.set(w.tlb(cpu, page), NONE);
    }
  }
  return undefined;
}

/** @param dirty whether it is made by a store */
export const present = (frame: number, writable: boolean, dirty = false): number => frame | PRESENT | (writable ? WRITE : 0) | (writable && dirty ? DIRTY : 0);
export const zeroEntry = (): number => present(ZERO_FRAME, false);
export { isPresent };
