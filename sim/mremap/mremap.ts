/** mremap(2): sys_mremap() up to v6.14, do_mremap() since, mm/mremap.c. */
import { toBytes, toVpn, type MremapCall, type Vpn } from '../../machine/index.js';
import { isRefused, type Outcome } from '../refusal.js';
import { atByte, atPage, sizeOf } from '../values.js';
import { completeUffd } from './notify-uffd.js';
import type { Mm } from '../vma/mm.js';
import { getUnmappedArea } from '../vma/placement.js';
import { isAnonymous } from '../vma/vm-area.js';
import { VM } from '../vma/vm-flags.js';
import { checkMapCountEarly, checkMremapParams, checkNewAddressLate } from './check-params.js';
import { cannotMove, expandInPlace } from './expand.js';
import { moveVma } from './move-vma.js';
import { moveTo } from './mremap-to.js';
import { remapMove } from './remap-move.js';
import { checkPrepVma, checkResizeUnlessDone, noVma } from './resize.js';
import { shrinkVma } from './shrink.js';
import { impliesNewAddr, makeVrm, remapType, setDelta, setRemapType, showState, successAt, type Vrm } from './vrm.js';

export function sysMremap(mm: Mm, call: MremapCall): Outcome {
  const vrm = makeVrm(mm, call);
  showState(mm, vrm);
  showTag(mm, call, vrm);
  const refused = checkMremapParams(mm, vrm);
  if (refused !== null) return refused;
  if (!vrm.rounded) {
    vrm.rounded = true;
    setDelta(vrm);
    mm.recorder.step(mm.functions.doMremap, 'done', 'mremap.lengths', 'the lengths are rounded up to pages', () => [
      sizeOf(mm, 'old_len', vrm.oldLen),
      sizeOf(mm, 'new_len', vrm.newLen),
    ]);
  }
  vrm.mmapLocked = true;
  mm.recorder.step(mm.functions.mmapLock, 'done', 'mremap.locked', 'took the mmap lock for writing: no other thread changes or faults in this address space now');

  const grows = remapType(vrm) === 'expand';
  const { oldLen, newLen } = vrm;
  const outcome = carryOut(mm, vrm);
  unlock(mm, vrm);
  if (grows && !isRefused(outcome)) populateGrowth(mm, toVpn(mm.geometry, outcome.value), oldLen, newLen);
  completeUffd(mm, vrm, outcome);
  return outcome;
}

/** arm64: Documentation/arch/arm64/tagged-address-abi.rst */
function showTag(mm: Mm, call: MremapCall, vrm: Vrm): void {
  if (call.old_address === vrm.call.old_address) return;
  mm.recorder.step(
    mm.functions.mremap,
    'done',
    'mremap.untagged',
    'stripped the tag of old_address, which names memory that exists; new_address keeps what it has, as mmap does it, so that no two addresses come to mean one place',
    () => [atByte('old_address', call.old_address), atByte('addr', vrm.call.old_address), atByte('new_address', call.new_address)],
  );
}

/** What happens under the lock. */
function carryOut(mm: Mm, vrm: Vrm): Outcome {
  const crowded = checkMapCountEarly(mm, vrm);
  if (crowded !== null) return crowded;
  if (mm.behaviours.multi_vma_move === 'yes' && vrm.fixed && remapType(vrm) === 'no_resize') {
    mm.recorder.step(mm.functions.doMremap, 'done', 'mremap.only_a_move', 'MREMAP_FIXED and one size: this can only be a move, of any number of VMAs', () => [
      sizeOf(mm, 'old_len', vrm.oldLen),
      sizeOf(mm, 'new_len', vrm.newLen),
    ]);
    return remapMove(mm, vrm);
  }
  if (mm.behaviours.first_lookup === 'before_dispatch') {
    const vma = mm.lookup(vrm.addr);
    if (vma === undefined) return noVma(mm, vrm);
    const invalid = checkPrepVma(mm, vrm, vma);
    if (invalid !== null) return invalid;
  } else {
    setDelta(vrm);
    setRemapType(vrm);
  }
  if (!impliesNewAddr(vrm)) return mremapAt(mm, vrm);
  mm.recorder.step(mm.functions.doMremap, 'done', 'mremap.to', 'goes to mremap_to(): MREMAP_FIXED or MREMAP_DONTUNMAP is given', () => [atByte('new_address', vrm.newAddr)]);
  return checkNewAddressLate(mm, vrm) ?? moveTo(mm, vrm);
}

function unlock(mm: Mm, vrm: Vrm): void {
  if (!vrm.mmapLocked) return;
  vrm.mmapLocked = false;
  mm.recorder.step(vrm.downgraded ? mm.functions.mmapReadUnlock : mm.functions.mmapUnlock, 'done', 'mremap.unlocked', 'dropped the mmap lock');
}

/** mm_populate(): locked memory that grew, once the lock is dropped; what merely moved is not populated. */
function populateGrowth(mm: Mm, at: Vpn, oldLen: number, newLen: number): void {
  const vma = mm.lookup(at);
  if (vma === undefined || (vma.flags & VM.LOCKED) === 0) return;
  mm.recorder.step(mm.functions.populate, 'done', 'mremap.populate', 'the memory is locked: the pages that came with the growth are faulted in, without the lock', () => [
    atPage(mm, 'start', at + oldLen),
    sizeOf(mm, 'len', newLen - oldLen),
  ]);
  mm.effects.populate(at + oldLen, at + newLen);
}

/** mremap_at(): without a new address. Where nobody looked, there may be no VMA: only growth needs one. */
function mremapAt(mm: Mm, vrm: Vrm): Outcome {
  switch (remapType(vrm)) {
    case 'no_resize':
      mm.recorder.step(mm.functions.mremapAt, 'done', 'mremap.same_size', 'nothing to do: the size does not change', () => [sizeOf(mm, 'len', vrm.oldLen)]);
      return successAt(mm, vrm.addr);
    case 'shrink':
      return shrinkVma(mm, vrm, true) ?? successAt(mm, vrm.addr);
    case 'expand':
      return expandVma(mm, vrm);
  }
}

/** expand_vma() */
function expandVma(mm: Mm, vrm: Vrm): Outcome {
  const vma = mm.lookup(vrm.addr);
  if (vma === undefined) return noVma(mm, vrm, mm.functions.mremapResize);
  vrm.vma = vma;
  const invalid = checkResizeUnlessDone(mm, vrm, vma);
  if (invalid !== null) return invalid;
  // If a log says that the mapping moved, something lay above it that the model does not know of.
  const movedByClaim = vrm.mayMove && vrm.call.place !== undefined && vrm.call.place !== vrm.call.old_address;
  const inPlace = movedByClaim ? null : expandInPlace(mm, vrm, vma);
  if (inPlace !== null) return inPlace;
  if (!vrm.mayMove) return cannotMove(mm, vrm);
  mm.recorder.step(mm.functions.expand, 'passed', 'mremap.may_move', 'MREMAP_MAYMOVE lets the mapping go where there is room');
  const area = getUnmappedArea(mm, { hint: 0n, pages: vrm.newLen, fixed: false, packed: !isAnonymous(vma), ...(vrm.call.place === undefined ? {} : { place: vrm.call.place }) });
  if (isRefused(area)) return area;
  vrm.newAddr = toBytes(mm.geometry, area.at);
  mm.recorder.step(mm.functions.setNewAddr, 'done', 'mremap.new_addr', 'chose the new address', () => [atPage(mm, 'new_addr', area.at), sizeOf(mm, 'new_len', vrm.newLen)]);
  return moveVma(mm, vrm, vma, area.at);
}
