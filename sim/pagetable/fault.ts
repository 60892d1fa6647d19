/**
 * handle_mm_fault(), mm/memory.c, over a whole range at once: what faulting its pages one after
 * the other, from the lowest up, leaves behind.
 */
import type { Vpn } from '../../machine/index.js';
import type { Run } from '../extents.js';
import { userfault } from '../uffd.js';
import type { Mm } from '../vma/mm.js';
import { growStack } from '../vma/stack.js';
import type { VmArea } from '../vma/vm-area.js';
import { VM } from '../vma/vm-flags.js';
import { faultAnonymous } from './fault-anon.js';
import { faultFile, faultPrivateFile } from './fault-file.js';
import type { FaultStop } from './fault-stop.js';
import { faultHugetlb, isHugetlb } from './hugetlb.js';
import { ZERO_PFN } from '../rmap/folio.js';
import { GUARD_PFN, PTE, type Pte } from './page-tables.js';

/** Makes every page of [from, to) accessible, in order; stops at the first one that cannot be. */
export function faultRange(mm: Mm, from: Vpn, to: Vpn, write: boolean): FaultStop | null {
  for (let at = from; at < to;) {
    const vma = mm.lookup(at) ?? growStack(mm, at);
    if (vma === undefined || !isAccessible(vma, write)) return { signal: 'SIGSEGV', at };
    const held = mm.pageTables.entries.list(at, Math.min(to, vma.end));
    const guard = firstGuard(held);
    if (guard === at) return { signal: 'SIGSEGV', at };
    const end = guard ?? Math.min(to, vma.end);
    swapIn(mm, held);
    const stop = handleMmFault(mm, vma, at, end, write);
    if (stop !== null) return stop;
    at = end;
  }
  return null;
}

/** do_swap_page(): pages come back to where their entries have stayed, or been moved to. */
function swapIn(mm: Mm, held: readonly Run<Pte>[]): void {
  for (const run of held) {
    if (run.value.pfn === GUARD_PFN) return;
    if (run.value.flags !== PTE.SWAP) continue;
    mm.pageTables.entries.set(run.start, run.count, { pfn: run.value.pfn });
    mm.rss += run.count;
    mm.recorder.faults.read += run.count;
  }
}

function handleMmFault(mm: Mm, vma: VmArea, from: Vpn, to: Vpn, write: boolean): FaultStop | null {
  if (write && vma.anonVma !== null && mm.memory.givenUp) keepFreed(mm, from, to);
  if (vma.uffd !== null) return faultWatched(mm, vma, from, to, write);
  return faultUnwatched(mm, vma, from, to, write);
}

/** Page by page, for each may be told to the monitor. */
function faultWatched(mm: Mm, vma: VmArea, from: Vpn, to: Vpn, write: boolean): FaultStop | null {
  for (let at = from; at < to; at++) {
    userfault(mm, mm.lookup(at) ?? vma, at, write);
    const stop = faultUnwatched(mm, mm.lookup(at) ?? vma, at, at + 1, write);
    if (stop !== null) return stop;
  }
  return null;
}

function faultUnwatched(mm: Mm, vma: VmArea, from: Vpn, to: Vpn, write: boolean): FaultStop | null {
  if (vma.file !== null && isHugetlb(vma)) return faultHugetlb(mm, vma, vma.file, from, to, write);
  if (vma.file !== null) {
    return write && !(vma.flags & VM.SHARED) ? faultPrivateFile(mm, vma, vma.file, from, to) : faultFile(mm, vma, vma.file, from, to, write);
  }
  faultAnonymous(mm, vma, from, to, write);
  return null;
}

/** A store makes the entry dirty: what MADV_FREE gave up is wanted again. */
function keepFreed(mm: Mm, from: Vpn, to: Vpn): void {
  for (const run of mm.pageTables.entries.list(from, to)) {
    if (run.value.pfn <= ZERO_PFN) continue;
    for (const folios of mm.memory.runs(run.value.pfn, run.count)) {
      if (folios.value.lazyFree === true) mm.memory.update(folios.start, folios.count, (folio) => ({ ...folio, lazyFree: false }));
    }
  }
}

/** access_error(), arch/x86/mm/fault.c: a read needs any access at all, a write needs VM_WRITE. */
function isAccessible(vma: VmArea, write: boolean): boolean {
  return (vma.flags & (write ? VM.WRITE : VM.READ | VM.WRITE | VM.EXEC)) !== 0 && !vma.image;
}

/** A guard of MADV_GUARD_INSTALL ends the access. */
function firstGuard(held: readonly Run<Pte>[]): Vpn | undefined {
  for (const run of held) if (run.value.pfn === GUARD_PFN) return run.start;
  return undefined;
}
