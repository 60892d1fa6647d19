/** anon_vmas, the chains that lead to them, and who keeps them alive: mm/rmap.c. */
import type { Cells } from './cells.js';
import { allocate } from './memory.js';
import type { Run } from './program.js';
import { FREED, LIVE, type World } from './world.js';

/** Numbers in a chain: one bit each. */
export const inChain = (chain: number, anonVma: number): boolean => (chain & (1 << anonVma)) !== 0;

/** anon_vma_alloc(): its own root and parent, or one of a family. */
export function allocateAnonVma(w: World, c: Run, parent: number | null): number {
  const a = allocate(w, c, 'anonVma');
  c.set(w.anon(a, 'root'), parent === null ? a : c.get(w.anon(parent, 'root')));
  c.set(w.anon(a, 'parent'), parent ?? a);
  // A root counts itself, so that it is not taken over.
  c.set(w.anon(a, 'children'), parent === null ? 1 : 0);
  if (parent !== null) c.add(w.anon(parent, 'children'), 1);
  return a;
}

/** anon_vma_chain_link() for a whole chain: the VMA can be found from each of these. */
export function linkAnonVmas(w: World, c: Cells, vma: number, anonVma: number, chain: number): void {
  c.set(w.vma(vma, 'anonVma'), anonVma + 1);
  c.set(w.vma(vma, 'chain'), chain);
  c.add(w.anon(anonVma, 'active'), 1);
}

/** vma->anon_vma as a number; -1 for none. */
export const anonVmaOf = (w: World, c: Cells, vma: number): number => c.get(w.vma(vma, 'anonVma')) - 1;

export const rootOf = (w: World, c: Cells, anonVma: number): number => c.get(w.anon(anonVma, 'root'));

/** unlink_anon_vmas(): an anon_vma that no VMA can be found from any more is freed, once nobody has a reference on it. */
export function unlinkAnonVmas(w: World, c: Cells, vma: number): void {
  const chain = c.get(w.vma(vma, 'chain'));
  const own = anonVmaOf(w, c, vma);
  if (own >= 0) c.add(w.anon(own, 'active'), -1);
  c.set(w.vma(vma, 'anonVma'), 0);
  c.set(w.vma(vma, 'chain'), 0);
  dropUnlinked(w, c, chain);
}

/** Another anon_vma, another chain; what only the old ones held goes. */
export function relinkAnonVmas(w: World, c: Cells, vma: number, anonVma: number, chain: number): void {
  const [own, linked] = [anonVmaOf(w, c, vma), c.get(w.vma(vma, 'chain'))];
  if (own === anonVma && linked === chain) return;
  c.set(w.vma(vma, 'anonVma'), anonVma + 1);
  c.set(w.vma(vma, 'chain'), chain);
  if (anonVma >= 0) c.add(w.anon(anonVma, 'active'), 1);
  if (own >= 0) c.add(w.anon(own, 'active'), -1);
  dropUnlinked(w, c, linked);
}

function dropUnlinked(w: World, c: Cells, chain: number): void {
  for (let a = 0; a < w.sizes.anonVmas; a++) {
    if (!inChain(chain, a) || isLinked(w, c, a)) continue;
    const parent = c.get(w.anon(a, 'parent'));
    if (parent !== a) c.add(w.anon(parent, 'children'), -1);
    freeIfUnreferenced(w, c, a);
  }
}

/** atomic_inc_not_zero(&anon_vma->refcount) */
export function tryGetAnonVma(w: World, c: Cells, anonVma: number): boolean {
  if (c.get(w.anon(anonVma, 'state')) !== LIVE) return false;
  c.add(w.anon(anonVma, 'refs'), 1);
  return true;
}

/** put_anon_vma(): the last reference frees it. */
export function putAnonVma(w: World, c: Cells, anonVma: number): void {
  c.add(w.anon(anonVma, 'refs'), -1);
  if (!isLinked(w, c, anonVma)) freeIfUnreferenced(w, c, anonVma);
}

/** The memory stays an anon_vma for as long as RCU sections run that began before (SLAB_TYPESAFE_BY_RCU). */
function freeIfUnreferenced(w: World, c: Cells, anonVma: number): void {
  if (c.get(w.anon(anonVma, 'refs')) === 0) c.set(w.anon(anonVma, 'state'), FREED);
}

function isLinked(w: World, c: Cells, anonVma: number): boolean {
  for (let v = 0; v < w.sizes.vmas; v++) if (inChain(c.get(w.vma(v, 'chain')), anonVma)) return true;
  return false;
}
