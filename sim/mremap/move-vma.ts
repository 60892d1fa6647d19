/** move_vma(), mm/mremap.c: copies the VMA, moves its page tables, unmaps what is left behind. */
import type { Vpn } from '../../machine/index.js';
import { movePageTables } from '../pagetable/move.js';
import { isRefused, refuse, type Outcome } from '../refusal.js';
import type { Steps } from '../steps.js';
import { atPage, number, sizeOf } from '../values.js';
import type { Mm } from '../vma/mm.js';
import { munmapPages } from '../vma/munmap.js';
import { isAccounted, isAnonymous, type VmArea } from '../vma/vm-area.js';
import { copyVma } from './copy-vma.js';
import { successAt, type Vrm } from './vrm.js';

export function* moveVma(mm: Mm, vrm: Vrm, source: VmArea, newAddr: Vpn): Steps<Outcome> {
  const { addr, oldLen, newLen } = vrm;
  // Three more VMAs than now may be needed: one for the copy, two for a hole in the source.
  if (mm.mapCount >= mm.limits.maxMapCount - 3) {
    return refuse(mm, mm.functions.moveVma, 'ENOMEM', 'mremap.move_map_count', 'too close to vm.max_map_count to move a mapping', [number('map_count', mm.mapCount), number('max_map_count', mm.limits.maxMapCount)]);
  }
  if (isAccounted(source)) mm.committed += vrm.dontUnmap ? newLen : newLen - oldLen;

  const { src, dst, needRmapLocks } = copyVma(mm, source, addr, newAddr, newLen, vrm.dontUnmap);
  yield;
  yield* movePageTables(mm, { src, dst, old: addr, new: newAddr, pages: oldLen, needRmapLocks });
  mm.account(source.flags, newLen);

  if (vrm.dontUnmap) {
    leaveEmpty(mm, addr, oldLen, source);
  } else {
    const refused = unmapSource(mm, vrm, isAccounted(source));
    if (refused !== null && isRefused(refused)) return refused;
  }
  mm.recorder.step(mm.functions.moveVma, 'done', vrm.dontUnmap ? 'the source stays mapped, empty' : 'unmapped the source', () => [atPage(mm, 'old_addr', addr), sizeOf(mm, 'old_len', oldLen), atPage(mm, 'new_addr', newAddr)]);
  return successAt(mm, newAddr);
}

/**
 * Unmaps the old range. The pages it was charged for have moved, not gone: the kernel hides
 * VM_ACCOUNT from munmap meanwhile; here the charge is put back.
 */
function unmapSource(mm: Mm, vrm: Vrm, accounted: boolean): ReturnType<typeof munmapPages> {
  // A range of no pages duplicates: do_munmap() turns it down with EINVAL, which nobody looks at.
  if (vrm.oldLen === 0) return null;
  const before = mm.committed;
  const refused = munmapPages(mm, vrm.addr, vrm.oldLen);
  if (accounted) mm.committed = before;
  if (refused === null) return null;
  // Out of VMAs for the hole: both ranges stay mapped and charged, and the move has happened.
  if (accounted) mm.committed += vrm.oldLen;
  return null;
}

/** MREMAP_DONTUNMAP of a whole VMA: it has no pages left, so it needs no anon_vma (unlink_anon_vmas). */
function leaveEmpty(mm: Mm, addr: Vpn, pages: number, source: VmArea): void {
  const left = mm.lookup(addr);
  if (left === undefined || source.start !== addr || source.end !== addr + pages || left.start !== addr || left.end !== addr + pages) return;
  const pgoff = isAnonymous(left) && mm.behaviours.dontunmap_pgoff === 'reset' ? left.start : left.pgoff;
  mm.replace([left], [{ ...left, pgoff, anonVma: null, chain: [] }]);
}
