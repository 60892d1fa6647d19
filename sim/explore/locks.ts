/** The kernel's locks as objects with owners, and the order in which they may be taken. */
import type { Cells } from './cells.js';
import type { Run } from './program.js';

export interface Lock {
  readonly id: number;
  readonly name: string;
  readonly rank: number;
  /** Who has it for writing, as actor + 1. */
  readonly writer: number;
  /** Who has it for reading, a bit an actor; -1 for a lock that has no readers. */
  readonly readers: number;
}

/** Outermost first (mm/rmap.c, "Lock ordering in mm"). */
export const RANK = { mmap: 0, vma: 1, folio: 2, file: 3, anon: 4, pmd: 5, pte: 6 } as const;

/** How many locks of each rank an actor holds: two bits a rank. */
const one = (rank: number): number => 1 << (2 * rank);
const above = (rank: number): number => 0xffff & ~(one(rank + 1) - 1);

/** Whether taking a lock of this rank now turns the order round. */
function outOfOrder(c: Run, rank: number): boolean {
  return (c.get(c.actor.held) & above(rank)) !== 0;
}

const holds = (c: Run, lock: Lock): void => c.set(c.actor.held, c.get(c.actor.held) + one(lock.rank));
const drops = (c: Run, lock: Lock): void => c.set(c.actor.held, c.get(c.actor.held) - one(lock.rank));

export const isFree = (c: Cells, lock: Lock): boolean => c.get(lock.writer) === 0 && (lock.readers < 0 || c.get(lock.readers) === 0);
export const isWriteLocked = (c: Cells, lock: Lock): boolean => c.get(lock.writer) !== 0;

/** @returns false, and nothing happened, when somebody else has it */
export function tryWrite(c: Run, lock: Lock): boolean {
  if (!isFree(c, lock)) return false;
  c.set(lock.writer, c.actor.index + 1);
  holds(c, lock);
  return true;
}

export function tryRead(c: Run, lock: Lock): boolean {
  if (isWriteLocked(c, lock)) return false;
  c.set(lock.readers, c.get(lock.readers) | (1 << c.actor.index));
  holds(c, lock);
  return true;
}

/** As tryWrite, for a lock that is waited for: the order matters. */
export function takeWrite(c: Run, lock: Lock, broken: (c: Cells) => void): boolean {
  const reversed = outOfOrder(c, lock.rank);
  if (!tryWrite(c, lock)) return false;
  if (reversed) broken(c);
  return true;
}

export function takeRead(c: Run, lock: Lock, broken: (c: Cells) => void): boolean {
  const reversed = outOfOrder(c, lock.rank);
  if (!tryRead(c, lock)) return false;
  if (reversed) broken(c);
  return true;
}

/** downgrade_write(): who has it for writing has it for reading, with nobody in between. */
export function downgrade(c: Run, lock: Lock): void {
  c.set(lock.writer, 0);
  c.set(lock.readers, c.get(lock.readers) | (1 << c.actor.index));
}

export function dropWrite(c: Run, lock: Lock): void {
  c.set(lock.writer, 0);
  drops(c, lock);
}

export function dropRead(c: Run, lock: Lock): void {
  c.set(lock.readers, c.get(lock.readers) & ~(1 << c.actor.index));
  drops(c, lock);
}
