/** Whether a process may have more: against its rlimits, the commit limit, its capabilities. */
import { size, toBytes, type Capability, type Pages, type Vpn } from '../../machine/index.js';
import { refuse, type Refused } from '../refusal.js';
import { number, sizeOf } from '../values.js';
import type { Mm } from './mm.js';
import { isDataMapping } from './vm-area.js';
import { VM } from './vm-flags.js';

export const has = (mm: Mm, capability: Capability): boolean => mm.limits.capabilities.has(capability);

/** mmap_min_addr, security/min_addr.c */
export const lowestHint = (mm: Mm): Vpn => Math.max(mm.limits.mmapMinAddr, mm.limits.lsmMmapMinAddr);

/** may_expand_vm(), mm/vma.c: RLIMIT_AS for every mapping, RLIMIT_DATA for writable private ones. */
export function mayExpandVm(mm: Mm, flags: number, pages: Pages): boolean {
  const { rlimits } = mm.limits;
  if (mm.totalVm + pages > rlimits.RLIMIT_AS) return false;
  if (isDataMapping(flags) && mm.dataVm + pages > rlimits.RLIMIT_DATA) return false;
  return true;
}

/** mlock_future_ok(), mm/mmap.c: RLIMIT_MEMLOCK, which CAP_IPC_LOCK overrides. */
export function mlockFutureOk(mm: Mm, flags: number, pages: Pages): boolean {
  if ((flags & VM.LOCKED) === 0 || has(mm, 'CAP_IPC_LOCK')) return true;
  return mm.lockedVm + pages <= mm.limits.rlimits.RLIMIT_MEMLOCK;
}

/** can_do_mlock(), mm/mlock.c */
export const canDoMlock = (mm: Mm): boolean => mm.limits.rlimits.RLIMIT_MEMLOCK > 0 || has(mm, 'CAP_IPC_LOCK');

/** __vm_enough_memory(), mm/util.c; root may use what is kept for it. */
export function enoughMemory(mm: Mm, pages: Pages): boolean {
  const { overcommit, ram, swap, overcommitRatio } = mm.limits;
  if (overcommit === 1) return true;
  if (overcommit === 0) return pages <= ram + swap;
  const root = has(mm, 'CAP_SYS_ADMIN');
  // admin_reserve_kbytes and user_reserve_kbytes: 8 MiB and 128 MiB, or a share of what there is.
  const adminReserve = root ? 0 : Math.min(2048, Math.floor(ram / 32));
  const userReserve = Math.min(Math.floor(mm.totalVm / 32), Math.floor(ram / 32), 32768);
  return committedOf(mm) + pages < Math.floor((ram * overcommitRatio) / 100) + swap - adminReserve - userReserve;
}

/** What __vm_enough_memory() says no to, with the size of the machine: `machine x86-64 { memory 8G }` chooses another. */
export function refuseCommit(mm: Mm, check: string, pages: Pages): Refused {
  const { overcommit, ram, swap, overcommitRatio } = mm.limits;
  const wanted = [sizeOf(mm, 'wanted', pages), sizeOf(mm, 'RAM', ram), sizeOf(mm, 'swap', swap)];
  if (overcommit === 0)
    return refuse(
      mm,
      mm.functions.enoughMemory,
      'ENOMEM',
      check,
      `more at once than the ${size(toBytes(mm.geometry, ram + swap))} of RAM and swap that the machine has, which vm.overcommit_memory 0 never promises`,
      wanted,
    );
  return refuse(mm, mm.functions.enoughMemory, 'ENOMEM', check, 'the commit limit of vm.overcommit_memory 2 leaves no room', [
    ...wanted,
    sizeOf(mm, 'committed', committedOf(mm)),
    number('overcommit_ratio', overcommitRatio),
  ]);
}

/** vm_committed_as: what all processes together are charged for. */
const committedOf = (mm: Mm): Pages => [...mm.kernel.mms].reduce((n, other) => n + other.committed, 0);
