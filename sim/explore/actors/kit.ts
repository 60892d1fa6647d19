/** Building blocks that the programs of all actors share. */
import type { Errno, Op, RaceResult } from '../../../machine/index.js';
import type { Cells } from '../cells.js';
import { dropWrite, takeRead, takeWrite, type Lock } from '../locks.js';
import { BLOCKED, type Assembler, type Register, type Run } from '../program.js';
import type { World } from '../world.js';

/** What building a program needs: the assembler, the world, the process, and where the result goes. */
export interface Kit {
  readonly b: Assembler;
  readonly w: World;
  readonly mm: number;
  readonly result: Register;
  /** The operation. */
  readonly op: Op;
}

/** How an operation ends: what it returns, the error that it fails with, or the signal that ends it. */
export type Ending = number | bigint | Errno | 'SIGSEGV' | 'SIGBUS';

export function endingOf(ending: Ending): NonNullable<RaceResult> {
  if (typeof ending !== 'string') return { kind: 'value', value: BigInt(ending) };
  return ending === 'SIGSEGV' || ending === 'SIGBUS' ? { kind: 'signal', signal: ending } : { kind: 'errno', errno: ending };
}

export const finish = ({ w, result }: Kit, c: Run, ending: Ending): void => c.setReg(result, w.resultId(endingOf(ending)));

/** What an operation over several pages returns: the sum of what each of them adds. */
export function tally(kit: Kit, c: Run, by: number): void {
  const before = kit.w.result(c.reg(kit.result));
  finish(kit, c, (before?.kind === 'value' ? before.value : 0n) + BigInt(by));
}

const broken =
  (w: World) =>
  (c: Cells): void =>
    w.break(c, 'lock_order');

type WhichLock = (c: Run) => Lock | null;

/** A step that waits for a lock; none where there is nothing to lock. */
export function lockWrite({ b, w }: Kit, fn: string, say: string, which: WhichLock): void {
  b.step(fn, say, (c) => {
    const lock = which(c);
    return lock === null || takeWrite(c, lock, broken(w)) ? undefined : BLOCKED;
  });
}

export function lockRead({ b, w }: Kit, fn: string, say: string, which: WhichLock): void {
  b.step(fn, say, (c) => {
    const lock = which(c);
    return lock === null || takeRead(c, lock, broken(w)) ? undefined : BLOCKED;
  });
}

export function unlockWrite({ b }: Kit, fn: string, say: string, which: WhichLock): void {
  b.step(fn, say, (c) => {
    const lock = which(c);
    if (lock !== null) dropWrite(c, lock);
  });
}
