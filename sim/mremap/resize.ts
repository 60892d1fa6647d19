/** Whether a VMA may be resized or moved at all: check_prep_vma(), resize_is_valid(), vma_to_resize(), mm/mremap.c. */
import { toBytes, type Pages } from '../../machine/index.js';
import type { KernelFn } from '../models/kernel-functions.js';
import { refuse, type Refused } from '../refusal.js';
import { alignHuge, hugetlbPages, isHugeAligned, isHugetlb } from '../pagetable/hugetlb.js';
import { atByte, atPage, bytes, sizeOf } from '../values.js';
import { enoughMemory, mayExpandVm, mlockFutureOk, refuseCommit } from '../vma/limits.js';
import type { Mm } from '../vma/mm.js';
import { refuseSealed } from '../vma/mseal.js';
import { isAccounted, isAnonymous, isShared, type VmArea } from '../vma/vm-area.js';
import { VM } from '../vma/vm-flags.js';
import { firstRefusal, type Check } from './check.js';
import { impliesNewAddr, remapType, setDelta, setRemapType, type Vrm } from './vrm.js';

export const noVma = (mm: Mm, vrm: Vrm, where: KernelFn = mm.functions.mremapLookup): Refused =>
  refuse(mm, where, 'EFAULT', 'mremap.no_vma', 'nothing is mapped at old_address', [atPage(mm, 'old_address', vrm.addr)]);

/** A VMA holds old_address, and may be changed: what comes before anything that depends on the lengths. */
function prepare(mm: Mm, vrm: Vrm, vma: VmArea): Refused | null {
  vrm.vma = vma;
  mm.recorder.step(mm.functions.mremapLookup, 'passed', 'mremap.vma', 'a VMA holds old_address', () => [
    atPage(mm, 'old_address', vrm.addr),
    atPage(mm, 'vm_start', vma.start),
    atPage(mm, 'vm_end', vma.end),
  ]);
  const refused = refuseSealed(mm, vma) ?? alignHugetlb(mm, vrm, vma);
  if (refused !== null) return refused;
  vrm.askedLen = vrm.oldLen;
  setDelta(vrm);
  setRemapType(vrm);
  return null;
}

/** check_prep_vma(): what every mremap of a VMA has to pass; since v6.17, before anything is unmapped, whether it may be resized or moved. */
export function checkPrepVma(mm: Mm, vrm: Vrm, vma: VmArea): Refused | null {
  const refused = prepare(mm, vrm, vma);
  if (refused !== null || mm.behaviours.resize_check === 'after_unmap') return refused;
  vrm.resizeChecked = true;
  // So that what is populated later starts at new_addr, moved or not.
  if (!impliesNewAddr(vrm)) vrm.newAddr = toBytes(mm.geometry, vrm.addr);
  if (impliesNewAddr(vrm) || remapType(vrm) === 'expand') return checkResize(mm, vrm, vma);
  mm.recorder.step(mm.functions.mremapLookup, 'passed', 'mremap.length_ignored', 'nothing new will be mapped: the length is not looked at', () => [
    sizeOf(mm, 'old_len', vrm.oldLen),
    sizeOf(mm, 'new_len', vrm.newLen),
  ]);
  return null;
}

/** align_hugetlb(): lengths are those of whole huge pages; both addresses count, used or not. */
function alignHugetlb(mm: Mm, vrm: Vrm, vma: VmArea): Refused | null {
  if (!isHugetlb(vma)) return null;
  const refused = (check: string, why: string): Refused =>
    refuse(mm, mm.functions.mremapResize, 'EINVAL', check, why, [atPage(mm, 'addr', vrm.addr), atByte('new_addr', vrm.newAddr)]);
  vrm.oldLen = alignHuge(mm, vrm.oldLen);
  vrm.newLen = alignHuge(mm, vrm.newLen);
  if (!isHugeAligned(mm, vrm.addr)) return refused('mremap.hugetlb_address', 'the address of hugetlb memory must be aligned to its huge pages');
  if (vrm.newAddr % toBytes(mm.geometry, hugetlbPages(mm)) !== 0n)
    return refused('mremap.hugetlb_new_address', 'the fifth argument must be aligned to the huge pages, even where it is not used');
  if (vrm.newLen > vrm.oldLen) return refused('mremap.hugetlb_growth', 'hugetlb memory cannot grow');
  mm.recorder.step(
    mm.functions.mremapResize,
    'passed',
    'mremap.hugetlb',
    'hugetlb memory: the lengths are those of whole huge pages, and both addresses are aligned to them',
    () => [sizeOf(mm, 'old_len', vrm.oldLen), sizeOf(mm, 'new_len', vrm.newLen)],
  );
  return null;
}

/** What the resize checks look at. */
interface Resize {
  readonly vrm: Vrm;
  readonly vma: VmArea;
  /** How much of the VMA has to be there. */
  readonly needed: Pages;
}

type ResizeCheck = Check<Resize>;

const vmStart = (mm: Mm, { vma }: Resize) => [atPage(mm, 'vm_start', vma.start)];

const special = (vma: VmArea): boolean => (vma.flags & VM.DONTEXPAND) !== 0;

/** What MREMAP_DONTUNMAP is for. */
const mayLeave = (mm: Mm, vma: VmArea): boolean => !special(vma) && (mm.behaviours.dontunmap_of === 'any' || (isAnonymous(vma) && !isShared(vma)));

const ALWAYS: readonly ResizeCheck[] = [
  {
    check: 'mremap.duplicate_private',
    errno: 'EINVAL',
    holds: (_, { vrm, vma }) => vrm.oldLen !== 0 || isShared(vma),
    arises: ({ vrm }) => vrm.oldLen === 0,
    passed: 'old_size 0 duplicates the mapping, which is shared',
    why: 'old_size 0 duplicates a mapping, and only a shared one can be duplicated',
    values: () => [bytes('old_size', 0n)],
  },
  {
    check: 'mremap.dontunmap_special',
    errno: 'EINVAL',
    holds: (mm, { vrm, vma }) => !vrm.dontUnmap || mayLeave(mm, vma),
    arises: ({ vrm }) => vrm.dontUnmap,
    passed: 'the mapping is no special one: MREMAP_DONTUNMAP may leave it behind',
    why: 'MREMAP_DONTUNMAP can leave no special mapping behind, and on kernels before v5.13 nothing but private anonymous memory',
    values: vmStart,
  },
  {
    check: 'mremap.hugetlb',
    errno: 'EINVAL',
    holds: (mm, { vma }) => !isHugetlb(vma) || mm.behaviours.hugetlb_moves === 'yes',
    arises: ({ vma }) => isHugetlb(vma),
    passed: 'hugetlb memory may move',
    why: 'hugetlb memory can neither grow nor move',
    values: vmStart,
  },
  {
    check: 'mremap.spans_vmas',
    errno: 'EFAULT',
    holds: (_, { vrm, vma, needed }) => needed <= vma.end - vrm.addr,
    passed: 'the old range lies within one VMA',
    why: 'the old range reaches beyond the VMA that holds old_address',
    values: (mm, { vrm, vma, needed }) => [atPage(mm, 'old_address', vrm.addr), sizeOf(mm, 'old_len', needed), atPage(mm, 'vm_end', vma.end)],
  },
];

/** What growth may run into, before anybody looks for the room. */
const WHERE_IT_GROWS: readonly (ResizeCheck & { readonly where?: 'mlockFutureOk' | 'mayExpand' })[] = [
  {
    check: 'mremap.dontexpand',
    errno: 'EFAULT',
    holds: (_, { vma }) => !special(vma),
    passed: 'the mapping is no special one: it may be resized',
    why: 'a special mapping cannot be resized',
    values: vmStart,
  },
  {
    check: 'mremap.rlimit_memlock',
    errno: 'EAGAIN',
    where: 'mlockFutureOk',
    holds: (mm, { vrm, vma }) => mlockFutureOk(mm, vma.flags, vrm.delta),
    arises: ({ vma }) => (vma.flags & VM.LOCKED) !== 0,
    passed: 'RLIMIT_MEMLOCK leaves room for the locked mapping to grow',
    why: 'RLIMIT_MEMLOCK leaves no room for the mapping to grow',
    values: (mm, { vrm }) => [sizeOf(mm, 'locked_vm', mm.lockedVm), sizeOf(mm, 'delta', vrm.delta)],
  },
  {
    check: 'mremap.rlimit',
    errno: 'ENOMEM',
    where: 'mayExpand',
    holds: (mm, { vrm, vma }) => mayExpandVm(mm, vma.flags, vrm.delta),
    passed: 'RLIMIT_AS and RLIMIT_DATA leave room for the mapping to grow',
    why: 'RLIMIT_AS or RLIMIT_DATA leaves no room for the mapping to grow',
    values: (mm, { vrm }) => [sizeOf(mm, 'total_vm', mm.totalVm), sizeOf(mm, 'delta', vrm.delta)],
  },
];

/** vma_to_resize() and resize_is_valid(), up to v6.16: once the destination is unmapped. */
export function checkResizeUnlessDone(mm: Mm, vrm: Vrm, vma: VmArea): Refused | null {
  return vrm.resizeChecked ? null : checkResize(mm, vrm, vma);
}

function checkResize(mm: Mm, vrm: Vrm, vma: VmArea): Refused | null {
  const resize: Resize = { vrm, vma, needed: spanNeeded(mm, vrm) };
  if (vrm.oldLen === 0 && !isShared(vma)) {
    // pr_warn_once(): the name of the program and its PID are the process's own.
    mm.kernel.once(mm.recorder, 'duplicate_private', 'COMM (PID): attempted to duplicate a private mapping with mremap.  This is not supported.');
  }
  const refused = firstRefusal(mm, ALWAYS, resize, mm.functions.mremapResize);
  if (refused !== null) return refused;
  if (vrm.newLen === resize.needed) {
    mm.recorder.step(mm.functions.mremapResize, 'passed', 'mremap.size_kept', 'what moves keeps its size: no limit has to be asked', () => [
      sizeOf(mm, 'old_len', resize.needed),
      sizeOf(mm, 'new_len', vrm.newLen),
    ]);
    return null;
  }
  vrm.populateExpand = (vma.flags & VM.LOCKED) !== 0;
  for (const check of WHERE_IT_GROWS) {
    const tooMuch = firstRefusal(mm, [check], resize, mm.functions[check.where ?? 'mremapResize']);
    if (tooMuch !== null) return tooMuch;
  }
  const chargedHere = mm.behaviours.move_charge === 'in_resize' && isAccounted(vma);
  return chargedHere && !enoughMemory(mm, vrm.delta) ? refuseCommit(mm, 'mremap.commit', vrm.delta) : null;
}

/** A shrinking range whose tail is still mapped may reach beyond its VMA: what will be left of it counts. */
const spanNeeded = (mm: Mm, vrm: Vrm): Pages => (mm.behaviours.resize_span === 'what_stays' && remapType(vrm) === 'shrink' ? vrm.newLen : vrm.oldLen);
