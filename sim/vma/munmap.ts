/** munmap(2): do_vmi_munmap() and unmap_region(), mm/mmap.c and mm/vma.c. */
import { toVpn, type Bytes, type MunmapCall, type Pages, type Range, type Vpn } from '../../machine/index.js';
import { hugetlbPages, isHugetlb } from '../pagetable/hugetlb.js';
import { isRefused, refuse, type Outcome, type Refused } from '../refusal.js';
import { tellUnmap } from '../uffd.js';
import { atByte, atPage, bytes, sizeOf } from '../values.js';
import type { Mm } from './mm.js';
import type { Region } from './effects.js';
import { alignUp } from './page-align.js';
import { refuseSplit } from './modify.js';
import { refuseSealed } from './mseal.js';
import { refuseAllocation, refuseHole, splitVma } from './split.js';
import { isAccounted, pagesOf, type VmArea } from './vm-area.js';
import { VM } from './vm-flags.js';

/** What an unmapping is part of. */
export type Unmapping = Partial<Pick<Region, 'moved' | 'unlocks'>>;

export function sysMunmap(mm: Mm, call: MunmapCall): Outcome {
  return munmapBytes(mm, call.addr, alignUp(mm.geometry, call.length), undefined, { unlocks: mm.behaviours.munmap_downgrade === 'yes' }) ?? { value: 0n };
}

/** The range checks of do_vmi_munmap(), for arguments nobody has looked at yet. */
export function munmapBytes(mm: Mm, addr: Bytes, pages: Pages, uf?: Range[], how: Unmapping = {}): Refused | null {
  const start = toVpn(mm.geometry, addr);
  const top = mm.geometry.taskPages;
  if (addr % (1n << BigInt(mm.geometry.pageShift)) !== 0n) {
    return refuse(mm, mm.functions.munmap, 'EINVAL', 'munmap.misaligned', 'the address must be page aligned', [atByte('addr', addr)]);
  }
  if (pages > top - start) {
    return refuse(mm, mm.functions.munmap, 'EINVAL', 'munmap.range', 'the range ends above the user address space', [
      atByte('addr', addr),
      sizeOf(mm, 'length', pages),
      atPage(mm, 'TASK_SIZE', top),
    ]);
  }
  if (pages === 0) return refuse(mm, mm.functions.munmap, 'EINVAL', 'munmap.empty', 'the length is 0', [bytes('length', 0n)]);
  return munmapPages(mm, start, pages, uf, how);
}

/**
 * Unmaps whole pages; nothing mapped there is no error.
 * @param uf the list of a caller that tells a userfaultfd's monitor later; without one it is told now
 */
export function munmapPages(mm: Mm, start: Vpn, pages: Pages, uf?: Range[], how: Unmapping = {}): Refused | null {
  const gathered = gatherVmas(mm, start, start + pages);
  if (isRefused(gathered)) return gathered;
  tellUnmap(mm, gathered, start, start + pages, uf);
  removeVmas(mm, gathered, how);
  return null;
}

/** vms_gather_munmap_vmas(): the VMAs of the range, split at both ends. An end may be cut off even at vm.max_map_count. */
export function gatherVmas(mm: Mm, start: Vpn, end: Vpn): readonly VmArea[] | Refused {
  const first = mm.intersection(start, end);
  if (first === undefined) return [];
  mm.effects.part('gather');
  if (first.start < start) {
    const refused = (first.end > end ? refuseHole(mm) : null) ?? refuseSealed(mm, first);
    if (refused !== null) return refused;
    const special = refuseSplit(mm, first, start);
    if (special !== null) return special;
    const failed = refuseAllocation(mm);
    if (failed !== null) return failed;
    splitVma(mm, first, start);
  }
  const gathered = mm.range(start, end);
  for (const vma of gathered) {
    // A seal further on leaves the split that was made at the start.
    const refused = refuseSealed(mm, vma);
    if (refused !== null) return refused;
  }
  const last = gathered.at(-1);
  if (last === undefined || last.end <= end) return gathered;
  const special = refuseSplit(mm, last, end);
  if (special !== null) return special;
  const failed = refuseAllocation(mm);
  if (failed !== null) return failed;
  return [...gathered.slice(0, -1), splitVma(mm, last, end).lower];
}

/** vms_complete_munmap_vmas(): takes them out, with their pages and the tables only they needed. */
export function removeVmas(mm: Mm, gathered: readonly VmArea[], { moved = false, unlocks = false }: Unmapping = {}): void {
  const first = gathered[0];
  const last = gathered.at(-1);
  if (first === undefined || last === undefined) return;
  mm.removeAll(gathered);
  for (const vma of gathered) {
    mm.account(vma.flags, -pagesOf(vma));
    if (isAccounted(vma)) mm.committed -= pagesOf(vma);
    if (isHugetlb(vma)) mm.kernel.hugeReserved -= pagesOf(vma) / hugetlbPages(mm);
    if (vma.flags & VM.LOCKED) mm.lockedVm -= pagesOf(vma);
  }
  mm.effects.unmapRegion({ vmas: gathered, floor: mm.previous(first.start)?.end ?? 0, ceiling: mm.next(last.end)?.start ?? Infinity, moved, unlocks });
  mm.recorder.step(mm.functions.unmapRegion, 'done', 'munmap.unmapped', gathered.length === 1 ? 'unmapped a VMA' : `unmapped ${gathered.length} VMAs`, () => [
    atPage(mm, 'start', first.start),
    atPage(mm, 'end', last.end),
  ]);
}
