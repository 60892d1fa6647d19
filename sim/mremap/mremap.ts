/** mremap(2): sys_mremap() up to v6.14, do_mremap() since, mm/mremap.c. */
import { toBytes, toVpn, type MremapCall } from '../../machine/index.js';
import { isRefused, type Outcome } from '../refusal.js';
import type { Steps } from '../steps.js';
import { atPage, sizeOf } from '../values.js';
import { populateIgnoringErrors } from '../pagetable/populate.js';
import type { Mm } from '../vma/mm.js';
import { refuseSealed } from '../vma/mseal.js';
import { munmapBytes } from '../vma/munmap.js';
import { getUnmappedArea } from '../vma/placement.js';
import { isAnonymous, type VmArea } from '../vma/vm-area.js';
import { VM } from '../vma/vm-flags.js';
import { checkMremapParams, checkNewAddressLate } from './check-params.js';
import { cannotMove, expandInPlace } from './expand.js';
import { moveVma } from './move-vma.js';
import { moveTo } from './mremap-to.js';
import { remapMove } from './remap-move.js';
import { alignHugetlb, checkPrepVma, checkResize, noVma } from './resize.js';
import { impliesNewAddr, makeVrm, remapType, setVma, showState, successAt, type Vrm } from './vrm.js';

export function* sysMremap(mm: Mm, call: MremapCall): Steps<Outcome> {
  const vrm = makeVrm(mm, call);
  showState(mm, vrm);
  const refused = checkMremapParams(mm, vrm);
  if (refused !== null) return refused;
  yield; // mmap_write_lock_killable()
  vrm.mmapLocked = true;

  if (mm.behaviours.multi_vma_move === 'yes' && vrm.fixed && remapType(vrm) === 'no_resize') return yield* remapMove(mm, vrm);

  const vma = mm.lookup(vrm.addr);
  if (vma === undefined) return noVma(mm, vrm);
  setVma(vrm, vma);
  const invalid = mm.behaviours.mremap_checks === 'early' ? checkPrepVma(mm, vrm, vma) : (refuseSealed(mm, vma) ?? alignHugetlb(mm, vrm, vma));
  if (invalid !== null) return invalid;
  const grows = remapType(vrm) === 'expand';
  const { oldLen, newLen } = vrm;
  const outcome = impliesNewAddr(vrm) ? (checkNewAddressLate(mm, vrm) ?? (yield* moveTo(mm, vrm))) : yield* mremapAt(mm, vrm, vma);
  // Locked memory that grew is populated, once the lock is dropped; what merely moved is not.
  if (grows && !isRefused(outcome) && vma.flags & VM.LOCKED) {
    const at = toVpn(mm.geometry, outcome.value);
    vrm.mmapLocked = false;
    mm.recorder.step(mm.functions.populate, 'done', 'the lock is dropped; the pages that came with the growth are populated', () => [atPage(mm, 'start', at + oldLen), sizeOf(mm, 'len', newLen - oldLen)]);
    populateIgnoringErrors(mm, at + oldLen, at + newLen);
  }
  return outcome;
}

/** mremap_at(): without a new address. */
function* mremapAt(mm: Mm, vrm: Vrm, vma: VmArea): Steps<Outcome> {
  switch (remapType(vrm)) {
    case 'no_resize':
      mm.recorder.step(mm.functions.mremapNoResize, 'done', 'nothing to do: the size does not change', () => [sizeOf(mm, 'len', vrm.oldLen)]);
      return successAt(mm, vrm.addr);
    case 'shrink':
      // The tail may reach over other VMAs and holes: nobody looks.
      return munmapBytes(mm, toBytes(mm.geometry, vrm.addr + vrm.newLen), vrm.oldLen - vrm.newLen) ?? successAt(mm, vrm.addr);
    case 'expand':
      return yield* expandVma(mm, vrm, vma);
  }
}

/** expand_vma() */
function* expandVma(mm: Mm, vrm: Vrm, vma: VmArea): Steps<Outcome> {
  if (mm.behaviours.mremap_checks !== 'early') {
    const invalid = checkResize(mm, vrm, vma);
    if (invalid !== null) return invalid;
  }
  // A log that says the mapping moved knows of something above that the model does not.
  const movedByClaim = vrm.mayMove && vrm.call.place !== undefined && vrm.call.place !== vrm.call.old_address;
  const inPlace = movedByClaim ? null : expandInPlace(mm, vrm, vma);
  if (inPlace !== null) return inPlace;
  if (!vrm.mayMove) return cannotMove(mm, vrm);
  const area = getUnmappedArea(mm, { hint: 0n, pages: vrm.newLen, fixed: false, packed: !isAnonymous(vma), ...(vrm.call.place === undefined ? {} : { place: vrm.call.place }) });
  if (isRefused(area)) return area;
  return yield* moveVma(mm, vrm, vma, area.at);
}
