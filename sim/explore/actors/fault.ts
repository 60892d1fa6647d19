/**
 * Page faults, mm/memory.c, as in v6.1 to v6.18: which lock a fault runs under (its VMA's, since v6.4,
 * else the mmap lock), and what it does there for one page. What lies behind handle_mm_fault() is in
 * fault-entry.ts and fault-file.ts; GUP comes in by the same way.
 */
import type { Vpn } from '../../../machine/index.js';
import { allocateAnonVma, anonVmaOf, linkAnonVmas } from '../anon.js';
import { dropRead, isFree, isWriteLocked, tryRead } from '../locks.js';
import { FREED, type World } from '../world.js';
import { BLOCKED, type Label, type Register, type Run } from '../program.js';
import { faultEntry } from './fault-entry.js';
import { type Kit } from './kit.js';
import { isShared } from '../vmas.js';
import { VM } from '../../vma/vm-flags.js';

export interface Fault {
  readonly at: Vpn;
  readonly write: boolean;
  /** Where the access is tried again, and where it ends when nothing is mapped, or the file is not that long. */
  readonly retry: Label;
  readonly noVma: Label;
  readonly beyondFile: Label;
}

/** Which lock a fault holds. */
const BY_VMA = 1;
const BY_MMAP = 2;

export function faultSteps(kit: Kit, { at, write, retry, noVma, beyondFile }: Fault): void {
  const { b, w, mm } = kit;
  const { behaviours } = w;
  const [lockedBy, vma] = [b.reg(), b.reg()];
  const [slow, body, unlock, beyond, lost] = [b.label(), b.label(), b.label(), b.label(), b.label()];
  const place = w.hex(at);

  if (behaviours.per_vma_locks === 'yes') {
    b.step('lock_vma_under_rcu', `fault at ${place}: read-lock its VMA`, (c) => {
      const v = w.vmaAt(c, mm, at);
      if (v < 0 || isWriteLocked(c, w.vmaLock(v)) || isDenied(w, c, v, write)) return slow;
      // The first fault of a VMA needs its neighbours, and so the mmap lock.
      if (needsAnonVma(w, c, v, write)) return slow;
      tryRead(c, w.vmaLock(v));
      c.setReg(lockedBy, BY_VMA);
      c.setReg(vma, v);
      return body;
    });
    b.mark(slow);
  }
  b.step('lock_mm_and_find_vma', `fault at ${place}: mmap_read_lock()`, (c) => {
    if (!tryRead(c, w.mmapLock(mm))) return BLOCKED;
    c.setReg(lockedBy, BY_MMAP);
    return undefined;
  });
  const denied = b.label();
  findVma(kit, { at, write, vma, found: body, denied });
  b.mark(denied);
  b.step('bad_area', `nothing may be done at ${place}: mmap_read_unlock(), signal`, (c) => {
    dropRead(c, w.mmapLock(mm));
    return noVma;
  });
  b.mark(body);
  faultEntry(kit, { at, write, vma, done: unlock, beyond, lost });
  const drop = (c: Run): void => dropRead(c, c.reg(lockedBy) === BY_VMA ? w.vmaLock(c.reg(vma)) : w.mmapLock(mm));
  b.mark(unlock);
  b.step('handle_mm_fault', 'unlock, and try the access again', (c) => {
    drop(c);
    return retry;
  });
  b.mark(beyond);
  b.step('do_sigbus', `${place} lies past the end of the file: unlock`, (c) => {
    drop(c);
    return beyondFile;
  });
  b.mark(lost);
  b.step('bad_area', `there is no way to ${place}: unlock`, (c) => {
    drop(c);
    return noVma;
  });
}

const isDenied = (w: World, c: Run, v: number, write: boolean): boolean => write && (w.shapeOf(c, v).flags & VM.WRITE) === 0;
/** Private memory that is written, the copies of a file's pages among it. */
const needsAnonVma = (w: World, c: Run, v: number, write: boolean): boolean => write && !isShared(w.shapeOf(c, v)) && anonVmaOf(w, c, v) < 0;

export interface Find {
  readonly at: Vpn;
  readonly write: boolean;
  readonly vma: Register;
  readonly found: Label;
  /** No VMA, or one that may not be written. */
  readonly denied: Label;
}

/** find_vma() under the mmap lock, and vmf_anon_prepare(): its first write fault gives it an anon_vma. */
export function findVma({ b, w, mm }: Kit, { at, write, vma, found, denied }: Find): void {
  const fresh = b.reg();
  b.step('find_vma', `find the VMA of ${w.hex(at)}`, (c) => {
    const v = w.vmaAt(c, mm, at);
    if (v < 0 || isDenied(w, c, v, write)) return denied;
    c.setReg(vma, v);
    return needsAnonVma(w, c, v, write) ? undefined : found;
  });
  if (!write) return;
  b.step('__anon_vma_prepare', 'the VMA has no anon_vma: allocate one', (c) => c.setReg(fresh, allocateAnonVma(w, c, null)));
  b.step('__anon_vma_prepare', 'page_table_lock: vma->anon_vma = the new one, unless somebody was faster', (c) => {
    if (!isFree(c, w.pageTableLock(mm))) return BLOCKED;
    const v = c.reg(vma);
    if (w.behaviours.anon_vma_recheck === 'yes' && anonVmaOf(w, c, v) >= 0) c.set(w.anon(c.reg(fresh), 'state'), FREED);
    else linkAnonVmas(w, c, v, c.reg(fresh), c.get(w.vma(v, 'chain')) | (1 << c.reg(fresh)));
    return found;
  });
}
