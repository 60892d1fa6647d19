/** move_vma(), mm/mremap.c: copies the VMA, moves its page tables, unmaps what is left behind. */
import { toBytes, type Pages, type Vpn } from '../../machine/index.js';
import { unshareKsm } from '../pagetable/ksm.js';
import { movePageTables } from '../pagetable/move.js';
import { isRefused, refuse, type Outcome, type Refused } from '../refusal.js';
import type { Steps } from '../steps.js';
import { moveUffd, tell } from '../uffd.js';
import { atPage, number, sizeOf } from '../values.js';
import { enoughMemory } from '../vma/limits.js';
import type { Mm } from '../vma/mm.js';
import { refuseSplit, splitChecked } from '../vma/modify.js';
import { munmapPages } from '../vma/munmap.js';
import { isAccounted, isAnonymous, type VmArea } from '../vma/vm-area.js';
import { LOCKED_MASK, VM } from '../vma/vm-flags.js';
import { copyVma, type Copied } from './copy-vma.js';
import { overcommitted } from './expand.js';
import { successAt, type Vrm } from './vrm.js';

export function* moveVma(mm: Mm, vrm: Vrm, source: VmArea, newAddr: Vpn): Steps<Outcome> {
  const { addr, oldLen, newLen } = vrm;
  // Three more VMAs than now may be needed: one for the copy, two for a hole in the source.
  if (mm.mapCount >= mm.limits.maxMapCount - 3) {
    return refuse(mm, mm.functions.moveVma, 'ENOMEM', 'mremap.move_map_count', 'too close to vm.max_map_count to move a mapping', [number('map_count', mm.mapCount), number('max_map_count', mm.limits.maxMapCount)]);
  }
  const special = (source.start < addr ? refuseSplit(mm, source, addr) : null) ?? (source.end > addr + oldLen ? refuseSplit(mm, source, addr + oldLen) : null);
  if (special !== null) return special;
  // KSM's pages stay where their contents are looked for: the range gets its own first.
  if (source.flags & VM.MERGEABLE) unshareKsm(mm, addr, addr + oldLen);
  let from = source;
  if (vrm.dontUnmap && source.flags & VM.LOCKED && mm.behaviours.dontunmap_locked === 'split') {
    const split = isolate(mm, source, addr, addr + oldLen);
    if (isRefused(split)) return split;
    from = split;
  }
  const charge = chargeFor(mm, vrm, source);
  // The limit is asked about no pages, too: where it is exceeded already, nothing may move.
  if (isAccounted(source) && !enoughMemory(mm, charge)) return overcommitted(mm, charge);
  mm.committed += charge;
  vrm.charged = charge;

  const copied = copyVma(mm, from, addr, newAddr, newLen, vrm.dontUnmap);
  if (copied === null) {
    mm.committed -= charge;
    return refuse(mm, mm.functions.copyVma, 'ENOMEM', 'mremap.vma_alloc', 'no memory for another VMA');
  }
  const { src, dst, needRmapLocks } = copied;
  yield;
  const moved = yield* movePageTables(mm, { src, dst, old: addr, new: newAddr, pages: oldLen, needRmapLocks, forStack: false });
  if (moved < oldLen) return yield* moveBack(mm, vrm, copied, newAddr, moved, charge);
  const watcher = moveUffd(mm, dst);
  if (watcher !== null) tell(mm, { event: 'remap', from: toBytes(mm.geometry, addr), to: toBytes(mm.geometry, newAddr), length: toBytes(mm.geometry, oldLen) }, vrm.tailEvents);
  mm.account(source.flags, newLen);
  const locked = (source.flags & VM.LOCKED) !== 0;
  // Up to v6.14 DONTUNMAP takes the lock along; later kernels count the pages a second time.
  if (locked && !(vrm.dontUnmap && mm.behaviours.dontunmap_locked === 'split')) mm.lockedVm += newLen;

  if (vrm.dontUnmap) leaveEmpty(mm, addr, oldLen);
  else unmapSource(mm, vrm);
  // Of a range that shrank, nothing that is left was charged for.
  if (vrm.remapType === 'MREMAP_SHRINK') mm.chargedForNothing += charge;
  mm.recorder.step(mm.functions.moveVma, 'done', vrm.dontUnmap ? 'the source stays mapped, empty' : 'unmapped the source', () => [atPage(mm, 'old_addr', addr), sizeOf(mm, 'old_len', oldLen), atPage(mm, 'new_addr', newAddr)]);
  return successAt(mm, newAddr);
}

/** vrm_calc_charge(), v6.15: the kept delta is that of a range whose tail is gone by now. */
function chargeFor(mm: Mm, vrm: Vrm, source: VmArea): Pages {
  if (!isAccounted(source)) return 0;
  if (vrm.dontUnmap) return vrm.newLen;
  return mm.behaviours.shrink_charge === 'leak' ? vrm.delta : vrm.newLen - vrm.oldLen;
}

/**
 * A move that fell short goes back: the tables it left at the source are still there, so this cannot
 * fail. Then the roles are swapped, and the destination is unmapped; with VM_ACCOUNT hidden, as for
 * the source of a move that succeeded, so that what growth was charged is never given back.
 */
function* moveBack(mm: Mm, vrm: Vrm, { src, dst }: Copied, newAddr: Vpn, moved: number, charge: number): Steps<Outcome> {
  mm.recorder.counters.moveback += 1;
  yield* movePageTables(mm, { src: dst, dst: src, old: newAddr, new: vrm.addr, pages: moved, needRmapLocks: true, forStack: false });
  mm.account(src.flags, vrm.newLen);
  if (src.flags & VM.LOCKED) mm.lockedVm += vrm.newLen;
  const before = mm.committed;
  munmapPages(mm, newAddr, vrm.newLen);
  if (isAccounted(src) && !vrm.dontUnmap) {
    mm.committed = before;
    mm.chargedForNothing += charge;
  }
  return refuse(mm, mm.functions.moveVma, 'ENOMEM', 'mremap.page_tables', 'no memory for page tables at the destination; what had moved was moved back', [sizeOf(mm, 'moved', moved), sizeOf(mm, 'old_len', vrm.oldLen)]);
}

/**
 * Unmaps the old range, which nothing can refuse any more: seals, special mappings and the room for
 * two more VMAs were asked about before. The pages it was charged for have moved, not gone: the
 * kernel hides VM_ACCOUNT from munmap meanwhile; here the charge is put back.
 */
function unmapSource(mm: Mm, vrm: Vrm): void {
  // A range of no pages duplicates: do_munmap() turns it down with EINVAL, which nobody looks at.
  if (vrm.oldLen === 0) return;
  const before = mm.committed;
  munmapPages(mm, vrm.addr, vrm.oldLen);
  mm.committed = before;
}

/** Splits [from, to) off, so that it can lose a flag that the rest of the VMA keeps. */
function isolate(mm: Mm, source: VmArea, from: Vpn, to: Vpn): VmArea | Refused {
  let vma = source;
  if (vma.start < from) {
    const split = splitChecked(mm, vma, from);
    if (isRefused(split)) return split;
    vma = split.upper;
  }
  if (vma.end > to) {
    const split = splitChecked(mm, vma, to);
    if (isRefused(split)) return split;
    vma = split.lower;
  }
  return vma;
}

/** MREMAP_DONTUNMAP of a whole VMA: it has no pages left, so it needs no anon_vma (unlink_anon_vmas). */
function leaveEmpty(mm: Mm, addr: Vpn, pages: number): void {
  const found = mm.lookup(addr);
  if (found === undefined) return;
  // The lock goes, from the whole VMA even where only part of it was moved.
  const left = { ...found, flags: found.flags & ~LOCKED_MASK };
  mm.replace([found], [left]);
  if (left.start !== addr || left.end !== addr + pages) return;
  const pgoff = isAnonymous(left) && mm.behaviours.dontunmap_pgoff === 'reset' ? left.start : left.pgoff;
  mm.replace([left], [{ ...left, pgoff, anonVma: null, chain: [] }]);
}
