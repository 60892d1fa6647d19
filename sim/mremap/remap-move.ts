/** remap_move(), mm/mremap.c, v6.17: a FIXED move that does not resize takes VMA by VMA, holes and all. */
import { toBytes } from '../../machine/index.js';
import { isRefused, refuse, type Outcome } from '../refusal.js';
import { atByte, atPage, sizeOf } from '../values.js';
import type { Mm } from '../vma/mm.js';
import { UFFD_FLAGS } from '../vma/vm-flags.js';
import { moveTo } from './mremap-to.js';
import { checkPrepVma, noVma } from './resize.js';
import { newVpn, successAt, type Vrm } from './vrm.js';

export function remapMove(mm: Mm, vrm: Vrm): Outcome {
  const start = vrm.addr;
  const end = start + vrm.oldLen;
  const target = newVpn(mm, vrm);
  if (mm.lookup(start) === undefined) return noVma(mm, vrm, mm.functions.remapMove);

  let at = start;
  for (let vma = mm.intersection(at, end); vma !== undefined; vma = mm.intersection(at, end)) {
    const from = Math.max(vma.start, start);
    const to = Math.min(vma.end, end);
    // A gap in the source is the same gap in the destination, and what is mapped there stays.
    vrm.vma = vma;
    vrm.addr = from;
    vrm.newAddr = toBytes(mm.geometry, target + (from - start));
    vrm.oldLen = to - from;
    vrm.newLen = to - from;
    mm.recorder.step(mm.functions.remapMove, 'done', 'remap_move.part', 'took the part of the range that lies in one VMA', () => [
      atPage(mm, 'addr', from),
      sizeOf(mm, 'len', to - from),
      atByte('new_addr', vrm.newAddr),
    ]);
    // A watched VMA may only move alone: its monitor expects one event for one call.
    if (vma.flags & UFFD_FLAGS && (from !== start || to < end)) {
      return refuse(mm, mm.functions.remapMove, 'EFAULT', 'mremap.multi_uffd', 'a range of several mappings must not hold one that a userfaultfd watches', [
        atPage(mm, 'vm_start', vma.start),
      ]);
    }
    const refused = checkPrepVma(mm, vrm, vma);
    if (refused !== null) return refused;
    const outcome = moveTo(mm, vrm);
    if (isRefused(outcome)) return outcome;
    vrm.needsInvalidate = false;
    at = to;
    if (at === end) break;
  }
  return successAt(mm, target);
}
