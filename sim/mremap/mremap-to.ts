/** mremap_to(), mm/mremap.c: FIXED and DONTUNMAP, where the call names the new address. */
import { toBytes } from '../../machine/index.js';
import { isRefused, refuse, type Outcome } from '../refusal.js';
import type { Steps } from '../steps.js';
import { sizeOf } from '../values.js';
import { mayExpandVm } from '../vma/limits.js';
import type { Mm } from '../vma/mm.js';
import { munmapBytes, munmapPages } from '../vma/munmap.js';
import { getUnmappedArea } from '../vma/placement.js';
import { isAnonymous } from '../vma/vm-area.js';
import { moveVma } from './move-vma.js';
import { checkResize, noVma } from './resize.js';
import { newVpn, remapType, type Vrm } from './vrm.js';

export function* moveTo(mm: Mm, vrm: Vrm): Steps<Outcome> {
  if (vrm.fixed) {
    const refused = munmapPages(mm, newVpn(mm, vrm), vrm.newLen);
    vrm.vma = 'stale';
    if (refused !== null) return refused;
  }
  // Since v6.17 the source is looked at once the destination is gone, which may have been the source; before, once the tail is gone too.
  if (mm.behaviours.mremap_checks !== 'late' && mm.lookup(vrm.addr) === undefined) return noVma(mm, vrm, mm.functions.mremapTo);
  if (remapType(vrm) === 'shrink') {
    const told = mm.recorder.events.length;
    const refused = munmapBytes(mm, toBytes(mm.geometry, vrm.addr + vrm.newLen), vrm.oldLen - vrm.newLen);
    if (refused !== null) return refused;
    vrm.tailEvents = mm.recorder.events.length - told;
    vrm.oldLen = vrm.newLen;
  }
  const source = mm.lookup(vrm.addr);
  if (source === undefined) return noVma(mm, vrm, mm.functions.mremapTo);
  vrm.vma = source;
  if (mm.behaviours.mremap_checks !== 'early') {
    const refused = checkResize(mm, vrm, source);
    if (refused !== null) return refused;
  }
  if (vrm.dontUnmap && !mayExpandVm(mm, source.flags, vrm.oldLen)) {
    return refuse(mm, mm.functions.mayExpand, 'ENOMEM', 'mremap.dontunmap_rlimit', 'RLIMIT_AS or RLIMIT_DATA leaves no room for both mappings', [sizeOf(mm, 'total_vm', mm.totalVm), sizeOf(mm, 'old_len', vrm.oldLen)]);
  }
  const area = getUnmappedArea(mm, {
    hint: vrm.newAddr,
    pages: vrm.newLen,
    fixed: vrm.fixed,
    packed: !isAnonymous(source),
    ...(vrm.call.place === undefined ? {} : { place: vrm.call.place }),
  });
  if (isRefused(area)) return area;
  return yield* moveVma(mm, vrm, source, area.at);
}
