/** mremap_to(), mm/mremap.c: FIXED and DONTUNMAP, where the call names the new address. */
import { toBytes } from '../../machine/index.js';
import { isRefused, refuse, type Outcome, type Refused } from '../refusal.js';
import { atPage, sizeOf } from '../values.js';
import { mayExpandVm } from '../vma/limits.js';
import type { Mm } from '../vma/mm.js';
import { munmapPages } from '../vma/munmap.js';
import { getUnmappedArea } from '../vma/placement.js';
import { isAnonymous, type VmArea } from '../vma/vm-area.js';
import { moveVma } from './move-vma.js';
import { checkResizeUnlessDone, noVma } from './resize.js';
import { shrinkVma } from './shrink.js';
import { newVpn, remapType, type Vrm } from './vrm.js';

export function moveTo(mm: Mm, vrm: Vrm): Outcome {
  const cleared = vrm.fixed ? clearDestination(mm, vrm) : null;
  if (cleared !== null) return cleared;
  if (remapType(vrm) === 'shrink') {
    const refused = shrinkVma(mm, vrm, false);
    if (refused !== null) return refused;
  }
  const source = mm.lookup(vrm.addr);
  if (source === undefined) return noVma(mm, vrm, mm.functions.mremapTo);
  vrm.vma = source;
  const refused = checkResizeUnlessDone(mm, vrm, source) ?? roomForBoth(mm, vrm, source);
  if (refused !== null) return refused;
  const area = getUnmappedArea(mm, {
    hint: vrm.newAddr,
    pages: vrm.newLen,
    fixed: vrm.fixed,
    packed: !isAnonymous(source),
    ...(vrm.call.place === undefined ? {} : { place: vrm.call.place }),
  });
  if (isRefused(area)) return area;
  vrm.newAddr = toBytes(mm.geometry, area.at);
  mm.recorder.step(
    mm.functions.setNewAddr,
    'done',
    'mremap.new_addr',
    vrm.fixed ? 'the new address is the one asked for' : 'chose the new address; the one given is only a hint',
    () => [atPage(mm, 'new_addr', area.at), sizeOf(mm, 'new_len', vrm.newLen)],
  );
  return moveVma(mm, vrm, source, area.at);
}

/** MREMAP_FIXED unmaps what lies at the destination: new_len of it, whatever old_len is. */
function clearDestination(mm: Mm, vrm: Vrm): Refused | null {
  const at = newVpn(mm, vrm);
  const taken = mm.intersection(at, at + vrm.newLen) !== undefined;
  const refused = munmapPages(mm, at, vrm.newLen, vrm.ufUnmapEarly);
  vrm.vma = 'stale';
  if (refused !== null) return refused;
  mm.recorder.step(
    mm.functions.mremapTo,
    'done',
    taken ? 'mremap.destination_unmapped' : 'mremap.destination_free',
    taken ? 'MREMAP_FIXED: the destination is free now' : 'MREMAP_FIXED: the destination was free already',
    () => [atPage(mm, 'new_addr', at), sizeOf(mm, 'new_len', vrm.newLen)],
  );
  // With the destination the source may have gone; moveTo() looks again where this one does not.
  if (mm.behaviours.source_lookup === 'after_tail') return null;
  const vma = mm.lookup(vrm.addr);
  if (vma === undefined) return noVma(mm, vrm, mm.functions.mremapTo);
  vrm.vma = vma;
  mm.recorder.step(mm.functions.mremapTo, 'done', 'mremap.looked_up_again', 'looked the source up again: the unmapping may have split its VMA', () => [
    atPage(mm, 'vm_start', vma.start),
    atPage(mm, 'vm_end', vma.end),
  ]);
  return null;
}

/** may_expand_vm(), for MREMAP_DONTUNMAP: both mappings count. */
function roomForBoth(mm: Mm, vrm: Vrm, source: VmArea): Refused | null {
  if (!vrm.dontUnmap) return null;
  const values = () => [sizeOf(mm, 'total_vm', mm.totalVm), sizeOf(mm, 'old_len', vrm.oldLen)];
  if (!mayExpandVm(mm, source.flags, vrm.oldLen))
    return refuse(mm, mm.functions.mayExpand, 'ENOMEM', 'mremap.dontunmap_rlimit', 'RLIMIT_AS or RLIMIT_DATA leaves no room for both mappings', values());
  mm.recorder.step(mm.functions.mayExpand, 'passed', 'mremap.may_expand', 'RLIMIT_AS and RLIMIT_DATA leave room for both mappings', values);
  return null;
}
