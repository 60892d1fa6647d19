/** mmap(2): ksys_mmap_pgoff(), do_mmap() and mmap_region(), mm/mmap.c and mm/vma.c. */
import { type Bytes, MAP, PROT, toBytes, toVpn, type MmapCall, type Pages, type Vpn } from '../../machine/index.js';
import { archProtFlags } from '../arch/prot.js';
import { alignHuge, hugetlbPages, isHugeAligned } from '../pagetable/hugetlb.js';
import { populateIgnoringErrors } from '../pagetable/populate.js';
import { SharedObject } from '../pagetable/shared-object.js';
import { isRefused, refuse, type Outcome, type Refused } from '../refusal.js';
import { atByte, atPage, bytes, number, sizeOf, text } from '../values.js';
import { tellUnmap } from '../uffd.js';
import { canDoMlock, enoughMemory, lowestHint, mayExpandVm, mlockFutureOk, refuseCommit } from './limits.js';
import { freshAnonPgoff } from './anon-pgoff.js';
import { mergeNewMapping } from './merge.js';
import type { NewRange } from './merge-checks.js';
import type { Mm } from './mm.js';
import { gatherVmas, munmapPages, removeVmas } from './munmap.js';
import { alignUp } from './page-align.js';
import { getUnmappedArea } from './placement.js';
import { isAccounted, type VmArea } from './vm-area.js';
import { LOCKED_MASK, VM } from './vm-flags.js';

const MAP_TYPE = 0x0f;
/** MAX_LFS_FILESIZE */
const MAX_FILE_BYTES = (1n << 63n) - 1n;
export function sysMmap(mm: Mm, call: MmapCall): Outcome {
  const refused = checkArguments(mm, call);
  if (refused !== null) return refused;
  const hugetlb = (call.flags & MAP.MAP_HUGETLB) !== 0;
  const pages = hugetlb ? alignHuge(mm, alignUp(mm.geometry, call.length)) : alignUp(mm.geometry, call.length);
  const noreplace = (call.flags & MAP.MAP_FIXED_NOREPLACE) !== 0;
  const fixed = noreplace || (call.flags & MAP.MAP_FIXED) !== 0;
  const file = call.flags & MAP.MAP_ANONYMOUS ? null : (mm.files.get(call.fd) ?? null);
  const type = call.flags & MAP_TYPE;
  const shared = type === MAP.MAP_SHARED || (type === MAP.MAP_SHARED_VALIDATE && file !== null);

  if (hugetlb && fixed && !isHugeAligned(mm, toVpn(mm.geometry, call.addr))) {
    return refuse(mm, mm.functions.getUnmappedArea, 'EINVAL', 'mmap.hugetlb_address', 'the address of hugetlb memory must be aligned to its huge pages', [
      atByte('addr', call.addr),
    ]);
  }
  if (hugetlb && mm.kernel.hugeReserved + pages / hugetlbPages(mm) > mm.kernel.hugePool && !(call.flags & MAP.MAP_NORESERVE)) {
    return refuse(mm, mm.functions.mmapFd, 'ENOMEM', 'mmap.hugetlb_pool', 'vm.nr_hugepages leaves too few huge pages to reserve', [
      number('nr_hugepages', mm.kernel.hugePool),
      number('reserved', mm.kernel.hugeReserved),
      number('wanted', pages / hugetlbPages(mm)),
    ]);
  }
  const area = getUnmappedArea(mm, {
    hint: fixed ? call.addr : roundHintToMin(mm, call.addr),
    pages,
    fixed,
    packed: shared || file !== null || hugetlb,
    align: hugetlb ? hugetlbPages(mm) : 1,
    low: (call.flags & MAP.MAP_32BIT) !== 0 && mm.geometry.arch === 'x86-64',
    ...(call.place === undefined ? {} : { place: call.place }),
  });
  if (isRefused(area)) return area;
  const { at } = area;
  if (noreplace) {
    const occupied = mm.intersection(at, at + pages);
    if (occupied !== undefined) {
      return refuse(mm, mm.functions.doMmap, 'EEXIST', 'mmap.noreplace', 'MAP_FIXED_NOREPLACE found a mapping in the range', [
        atPage(mm, 'vm_start', occupied.start),
        atPage(mm, 'vm_end', occupied.end),
      ]);
    }
  }
  const flags = vmFlags(mm, call, shared);
  if (call.flags & MAP.MAP_LOCKED && !canDoMlock(mm)) return refuse(mm, mm.functions.doMmap, 'EPERM', 'mmap.locked', 'RLIMIT_MEMLOCK is 0 and the process lacks CAP_IPC_LOCK');
  if (!mlockFutureOk(mm, flags, pages)) {
    return refuse(mm, mm.functions.mlockFutureOk, 'EAGAIN', 'mmap.rlimit_memlock', 'RLIMIT_MEMLOCK leaves no room for more locked memory', [
      sizeOf(mm, 'locked_vm', mm.lockedVm),
      sizeOf(mm, 'length', pages),
    ]);
  }
  if (type === MAP.MAP_SHARED_VALIDATE && file !== null && call.flags & MAP.MAP_SYNC)
    return refuse(mm, mm.functions.doMmap, 'EOPNOTSUPP', 'mmap.sync', 'MAP_SYNC needs a file on persistent memory');
  // file_mmap_ok(): the last byte must have an offset of its own.
  if (file !== null && call.offset + toBytes(mm.geometry, pages) > MAX_FILE_BYTES) {
    return refuse(mm, mm.functions.doMmap, 'EOVERFLOW', 'mmap.file_offset', 'offset and length exceed the largest file offset', [
      bytes('offset', call.offset),
      sizeOf(mm, 'length', pages),
    ]);
  }
  const droppable = type === MAP.MAP_DROPPABLE && file === null && !hugetlb && mm.behaviours.map_droppable === 'yes';
  if (droppable && call.flags & (MAP.MAP_LOCKED | MAP.MAP_GROWSDOWN))
    return refuse(mm, mm.functions.doMmap, 'EINVAL', 'mmap.droppable', 'what may be dropped at any time can be neither locked nor a stack');
  if (!shared && type !== MAP.MAP_PRIVATE && !droppable) {
    return refuse(mm, mm.functions.doMmap, 'EINVAL', 'mmap.type', 'anonymous memory is MAP_SHARED or MAP_PRIVATE, one of the two', [text('MAP_TYPE', `0x${type.toString(16)}`)]);
  }

  if ((shared || file !== null) && call.flags & MAP.MAP_GROWSDOWN)
    return refuse(mm, mm.functions.doMmap, 'EINVAL', 'mmap.shared_growsdown', 'shared memory and files cannot grow down');

  const offset = Number(call.offset >> BigInt(mm.geometry.pageShift));
  // Every hugetlb mapping without a file gets a file of its own (hugetlb_file_setup()).
  const object = hugetlb ? new SharedObject(mm.kernel.objectId(), 'hugetlb', pages) : file;
  const mapped = mmapRegion(mm, at, pages, droppable ? asDroppable(flags) : flags, shared, object, offset);
  if (isRefused(mapped)) return mapped;
  if (hugetlb) mm.kernel.hugeReserved += pages / hugetlbPages(mm);
  if (flags & VM.LOCKED || (call.flags & (MAP.MAP_POPULATE | MAP.MAP_NONBLOCK)) === MAP.MAP_POPULATE) populateIgnoringErrors(mm, at, at + pages);
  return { value: toBytes(mm.geometry, at) };
}

/** round_hint_to_min(): down to a page, and not below what may be mapped; a hint in the first page is none. */
function roundHintToMin(mm: Mm, hint: Bytes): Bytes {
  const page = hint - (hint % toBytes(mm.geometry, 1));
  const lowest = toBytes(mm.geometry, lowestHint(mm));
  return page !== 0n && page < lowest ? lowest : page;
}

/** The checks that look at nothing but the arguments and the number of VMAs, in the kernel's order. */
function checkArguments(mm: Mm, call: MmapCall): Refused | null {
  const page = toBytes(mm.geometry, 1);
  const pages = alignUp(mm.geometry, call.length);
  if (call.offset % page !== 0n) return refuse(mm, mm.functions.mmapArch, 'EINVAL', 'mmap.offset', 'the offset must be page aligned', [bytes('offset', call.offset)]);
  if ((call.flags & MAP.MAP_ANONYMOUS) === 0 && !mm.files.has(call.fd)) {
    return refuse(mm, mm.functions.mmapFd, 'EBADF', 'mmap.fd', 'the file descriptor is not open; without a file the flags need MAP_ANONYMOUS', [number('fd', call.fd)]);
  }
  if (call.length === 0n) return refuse(mm, mm.functions.doMmap, 'EINVAL', 'mmap.length_zero', 'the length is 0', [bytes('length', 0n)]);
  if (pages === 0)
    return refuse(mm, mm.functions.doMmap, 'ENOMEM', 'mmap.length_wraps', 'the length, rounded up to a page, does not fit in 64 bits', [bytes('length', call.length)]);
  if (call.offset / page + BigInt(pages) >= 1n << 64n)
    return refuse(mm, mm.functions.doMmap, 'EOVERFLOW', 'mmap.offset_overflow', 'offset and length exceed the largest file offset', [bytes('offset', call.offset)]);
  if (mm.mapCount > mm.limits.maxMapCount) {
    return refuse(mm, mm.functions.doMmap, 'ENOMEM', 'mmap.map_count', 'the process has more than vm.max_map_count mappings', [
      number('map_count', mm.mapCount),
      number('max_map_count', mm.limits.maxMapCount),
    ]);
  }
  if (call.addr < 0n) return refuse(mm, mm.functions.doMmap, 'EINVAL', 'mmap.addr', 'the address is negative', [atByte('addr', call.addr)]);
  return null;
}

/** calc_vm_prot_bits(), calc_vm_flag_bits() and accountable_mapping(). */
function vmFlags(mm: Mm, call: MmapCall, shared: boolean): number {
  let flags = VM.MAYREAD | VM.MAYWRITE | VM.MAYEXEC | mm.defFlags;
  if (call.prot & PROT.PROT_READ) flags |= VM.READ;
  if (call.prot & PROT.PROT_WRITE) flags |= VM.WRITE;
  if (call.prot & PROT.PROT_EXEC) flags |= VM.EXEC;
  flags |= archProtFlags(mm.geometry, call.prot);
  if (shared) flags |= VM.SHARED | VM.MAYSHARE;
  if (call.flags & MAP.MAP_HUGETLB) flags |= VM.HUGETLB | VM.DONTEXPAND;
  if (call.flags & MAP.MAP_GROWSDOWN) flags |= VM.GROWSDOWN;
  if (call.flags & MAP.MAP_LOCKED) flags |= VM.LOCKED;
  if (call.flags & MAP.MAP_STACK && mm.behaviours.stack_nohugepage === 'yes') flags |= VM.NOHUGEPAGE;
  // Strict overcommit charges whatever the caller says.
  if (call.flags & MAP.MAP_NORESERVE && mm.limits.overcommit !== 2) flags |= VM.NORESERVE;
  if (!shared && flags & VM.WRITE && !(flags & (VM.NORESERVE | VM.HUGETLB))) flags |= VM.ACCOUNT;
  return flags;
}

/** MAP_DROPPABLE: nothing is reserved for it, a fork and a dump leave it out, and no lock keeps it. */
const asDroppable = (flags: number): number => (flags & ~(VM.ACCOUNT | LOCKED_MASK)) | VM.DROPPABLE | VM.NORESERVE | VM.WIPEONFORK | VM.DONTDUMP;

/** mmap_region(): replaces what is there, then extends a neighbour or adds a VMA. */
function mmapRegion(mm: Mm, at: Vpn, pages: Pages, flags: number, shared: boolean, mapped: SharedObject | null, offset: number): VmArea | Refused {
  const refused = makeRoom(mm, at, pages, flags, shared);
  if (refused !== null) return refused;
  if (flags & VM.ACCOUNT) mm.committed += pages;
  if (flags & VM.LOCKED) mm.lockedVm += pages;
  const file = mapped ?? (shared ? new SharedObject(mm.kernel.objectId(), 'shm', pages) : null);
  const pgoff = file === null ? at : mapped === null ? 0 : offset;
  const range: NewRange = { start: at, end: at + pages, pgoff, anonPgoff: freshAnonPgoff(mm, at, pgoff), flags: flags | VM.SOFTDIRTY, file, anonVma: null, uffd: null };
  mm.account(flags, pages);
  const merged = mergeNewMapping(mm, range);
  if (merged !== null) {
    mm.recorder.step(mm.functions.mergeNew, 'done', 'mmap.extended', 'extended a neighbouring VMA', () => [atPage(mm, 'vm_start', merged.start), atPage(mm, 'vm_end', merged.end)]);
    return merged;
  }
  const vma: VmArea = { start: at, end: at + pages, pgoff, anonPgoff: range.anonPgoff, flags: range.flags, file, anonVma: null, chain: [], uffd: null, image: false };
  mm.insert(vma);
  mm.recorder.step(mm.functions.mmapRegion, 'done', 'mmap.added', 'added a VMA', () => [atPage(mm, 'vm_start', vma.start), atPage(mm, 'vm_end', vma.end)]);
  return vma;
}

/**
 * Takes away what the new mapping replaces, if the limits allow the new one. Since v6.12 a limit
 * that refuses leaves the old mappings in place; before, the commit limit was asked after they had gone.
 */
function makeRoom(mm: Mm, at: Vpn, pages: Pages, flags: number, shared: boolean): Refused | null {
  const charge = shared ? 0 : flags & VM.ACCOUNT ? pages : 0;
  if (mm.behaviours.mmap_replace === 'unmap_first') {
    const refused = tooLarge(mm, flags, pages, pagesWithin(mm.range(at, at + pages), at, at + pages));
    if (refused !== null) return refused;
    const inTheWay = munmapPages(mm, at, pages);
    // mmap_region() makes ENOMEM of whatever munmap said.
    if (inTheWay !== null) return { ...inTheWay, errno: 'ENOMEM' };
    return overcommitted(mm, charge, 0);
  }
  const gathered = gatherVmas(mm, at, at + pages);
  if (isRefused(gathered)) return gathered;
  const refused = tooLarge(mm, flags, pages, pagesWithin(gathered, at, at + pages)) ?? overcommitted(mm, charge, pagesWithin(gathered.filter(isAccounted), at, at + pages));
  if (refused !== null) return refused;
  tellUnmap(mm, gathered, at, at + pages);
  removeVmas(mm, gathered);
  return null;
}

/** How many pages of [from, to) the VMAs have. */
function pagesWithin(vmas: readonly VmArea[], from: Vpn, to: Vpn): Pages {
  let n = 0;
  for (const v of vmas) n += Math.min(v.end, to) - Math.max(v.start, from);
  return n;
}

function tooLarge(mm: Mm, flags: number, pages: Pages, replaced: Pages): Refused | null {
  if (mayExpandVm(mm, flags, pages - replaced)) return null;
  return refuse(mm, mm.functions.mayExpand, 'ENOMEM', 'mmap.rlimit', 'RLIMIT_AS or RLIMIT_DATA leaves no room for the mapping', [
    sizeOf(mm, 'total_vm', mm.totalVm),
    sizeOf(mm, 'length', pages),
    sizeOf(mm, 'replaced', replaced),
  ]);
}

function overcommitted(mm: Mm, charge: Pages, replaced: Pages): Refused | null {
  if (charge === replaced || charge === 0 || enoughMemory(mm, charge - replaced)) return null;
  return refuseCommit(mm, 'mmap.commit', charge - replaced);
}
