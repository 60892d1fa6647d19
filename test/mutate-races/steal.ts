/** Locks that are taken without waiting for who has them: what a mutant has in place of one that waits. */
import type { Lock } from '../../sim/explore/locks.js';
import type { Run } from '../../sim/explore/program.js';
import type { Kit } from '../../sim/explore/actors/kit.js';

const holds = (c: Run, { rank }: Lock): void => c.set(c.actor.held, c.get(c.actor.held) + (1 << (2 * rank)));

export function takeAnyway(c: Run, lock: Lock): boolean {
  c.set(lock.writer, c.actor.index + 1);
  holds(c, lock);
  return true;
}

export function readAnyway(c: Run, lock: Lock): boolean {
  c.set(lock.readers, c.get(lock.readers) | (1 << c.actor.index));
  holds(c, lock);
  return true;
}

type WhichLock = (c: Run) => Lock | null;

const stolen =
  (take: (c: Run, lock: Lock) => boolean) =>
  ({ b }: Kit, fn: string, say: string, which: WhichLock): void =>
    b.step(fn, say, (c) => {
      const lock = which(c);
      if (lock !== null) take(c, lock);
    });

export const stealWrite = stolen(takeAnyway);
export const stealRead = stolen(readAnyway);
