/** Building blocks that the programs of all actors share. */
import type { Cells } from '../cells.js';
import { dropWrite, takeRead, takeWrite, type Lock } from '../locks.js';
import { BLOCKED, type Assembler, type Register, type Run } from '../program.js';
import type { World } from '../world.js';

/** Who writes a program, for which process, and where its result goes. */
export interface Kit {
  readonly b: Assembler;
  readonly w: World;
  readonly mm: number;
  readonly result: Register;
}

/** A result as it is kept: addresses as page numbers, errors as negative numbers. */
export const RESULT = { ok: 0, EFAULT: -14, ENOMEM: -12, EINVAL: -22, EAGAIN: -11, SIGSEGV: -1011, SIGBUS: -1007 } as const;

export const finish = ({ w, result }: Kit, c: Run, value: number): void => c.setReg(result, w.numberId(value) + 1);

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
