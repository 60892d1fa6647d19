/** shrink_vma(), mm/mremap.c: unmaps what the shorter length leaves over. The tail may reach over other VMAs and holes: nobody looks. */
import { toBytes } from '../../machine/index.js';
import type { Refused } from '../refusal.js';
import { atPage, sizeOf } from '../values.js';
import type { Mm } from '../vma/mm.js';
import { munmapBytes } from '../vma/munmap.js';
import { noVma } from './resize.js';
import type { Vrm } from './vrm.js';

/** @param dropLock whether nothing follows that needs the lock: then munmap drops it */
export function shrinkVma(mm: Mm, vrm: Vrm, dropLock: boolean): Refused | null {
  const left = vrm.oldLen - vrm.newLen;
  const refused = munmapBytes(mm, toBytes(mm.geometry, vrm.addr + vrm.newLen), left, vrm.ufUnmap, { unlocks: dropLock && mm.behaviours.munmap_downgrade === 'yes' });
  vrm.vma = 'stale';
  if (refused !== null) return refused;
  const dropped = dropLock && mm.behaviours.shrink_lock === 'dropped';
  if (dropped) vrm.mmapLocked = false;
  vrm.downgraded = dropLock && !dropped;
  mm.recorder.step(mm.functions.shrink, 'done', 'mremap.shrunk', unmappedText(dropLock, dropped), () => [atPage(mm, 'start', vrm.addr + vrm.newLen), sizeOf(mm, 'len', left)]);
  if (dropLock) return null;
  // The unmapping may have split the VMA: it is looked up again.
  const vma = mm.lookup(vrm.addr);
  if (vma === undefined) return noVma(mm, vrm, mm.functions.mremapTo);
  vrm.vma = vma;
  vrm.oldLen = vrm.newLen;
  mm.recorder.step(mm.functions.mremapTo, 'done', 'mremap.rest_moves', 'what is left of the source moves: old_len is new_len now', () => [
    atPage(mm, 'vm_start', vma.start),
    atPage(mm, 'vm_end', vma.end),
    sizeOf(mm, 'old_len', vrm.oldLen),
  ]);
  return null;
}

function unmappedText(dropLock: boolean, dropped: boolean): string {
  if (!dropLock) return 'unmapped the tail of the source: a second unmapping, for the destination took only new_len';
  return dropped
    ? 'unmapped the tail of the source, and the lock was dropped with it'
    : 'unmapped the tail of the source; the lock is held for reading only meanwhile: other threads may fault again';
}
