/** RCU: read-side sections, and the memory that waits for them before it is freed. */
import { FREED, type World } from './world.js';
import type { Run } from './program.js';

export const rcuReadLock = (w: World, c: Run): void => c.set(w.rcu(c.actor.index), 1);
export const rcuReadUnlock = (w: World, c: Run): void => c.set(w.rcu(c.actor.index), 0);
export const inRcu = (w: World, c: Run): boolean => c.get(w.rcu(c.actor.index)) !== 0;

/** Whether a grace period is over: no other CPU is in a section, nor has its interrupts off, which is one as well. */
export function isQuiet(w: World, c: Run): boolean {
  for (let cpu = 0; cpu < w.cpus.length; cpu++) {
    if (cpu !== c.actor.index && (c.get(w.rcu(cpu)) !== 0 || c.get(w.irqOff(cpu)) !== 0)) return false;
  }
  return true;
}

/** Notes an access to a table through a pointer that was read earlier: the table must not have been freed since. */
export function touchTable(w: World, c: Run, table: number): void {
  if (c.get(w.table(table)) === FREED) w.break(c, 'freed_table');
}
