/** mlock(2) and its relatives: do_mlock(), apply_vma_lock_flags() and mlock_fixup(), mm/mlock.c. */
import { MCL, MLOCK, type MlockallCall, type MlockCall, type Mlock2Call, type Bytes, type Pages, type Vpn } from '../../machine/index.js';
import { populateIgnoringErrors, populateRange } from '../pagetable/populate.js';
import { isRefused, refuse, type Outcome, type Refused } from '../refusal.js';
import { atByte, atPage, sizeOf, text } from '../values.js';
import { canDoMlock, has } from './limits.js';
import type { Mm } from './mm.js';
import { modifyVma } from './modify.js';
import { alignUp } from './page-align.js';
import { isFiller, pagesOf } from './vm-area.js';
import { LOCKED_MASK, VM } from './vm-flags.js';

export function sysMlock(mm: Mm, call: MlockCall): Outcome {
  return call.name === 'mlock' ? lock(mm, call.addr, call.length, VM.LOCKED) : unlock(mm, call.addr, call.length);
}

export function sysMlock2(mm: Mm, call: Mlock2Call): Outcome {
  if ((call.flags & ~MLOCK.MLOCK_ONFAULT) !== 0) {
    return refuse(mm, mm.functions.mlock, 'EINVAL', 'mlock.flags', 'mlock2 knows no flag but MLOCK_ONFAULT', [text('flags', `0x${(call.flags >>> 0).toString(16)}`)]);
  }
  return lock(mm, call.addr, call.length, call.flags & MLOCK.MLOCK_ONFAULT ? LOCKED_MASK : VM.LOCKED);
}

function lock(mm: Mm, addr: Bytes, length: Bytes, flags: number): Outcome {
  const where = mm.functions.mlock;
  if (!canDoMlock(mm)) return refuse(mm, where, 'EPERM', 'mlock.not_permitted', 'RLIMIT_MEMLOCK is 0 and the process lacks CAP_IPC_LOCK');
  const { start, pages } = wholePages(mm, addr, length);
  const limit = mm.limits.rlimits.RLIMIT_MEMLOCK;
  const wanted = mm.lockedVm + pages - (mm.lockedVm + pages > limit ? lockedIn(mm, start, start + pages) : 0);
  if (wanted > limit && !has(mm, 'CAP_IPC_LOCK')) {
    return refuse(mm, where, 'ENOMEM', 'mlock.rlimit', 'RLIMIT_MEMLOCK leaves no room for more locked memory', [
      sizeOf(mm, 'locked_vm', mm.lockedVm),
      sizeOf(mm, 'length', pages),
      sizeOf(mm, 'RLIMIT_MEMLOCK', Math.floor(limit)),
    ]);
  }
  const refused = applyLockFlags(mm, addr, start, start + pages, flags);
  if (refused !== null) return refused;
  if (!populateRange(mm, start, start + pages)) {
    return refuse(mm, mm.functions.populate, 'ENOMEM', 'mlock.populate', 'a page of the range cannot be faulted in; the range is locked all the same', [
      atPage(mm, 'start', start),
      sizeOf(mm, 'length', pages),
    ]);
  }
  return { value: 0n };
}

function unlock(mm: Mm, addr: Bytes, length: Bytes): Outcome {
  const { start, pages } = wholePages(mm, addr, length);
  return applyLockFlags(mm, addr, start, start + pages, 0) ?? { value: 0n };
}

/** Both ends are rounded outwards: mlock takes any address. */
function wholePages(mm: Mm, addr: Bytes, length: Bytes): { start: Vpn; pages: Pages } {
  const page = 1n << BigInt(mm.geometry.pageShift);
  return { start: Number(addr / page), pages: alignUp(mm.geometry, length + (addr % page)) };
}

function lockedIn(mm: Mm, from: Vpn, to: Vpn): Pages {
  let n = 0;
  for (const vma of mm.range(from, to)) if (vma.flags & VM.LOCKED) n += Math.min(vma.end, to) - Math.max(vma.start, from);
  return n;
}

/** VMA by VMA; a hole ends it, and what came before stays changed. */
function applyLockFlags(mm: Mm, addr: Bytes, start: Vpn, end: Vpn, flags: number): Refused | null {
  const where = mm.functions.applyLockFlags;
  if (end > 2 ** (64 - mm.geometry.pageShift)) return refuse(mm, where, 'EINVAL', 'mlock.wraps', 'the range reaches beyond the end of 64 bits', [atByte('addr', addr)]);
  for (let at = start; at < end;) {
    const vma = mm.lookup(at);
    if (vma === undefined || isFiller(vma)) return refuse(mm, where, 'ENOMEM', 'mlock.hole', 'part of the range is not mapped', [atPage(mm, 'at', at)]);
    const to = Math.min(end, vma.end);
    const refused = lockFixup(mm, at, to, (vma.flags & ~LOCKED_MASK) | flags);
    if (refused !== null) return refused;
    at = to;
  }
  return null;
}

function lockFixup(mm: Mm, start: Vpn, end: Vpn, flags: number): Refused | null {
  const vma = mm.lookup(start);
  if (vma === undefined || vma.flags === flags || vma.flags & (VM.DONTEXPAND | VM.DROPPABLE)) return null;
  const changed = modifyVma(mm, vma, start, end, flags);
  if (isRefused(changed)) return changed;
  const was = (vma.flags & VM.LOCKED) !== 0;
  const is = (flags & VM.LOCKED) !== 0;
  if (is !== was) mm.lockedVm += is ? end - start : start - end;
  return null;
}

export function sysMlockall(mm: Mm, call: MlockallCall): Outcome {
  const where = mm.functions.mlockall;
  const known = MCL.MCL_CURRENT | MCL.MCL_FUTURE | MCL.MCL_ONFAULT;
  if (call.flags === 0 || (call.flags & ~known) !== 0 || call.flags === MCL.MCL_ONFAULT) {
    return refuse(mm, where, 'EINVAL', 'mlockall.flags', 'mlockall takes MCL_CURRENT, MCL_FUTURE or both, and MCL_ONFAULT only with one of them', [
      text('flags', `0x${(call.flags >>> 0).toString(16)}`),
    ]);
  }
  if (!canDoMlock(mm)) return refuse(mm, where, 'EPERM', 'mlock.not_permitted', 'RLIMIT_MEMLOCK is 0 and the process lacks CAP_IPC_LOCK');
  const current = (call.flags & MCL.MCL_CURRENT) !== 0;
  const total = mm.totalVm;
  if (current && total > mm.limits.rlimits.RLIMIT_MEMLOCK && !has(mm, 'CAP_IPC_LOCK')) {
    return refuse(mm, where, 'ENOMEM', 'mlockall.rlimit', 'the whole address space is larger than RLIMIT_MEMLOCK', [
      sizeOf(mm, 'total_vm', total),
      sizeOf(mm, 'RLIMIT_MEMLOCK', Math.floor(mm.limits.rlimits.RLIMIT_MEMLOCK)),
    ]);
  }
  const flags = call.flags & MCL.MCL_ONFAULT ? LOCKED_MASK : VM.LOCKED;
  mm.defFlags = call.flags & MCL.MCL_FUTURE ? flags : 0;
  if (current) {
    lockAll(mm, flags);
    populateIgnoringErrors(mm, 0, mm.geometry.taskPages);
  }
  return { value: 0n };
}

export function sysMunlockall(mm: Mm): Outcome {
  mm.defFlags = 0;
  lockAll(mm, 0);
  return { value: 0n };
}

/** apply_mlockall_flags(): errors of a single VMA are ignored. */
function lockAll(mm: Mm, flags: number): void {
  for (let vma = mm.findVma(0); vma !== undefined; vma = mm.findVma(vma.start + pagesOf(vma))) {
    if (!vma.image) lockFixup(mm, vma.start, vma.end, (vma.flags & ~LOCKED_MASK) | flags);
  }
}
