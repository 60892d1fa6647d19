/** Growing: in place where the room above is free (vma_expandable(), expand_vma_in_place()), else by moving. */
import { toBytes, type Pages, type Vpn } from '../../machine/index.js';
import { refuse, type Outcome } from '../refusal.js';
import { atPage, number, sizeOf } from '../values.js';
import { mergeNewRange } from '../vma/merge.js';
import { enoughMemory, refuseCommit } from '../vma/limits.js';
import type { Mm } from '../vma/mm.js';
import { anonPgoffAt, isAccounted, pgoffAt, type VmArea } from '../vma/vm-area.js';
import { VM } from '../vma/vm-flags.js';
import { successAt, type Vrm } from './vrm.js';

/** Grows the VMA where it is; null when something is in the way. */
export function expandInPlace(mm: Mm, vrm: Vrm, vma: VmArea): Outcome | null {
  const delta = vrm.newLen - vrm.oldLen;
  if (vrm.addr + vrm.oldLen !== vma.end) {
    mm.recorder.step(mm.functions.expandable, 'refused', 'expand.inside_vma', 'cannot grow in place: the old range does not reach the end of its VMA', () => [
      atPage(mm, 'old end', vrm.addr + vrm.oldLen),
      atPage(mm, 'vm_end', vma.end),
    ]);
    return null;
  }
  const inTheWay = mm.intersection(vma.end, vma.end + delta);
  if (inTheWay !== undefined) {
    mm.recorder.step(mm.functions.expandable, 'refused', 'expand.occupied', 'cannot grow in place: something is mapped above', () => [
      atPage(mm, 'vm_end', vma.end),
      sizeOf(mm, 'delta', delta),
      atPage(mm, 'in the way: vm_start', inTheWay.start),
    ]);
    return null;
  }
  if (vma.end + delta > mm.geometry.taskPages) {
    mm.recorder.step(mm.functions.expandable, 'refused', 'expand.end_of_address_space', 'cannot grow in place: the address space ends above', () => [
      atPage(mm, 'vm_end', vma.end),
      sizeOf(mm, 'delta', delta),
      atPage(mm, 'TASK_SIZE', mm.geometry.taskPages),
    ]);
    return null;
  }
  mm.recorder.step(mm.functions.expandable, 'passed', 'expand.in_place', 'the range reaches the end of its VMA, and the room above is free', () => [
    atPage(mm, 'vm_end', vma.end),
    sizeOf(mm, 'delta', delta),
  ]);
  if (isAccounted(vma)) {
    if (!enoughMemory(mm, delta)) return refuseCommit(mm, 'mremap.commit', delta);
    vrm.charged = delta;
    mm.recorder.step(mm.functions.charge, 'passed', 'expand.charged', 'charged what the mapping grows by', () => [
      number('pages', delta),
      number('committed', mm.committed + delta),
    ]);
  }
  if (!extend(mm, vrm, vma, delta)) {
    vrm.charged = 0;
    return refuse(mm, mm.functions.expandInPlace, 'ENOMEM', 'mremap.grow_from_inside', 'this kernel takes a wrong page offset for what a mapping grows by from inside its VMA', [
      atPage(mm, 'old_address', vrm.addr),
      atPage(mm, 'vm_start', vma.start),
    ]);
  }
  // So that what is populated later starts at new_addr.
  if (vrm.mlocked) vrm.newAddr = toBytes(mm.geometry, vrm.addr);
  return successAt(mm, vrm.addr);
}

/** __vma_adjust(): the end moves, and a compatible next VMA stays what it is until something else looks for neighbours to merge. */
function adjustEnd(mm: Mm, vma: VmArea, end: Vpn): VmArea {
  const grown = { ...vma, end, flags: vma.flags | VM.SOFTDIRTY };
  mm.replace([vma], [grown]);
  return grown;
}

/** vma_merge_extend(): the VMA takes the room, and a compatible next one with it; false where it cannot. */
function extend(mm: Mm, vrm: Vrm, vma: VmArea, delta: Pages): boolean {
  // v6.1 took it for granted that the old range begins with its VMA.
  const end = mm.behaviours.grow_from_inside === 'yes' ? vma.end : vma.start + vrm.oldLen;
  const range = {
    start: vma.end,
    end: vma.end + delta,
    pgoff: pgoffAt(vma, end),
    anonPgoff: anonPgoffAt(vma, end),
    flags: vma.flags,
    file: vma.file,
    anonVma: vma.anonVma,
    uffd: vma.uffd,
    name: vma.name,
  };
  const merged = mm.behaviours.expand_merge === 'yes' ? mergeNewRange(mm, range) : adjustEnd(mm, vma, range.end);
  if (merged === null) return false;
  if (isAccounted(vma)) mm.committed += delta;
  vrm.mlocked = (vma.flags & VM.LOCKED) !== 0;
  if (vrm.mlocked) mm.lockedVm += delta;
  mm.account(vma.flags, delta);
  vrm.vma = merged;
  mm.recorder.step(mm.functions.expandInPlace, 'done', 'expand.grown', 'grew the VMA in place', () => [atPage(mm, 'vm_start', merged.start), atPage(mm, 'vm_end', merged.end)]);
  return true;
}

export const cannotMove = (mm: Mm, vrm: Vrm): Outcome =>
  refuse(mm, mm.functions.expand, 'ENOMEM', 'mremap.needs_maymove', 'the mapping cannot grow where it is, and without MREMAP_MAYMOVE it must not move', [
    atPage(mm, 'old_address', vrm.addr),
    sizeOf(mm, 'old_len', vrm.oldLen),
    sizeOf(mm, 'new_len', vrm.newLen),
  ]);
