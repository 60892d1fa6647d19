/** What the steps of a fault share: the entry as it was seen, and the second look at it under the PTL; mm/memory.c. */
import type { Vpn } from '../../../machine/index.js';
import { tableEntry } from '../entries.js';
import { isFree } from '../locks.js';
import { addRmap } from '../memory.js';
import { BLOCKED, type Label, type Register, type Run } from '../program.js';
import { rcuReadLock, rcuReadUnlock, touchTable } from '../rcu.js';
import type { World } from '../world.js';
import type { Kit } from './kit.js';

export interface EntryFault {
  readonly at: Vpn;
  readonly write: boolean;
  /** The VMA, as long as its lock, or the mmap lock, is held. */
  readonly vma: Register;
  /** It was done, or somebody changed something meanwhile: the access is tried again. */
  readonly done: Label;
  readonly beyond: Label;
  /** There is no table to be had. */
  readonly lost: Label;
}

/** What the steps of one fault share. */
export interface Found extends EntryFault {
  /** The PTE table, and what the entry was. */
  readonly table: Register;
  readonly orig: Register;
}

/** pte_offset_map(), which is an RCU section since v6.5, until pte_unmap(). */
export function enter(w: World, c: Run): void {
  if (w.behaviours.pte_map_recheck === 'yes') rcuReadLock(w, c);
}
export const leave = rcuReadUnlock;

/** Takes the PTL, for as long as the step lasts; where the table or the entry are not those any more, the access is tried again. */
export function underPtl(
  { b, w, mm }: Kit,
  { at, table, orig, done }: Found,
  fn: string,
  say: string,
  run: (c: Run, cell: number) => Label | typeof BLOCKED | undefined,
  other = done,
): void {
  b.step(fn, say, (c) => {
    const t = c.reg(table);
    if (!isFree(c, w.ptl(t))) return BLOCKED;
    touchTable(w, c, t);
    const moved = w.behaviours.pte_map_recheck === 'yes' && c.get(w.pmd(mm, w.blockOf(at))) !== tableEntry(t);
    const cell = w.pte(t, w.offsetOf(at));
    if (moved || c.get(cell) !== c.reg(orig)) {
      leave(w, c);
      return other;
    }
    const to = run(c, cell);
    if (to !== BLOCKED) leave(w, c);
    return to;
  });
}

export function install(w: World, c: Run, cell: number, entry: number): void {
  c.set(cell, entry);
  addRmap(w, c, entry);
}
