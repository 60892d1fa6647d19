/** Whether a VMA may be resized or moved at all: check_prep_vma(), resize_is_valid(), vma_to_resize(), mm/mremap.c. */
import { toBytes, type Pages } from '../../machine/index.js';
import type { KernelFn } from '../models/kernel-functions.js';
import { refuse, type Refused } from '../refusal.js';
import { alignHuge, hugetlbPages, isHugeAligned, isHugetlb } from '../pagetable/hugetlb.js';
import { atByte, atPage, bytes, sizeOf } from '../values.js';
import { mayExpandVm, mlockFutureOk } from '../vma/limits.js';
import type { Mm } from '../vma/mm.js';
import { refuseSealed } from '../vma/mseal.js';
import { isShared, type VmArea } from '../vma/vm-area.js';
import { VM } from '../vma/vm-flags.js';
import { impliesNewAddr, remapType, type Vrm } from './vrm.js';

export const noVma = (mm: Mm, vrm: Vrm, where: KernelFn = mm.functions.mremapLookup): Refused =>
  refuse(mm, where, 'EFAULT', 'mremap.no_vma', 'nothing is mapped at old_address', [atPage(mm, 'old_address', vrm.addr)]);

/** check_prep_vma(): what every mremap of a VMA has to pass; the resize only where there is one. */
export function checkPrepVma(mm: Mm, vrm: Vrm, vma: VmArea): Refused | null {
  return refuseSealed(mm, vma) ?? alignHugetlb(mm, vrm, vma) ?? (impliesNewAddr(vrm) || remapType(vrm) === 'expand' ? checkResize(mm, vrm, vma) : null);
}

/** align_hugetlb(): lengths are those of whole huge pages; both addresses count, used or not. */
export function alignHugetlb(mm: Mm, vrm: Vrm, vma: VmArea): Refused | null {
  if (!isHugetlb(vma)) return null;
  const refused = (check: string, why: string): Refused => refuse(mm, mm.functions.mremapResize, 'EINVAL', check, why, [atPage(mm, 'addr', vrm.addr), atByte('new_addr', vrm.newAddr)]);
  vrm.oldLen = alignHuge(mm, vrm.oldLen);
  vrm.newLen = alignHuge(mm, vrm.newLen);
  if (!isHugeAligned(mm, vrm.addr)) return refused('mremap.hugetlb_address', 'the address of hugetlb memory must be aligned to its huge pages');
  if (vrm.newAddr % toBytes(mm.geometry, hugetlbPages(mm)) !== 0n) return refused('mremap.hugetlb_new_address', 'the fifth argument must be aligned to the huge pages, even where it is not used');
  return vrm.newLen > vrm.oldLen ? refused('mremap.hugetlb_growth', 'hugetlb memory cannot grow') : null;
}

export function checkResize(mm: Mm, vrm: Vrm, vma: VmArea): Refused | null {
  const where = mm.functions.mremapResize;
  if (vrm.oldLen === 0 && !isShared(vma)) {
    mm.recorder.log.push('mremap attempted to duplicate a private mapping. This is not supported.');
    return refuse(mm, where, 'EINVAL', 'mremap.duplicate_private', 'old_size 0 duplicates a mapping, and only a shared one can be duplicated', [bytes('old_size', 0n)]);
  }
  if (vrm.dontUnmap && vma.flags & VM.DONTEXPAND) {
    return refuse(mm, where, 'EINVAL', 'mremap.dontunmap_special', 'MREMAP_DONTUNMAP cannot leave a special mapping behind', [atPage(mm, 'vm_start', vma.start)]);
  }
  const inside = vma.end - vrm.addr;
  const needed = spanNeeded(mm, vrm);
  if (needed > inside) {
    return refuse(mm, where, 'EFAULT', 'mremap.spans_vmas', 'the old range reaches beyond the VMA that holds old_address', [
      atPage(mm, 'old_address', vrm.addr),
      sizeOf(mm, 'old_len', needed),
      atPage(mm, 'vm_end', vma.end),
    ]);
  }
  const refused = vrm.newLen === needed ? null : checkRoom(mm, vma, Math.abs(vrm.newLen - vrm.oldLen));
  if (refused !== null) return refused;
  mm.recorder.step(where, 'passed', 'the range lies within one VMA', () => [atPage(mm, 'vm_start', vma.start), atPage(mm, 'vm_end', vma.end)]);
  return null;
}

/** What growth may run into, before anybody looks for the room. */
function checkRoom(mm: Mm, vma: VmArea, delta: Pages): Refused | null {
  if (vma.flags & VM.DONTEXPAND) {
    return refuse(mm, mm.functions.mremapResize, 'EFAULT', 'mremap.dontexpand', 'a special mapping cannot be resized', [atPage(mm, 'vm_start', vma.start)]);
  }
  if (!mlockFutureOk(mm, vma.flags, delta)) {
    return refuse(mm, mm.functions.mlockFutureOk, 'EAGAIN', 'mremap.rlimit_memlock', 'RLIMIT_MEMLOCK leaves no room for the mapping to grow', [sizeOf(mm, 'locked_vm', mm.lockedVm), sizeOf(mm, 'delta', delta)]);
  }
  if (!mayExpandVm(mm, vma.flags, delta)) {
    return refuse(mm, mm.functions.mayExpand, 'ENOMEM', 'mremap.rlimit', 'RLIMIT_AS or RLIMIT_DATA leaves no room for the mapping to grow', [sizeOf(mm, 'total_vm', mm.totalVm), sizeOf(mm, 'delta', delta)]);
  }
  return null;
}

/** Kernels that check early have not unmapped the tail of a shrinking range yet: what will be left of it counts. */
const spanNeeded = (mm: Mm, vrm: Vrm): Pages => (mm.behaviours.mremap_checks === 'early' && remapType(vrm) === 'shrink' ? vrm.newLen : vrm.oldLen);
