/**
 * userfaultfd (fs/userfaultfd.c): faults and changes of layout that are told to a monitor. The
 * monitor modelled here answers a missing page with a zero page and a write-protect fault by lifting
 * the protection, and reads every event.
 */
import { toBytes, type Range, type UffdCall, type UffdEvent, type UffdRangeCall, type Vpn } from '../machine/index.js';
import { anonVmaPrepare } from './pagetable/fault-anon.js';
import { cacheFrames, mapCached } from './pagetable/fault-file.js';
import { allocPath } from './pagetable/map.js';
import { isPresent, PTE } from './pagetable/page-tables.js';
import { ZERO_PFN } from './rmap/folio.js';
import { isRefused, refuse, type Outcome, type Refused } from './refusal.js';
import type { Uffd } from './uffd-ctx.js';
import { atByte, atPage, bytes } from './values.js';
import type { Mm } from './vma/mm.js';
import { modifyVma } from './vma/modify.js';
import { alignUp } from './vma/page-align.js';
import { pgoffAt, type VmArea } from './vma/vm-area.js';
import { UFFD_FLAGS, VM } from './vma/vm-flags.js';

const MODES = { MISSING: VM.UFFD_MISSING, WP: VM.UFFD_WP, MINOR: VM.UFFD_MINOR } as const;

export function sysUffd(mm: Mm, call: UffdCall): Outcome {
  if (call.name === 'userfaultfd') {
    mm.uffd = { id: mm.kernel.objectId(), features: new Set(call.features) };
    return { value: 0n };
  }
  // Closing takes every registration back.
  const closing = mm.uffd;
  mm.uffd = null;
  if (closing !== null) for (const vma of mm.vmas.values()) if (vma.uffd === closing) change(mm, vma, vma.start, vma.end, vma.flags & ~UFFD_FLAGS, null);
  return { value: 0n };
}

export function sysUffdRange(mm: Mm, call: UffdRangeCall): Outcome {
  const where = mm.functions.userfaultfd;
  const page = toBytes(mm.geometry, 1);
  if (mm.uffd === null) return refuse(mm, where, 'EBADF', 'uffd.closed', 'no userfaultfd is open');
  if (call.addr % page !== 0n || call.length % page !== 0n || call.length === 0n) {
    return refuse(mm, where, 'EINVAL', 'uffd.misaligned', 'address and length must be page aligned, and the length not 0', [bytes('length', call.length)]);
  }
  const outside = validateRange(mm, call);
  if (outside !== null) return outside;
  const start = Number(call.addr / page);
  const end = start + alignUp(mm.geometry, call.length);
  switch (call.name) {
    case 'uffd_register':
      return register(mm, start, end, MODES[call.mode], mm.uffd) ?? { value: 0n };
    case 'uffd_unregister':
      return unregister(mm, start, end) ?? { value: 0n };
    case 'uffd_writeprotect':
      return writeProtect(mm, start, end, call.protect) ?? { value: 0n };
  }
}

/** validate_range(): a tag, which these requests do not strip, puts a range outside. */
function validateRange(mm: Mm, { addr, length }: UffdRangeCall): Refused | null {
  const { geometry, limits } = mm;
  if (addr >= toBytes(geometry, limits.mmapMinAddr) && addr + length <= toBytes(geometry, geometry.taskPages)) return null;
  return refuse(mm, mm.functions.userfaultfd, 'EINVAL', 'uffd.range', 'the range must lie in the user address space, above vm.mmap_min_addr', [
    atByte('start', addr),
    bytes('length', length),
    atPage(mm, 'TASK_SIZE', geometry.taskPages),
  ]);
}

/** vma_can_userfault(): anonymous memory, and shared memory and hugetlb as far as the release has it. */
function canUserfault({ behaviours }: Mm, { file }: VmArea, mode: number): boolean {
  if (file?.special === true) return false;
  if (mode === VM.UFFD_MINOR) return behaviours.uffd_minor === 'yes';
  return mode !== VM.UFFD_WP || file === null || behaviours.uffd_wp_shared === 'yes';
}

function register(mm: Mm, start: Vpn, end: Vpn, mode: number, ctx: Uffd): Refused | null {
  const vmas = mm.range(start, end);
  if (vmas.length === 0) return refuse(mm, mm.functions.userfaultfd, 'EINVAL', 'uffd.unmapped', 'nothing is mapped in the range', [atPage(mm, 'start', start)]);
  const unfit = vmas.find((v) => !canUserfault(mm, v, mode));
  if (unfit !== undefined)
    return refuse(mm, mm.functions.userfaultfd, 'EINVAL', 'uffd.mode', 'this kernel cannot watch such memory in this mode', [atPage(mm, 'vm_start', unfit.start)]);
  const busy = vmas.find((v) => v.uffd !== null && v.uffd !== ctx);
  if (busy !== undefined) return refuse(mm, mm.functions.userfaultfd, 'EBUSY', 'uffd.busy', 'another userfaultfd watches part of the range', [atPage(mm, 'vm_start', busy.start)]);
  for (const vma of vmas) {
    const now = mm.lookup(Math.max(vma.start, start));
    if (now === undefined) continue;
    const flags = (now.flags & ~UFFD_FLAGS) | mode;
    if (now.uffd === ctx && flags === now.flags) continue;
    const refused = change(mm, now, Math.max(now.start, start), Math.min(vma.end, end), flags, ctx);
    if (refused !== null) return refused;
  }
  return null;
}

function unregister(mm: Mm, start: Vpn, end: Vpn): Refused | null {
  const vmas = mm.range(start, end);
  if (vmas.length === 0) return refuse(mm, mm.functions.userfaultfd, 'EINVAL', 'uffd.unmapped', 'nothing is mapped in the range', [atPage(mm, 'start', start)]);
  for (const vma of vmas) {
    const now = mm.lookup(Math.max(vma.start, start));
    if (now === undefined || now.uffd === null) continue;
    const refused = change(mm, now, Math.max(now.start, start), Math.min(vma.end, end), now.flags & ~UFFD_FLAGS, null);
    if (refused !== null) return refused;
    clearWriteProtection(mm, Math.max(vma.start, start), Math.min(vma.end, end));
  }
  return null;
}

function change(mm: Mm, vma: VmArea, start: Vpn, end: Vpn, flags: number, uffd: Uffd | null): Refused | null {
  const changed = modifyVma(mm, vma, start, end, flags, uffd);
  return isRefused(changed) ? changed : null;
}

/** mwriteprotect_range(), VMA by VMA: present pages only; what is not there stays unprotected. */
function writeProtect(mm: Mm, start: Vpn, end: Vpn, protect: boolean): Refused | null {
  const vmas = mm.range(start, end);
  const notWatched = (): Refused =>
    refuse(mm, mm.functions.userfaultfd, 'ENOENT', 'uffd.not_registered', 'the range is not registered for write protection', [atPage(mm, 'start', start)]);
  for (const vma of vmas) {
    if ((vma.flags & VM.UFFD_WP) === 0) return notWatched();
    const [from, to] = [Math.max(vma.start, start), Math.min(vma.end, end)];
    if (protect) protectPresent(mm, from, to);
    else clearWriteProtection(mm, from, to);
  }
  return vmas.length === 0 ? notWatched() : null;
}

function protectPresent(mm: Mm, from: Vpn, to: Vpn): void {
  for (const run of mm.pageTables.entries.list(from, to)) {
    if (isPresent(run.value)) mm.pageTables.entries.set(run.start, run.count, { ...run.value, flags: PTE.UFFD_WP });
  }
}

export function clearWriteProtection(mm: Mm, from: Vpn, to: Vpn): void {
  for (const run of mm.pageTables.entries.list(from, to)) {
    if (run.value.flags === PTE.UFFD_WP) mm.pageTables.entries.set(run.start, run.count, { pfn: run.value.pfn });
  }
}

/** handle_userfault(): what the monitor is told and does before the fault of one page goes on. */
export function userfault(mm: Mm, vma: VmArea, at: Vpn, write: boolean): void {
  const pte = mm.pageTables.get(at);
  // What the object has already is not missing, nor is what lies beyond its end (shmem_get_folio_gfp()).
  const offset = pgoffAt(vma, at);
  const missing = vma.file === null || (offset < vma.file.pages && !vma.file.cache.has(offset));
  if (pte === undefined && vma.flags & VM.UFFD_MISSING && missing) {
    tell(mm, { event: 'fault-missing', at: toBytes(mm.geometry, at) });
    zeroPage(mm, vma, at);
  } else if (write && pte?.flags === PTE.UFFD_WP && vma.flags & VM.UFFD_WP) {
    tell(mm, { event: 'fault-wp', at: toBytes(mm.geometry, at) });
    clearWriteProtection(mm, at, at + 1);
  }
}

/** UFFDIO_ZEROPAGE: the zero page, or for shared memory a fresh page of the object. */
function zeroPage(mm: Mm, vma: VmArea, at: Vpn): void {
  if (vma.file === null) {
    anonVmaPrepare(mm, vma);
    allocPath(mm, 0, at, at + 1);
    mm.pageTables.entries.set(at, 1, { pfn: ZERO_PFN });
    return;
  }
  const offset = pgoffAt(vma, at);
  if (offset >= vma.file.pages || vma.file.cache.has(offset)) return;
  cacheFrames(mm, vma.file, offset, 1);
  allocPath(mm, 0, at, at + 1);
  mapCached(mm, vma.file, at, offset, 1);
}

export function tell(mm: Mm, event: UffdEvent): void {
  mm.recorder.events.push(event);
}

/** vma_has_uffd_without_event_remap(): the registration does not survive a move. */
export const losesUffdWhenMoved = (vma: VmArea): boolean => vma.uffd !== null && !vma.uffd.features.has('EVENT_REMAP');

/** mremap_userfaultfd_prep(): the copy keeps the registration if its monitor hears of moves. */
export function moveUffd(mm: Mm, dst: VmArea): Uffd | null {
  const now = mm.lookup(dst.start);
  if (now === undefined || now.uffd === null) return null;
  if (now.uffd.features.has('EVENT_REMAP')) return now.uffd;
  mm.replace([now], [{ ...now, flags: now.flags & ~UFFD_FLAGS, uffd: null }]);
  return null;
}

/** userfaultfd_unmap_prep(): one event for the whole range of a munmap, if anybody there wants it; kept in `uf` where it is to be told later. */
export function tellUnmap(mm: Mm, vmas: readonly VmArea[], start: Vpn, end: Vpn, uf?: Range[]): void {
  if (!vmas.some((v) => v.uffd?.features.has('EVENT_UNMAP'))) return;
  const range = { start: toBytes(mm.geometry, start), end: toBytes(mm.geometry, end) };
  if (uf === undefined) tell(mm, { event: 'unmap', ...range });
  else uf.push(range);
}

/** dup_userfaultfd(): a child is watched only by a monitor that hears of forks. */
export function forkUffd(vma: VmArea): VmArea {
  if (vma.uffd === null || vma.uffd.features.has('EVENT_FORK')) return vma;
  return { ...vma, flags: vma.flags & ~UFFD_FLAGS, uffd: null };
}
