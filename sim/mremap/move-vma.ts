/** move_vma(), mm/mremap.c: copies the VMA, moves its page tables, unmaps what is left behind. */
import type { Pages, Vpn } from '../../machine/index.js';
import { movePageTables } from '../pagetable/move.js';
import { isRefused, refuse, type Outcome, type Refused } from '../refusal.js';
import { moveUffd } from '../uffd.js';
import { atPage, number, sizeOf } from '../values.js';
import { freshAnonPgoff } from '../vma/anon-pgoff.js';
import { enoughMemory, refuseCommit } from '../vma/limits.js';
import type { Mm } from '../vma/mm.js';
import { refuseSplit, splitChecked } from '../vma/modify.js';
import { munmapPages } from '../vma/munmap.js';
import { isAccounted, isAnonymous, pagesOf, type VmArea } from '../vma/vm-area.js';
import { LOCKED_MASK, VM } from '../vma/vm-flags.js';
import { makeDestination, mergeRelocated, unrelocate, type Destination } from './destination.js';
import { successAt, type Vrm } from './vrm.js';

export function moveVma(mm: Mm, vrm: Vrm, source: VmArea, newAddr: Vpn): Outcome {
  const { addr, oldLen } = vrm;
  const unfit = prepMove(mm, vrm, source);
  if (unfit !== null) return unfit;
  let from = source;
  if (vrm.dontUnmap && source.flags & VM.LOCKED && mm.behaviours.dontunmap_locked === 'split') {
    const split = isolate(mm, source, addr, addr + oldLen);
    if (isRefused(split)) return split;
    from = split;
  }
  const overdrawn = charge(mm, vrm, source);
  if (overdrawn !== null) return overdrawn;

  if (mm.behaviours.vma_write_lock === 'yes') mm.effects.startWrite(from);
  const made = makeDestination(mm, vrm, from, newAddr);
  if (isRefused(made)) {
    uncharge(mm, vrm, source);
    return made;
  }
  const { src, parts, relocated } = made;
  // A merge of source and copy makes one VMA of both.
  if (src !== from) vrm.needsInvalidate = true;
  vrm.vma = src;
  let moved = 0;
  for (const { old, to, pages, dst, needRmapLocks } of parts) {
    const progress = movePageTables(mm, { src, dst, old, new: to, pages, needRmapLocks, forStack: false });
    moved += progress;
    if (progress < pages) return moveBack(mm, vrm, made, newAddr, moved, null);
  }
  const objection = specialObjects(mm, vrm, src);
  if (objection !== null) return moveBack(mm, vrm, made, newAddr, moved, objection);
  if (relocated !== null) {
    mm.effects.endRelocation(relocated);
    mergeRelocated(mm, relocated);
  }
  vrm.uf = parts.map(({ to, dst }) => moveUffd(mm, mm.lookup(to) ?? dst))[0] ?? null;
  if (source.uffd !== null)
    mm.recorder.step(
      mm.functions.uffdPrep,
      'done',
      vrm.uf === null ? 'move.not_watched' : 'move.watched',
      vrm.uf === null ? 'the copy is not watched: the monitor does not hear of moves' : 'the copy is watched by the same monitor, which is to hear of the move',
    );
  statAccount(mm, vrm, source);
  // A range that shrank was not charged for anything.
  if (vrm.remapType === 'MREMAP_SHRINK') mm.chargedForNothing += vrm.charged;

  if (vrm.dontUnmap) leaveEmpty(mm, addr, oldLen, { accounted: isAccounted(source), merged: src !== from });
  else unmapSource(mm, vrm, src, isAccounted(source));
  return successAt(mm, newAddr);
}

/** prep_move_vma(): whether the VMA can be moved at all. */
function prepMove(mm: Mm, vrm: Vrm, source: VmArea): Refused | null {
  const { addr, oldLen } = vrm;
  const where = mm.functions.prepMove;
  const counts = () => [number('map_count', mm.mapCount), number('max_map_count', mm.limits.maxMapCount)];
  if (mm.mapCount + moreVmas(mm, vrm, source) > mm.limits.maxMapCount)
    return refuse(mm, where, 'ENOMEM', 'mremap.move_map_count', 'too close to vm.max_map_count to move a mapping', counts());
  mm.recorder.step(where, 'passed', 'move.map_count', 'vm.max_map_count leaves room for the copy, and for a hole in the source', counts);
  const special = mm.behaviours.special_moves === 'asked_after' ? null : refuseParting(mm, source, addr, addr + oldLen);
  if (special !== null) return special;
  // Pages merged by KSM do not move: the range gets copies of its own first.
  if (source.flags & VM.MERGEABLE) {
    mm.effects.unshareKsm(addr, addr + oldLen);
    mm.recorder.step(where, 'done', 'move.unmerged', 'pages that KSM merged got copies of their own', () => [atPage(mm, 'addr', addr), sizeOf(mm, 'len', oldLen)]);
  }
  return null;
}

/** How many VMAs there has to be room for: one for the copy, one or two for a hole in the source, one to spare. */
function moreVmas(mm: Mm, vrm: Vrm, source: VmArea): number {
  if (mm.behaviours.move_map_count === 'four') return 4;
  return vrm.dontUnmap && source.flags & VM.LOCKED ? 3 : 2;
}

/** may_split(), at both ends of a range. */
const refuseParting = (mm: Mm, vma: VmArea, from: Vpn, to: Vpn): Refused | null =>
  (vma.start < from ? refuseSplit(mm, vma, from) : null) ?? (vma.end > to ? refuseSplit(mm, vma, to) : null);

/** special_mapping_mremap(): a special mapping of another size than its own is none. Kernels that ask before find nothing to object to here. */
function specialObjects(mm: Mm, { newLen }: Vrm, { file, start, end }: VmArea): Refused | null {
  if (file?.special !== true || newLen === file.pages) return null;
  return refuse(mm, mm.functions.moveVma, 'EINVAL', 'mremap.special', 'a special mapping moves as a whole or not at all; what had moved was moved back', [
    atPage(mm, 'vm_start', start),
    atPage(mm, 'vm_end', end),
    sizeOf(mm, 'new_len', newLen),
  ]);
}

/** vrm_calc_charge(): all of the copy where the source stays, else what the mapping grows by. */
function charge(mm: Mm, vrm: Vrm, source: VmArea): Refused | null {
  if (!isAccounted(source)) return null;
  const pages = chargeFor(mm, vrm);
  // The limit is checked even for 0 pages: a process that is over it already may move nothing. Unless the resize was checked against it.
  if (mm.behaviours.move_charge === 'in_move' && !enoughMemory(mm, pages)) return refuseCommit(mm, 'mremap.commit', pages);
  mm.committed += pages;
  vrm.charged = pages;
  mm.recorder.step(mm.functions.charge, 'passed', 'move.charged', chargeText(vrm, pages), () => [number('pages', pages), number('committed', mm.committed)]);
  return null;
}

/** vrm_uncharge(): what an earlier VMA of the range was charged stays in vrm, and is no business of one that is not charged. */
function uncharge(mm: Mm, vrm: Vrm, source: VmArea): void {
  if (!isAccounted(source)) return;
  mm.committed -= vrm.charged;
  vrm.charged = 0;
}

/** Since v6.15 the kept delta is that of a range whose tail is gone by now. */
function chargeFor(mm: Mm, vrm: Vrm): Pages {
  if (vrm.dontUnmap) return vrm.newLen;
  return mm.behaviours.shrink_charge === 'leak' ? vrm.delta : vrm.newLen - vrm.oldLen;
}

function chargeText(vrm: Vrm, pages: Pages): string {
  if (vrm.dontUnmap) return 'charged all of the copy, for the source stays mapped';
  if (pages > 0 && vrm.remapType === 'MREMAP_SHRINK') return 'charged the difference of the lengths, although it was a shrinking one: nothing will give that back';
  return pages === 0 ? 'nothing to charge: as much is unmapped as is mapped' : 'charged what the mapping grows by';
}

/** vrm_stat_account(): the copy counts; the source stops to count when it is unmapped. */
function statAccount(mm: Mm, vrm: Vrm, { flags }: VmArea): void {
  mm.account(flags, vrm.newLen);
  const locked = (flags & VM.LOCKED) !== 0;
  vrm.mlocked = locked;
  // Up to v6.14 DONTUNMAP takes the lock along; later kernels count the pages a second time.
  const leaks = vrm.dontUnmap && mm.behaviours.dontunmap_locked === 'leak';
  if (locked && (!vrm.dontUnmap || leaks)) mm.lockedVm += vrm.newLen;
  mm.recorder.step(
    mm.functions.statAccount,
    'done',
    'move.accounted',
    locked && leaks ? 'counted the copy; its pages are counted as locked a second time, and nothing will take that back' : 'counted the copy',
    () => [number('total_vm', mm.totalVm), number('locked_vm', mm.lockedVm)],
  );
}

/**
 * A move that fell short goes back: the tables it left at the source are still there, so this cannot
 * fail. Then the roles are swapped, and the destination is unmapped; with VM_ACCOUNT hidden, as for
 * the source of a move that succeeded, so that up to v7.2 what growth was charged is never given back.
 */
function moveBack(mm: Mm, vrm: Vrm, { src, parts, relocated }: Destination, newAddr: Vpn, moved: number, objection: Refused | null): Outcome {
  mm.recorder.counters.moveback += 1;
  const shortfall = objection === null;
  mm.recorder.step(
    mm.functions.copyAndMove,
    'refused',
    shortfall ? 'move.fell_short' : 'move.objected',
    shortfall ? 'the move fell short: what has moved goes back' : 'the move is objected to: what has moved goes back',
    () => [sizeOf(mm, 'moved', moved), sizeOf(mm, 'old_len', vrm.oldLen)],
  );
  for (const { old, to, pages, dst } of parts) {
    const back = Math.min(pages, newAddr + moved - to);
    if (back >= 0) movePageTables(mm, { src: dst, dst: src, old: to, new: old, pages: back, needRmapLocks: true, forStack: false });
  }
  if (relocated !== null) unrelocate(mm, relocated, moved);
  const { oldLen, charged } = vrm;
  vrm.vma = mm.lookup(newAddr) ?? 'stale';
  vrm.oldLen = vrm.newLen;
  vrm.addr = newAddr;
  mm.recorder.step(mm.functions.copyAndMove, 'done', 'move.swapped', 'the roles are swapped: now the destination is what will be unmapped', () => [
    atPage(mm, 'addr', newAddr),
    sizeOf(mm, 'old_len', vrm.oldLen),
  ]);
  mm.account(src.flags, vrm.newLen);
  if (src.flags & VM.LOCKED) mm.lockedVm += vrm.newLen;
  const before = mm.committed;
  munmapPages(mm, newAddr, vrm.newLen, vrm.ufUnmap);
  vrm.vma = 'stale';
  if (isAccounted(src) && !vrm.dontUnmap) {
    const kept = mm.behaviours.failed_move_charge === 'kept' ? charged : 0;
    mm.committed = before - charged + kept;
    mm.chargedForNothing += kept;
  }
  if (objection !== null) return objection;
  return refuse(mm, mm.functions.moveVma, 'ENOMEM', 'mremap.page_tables', 'no memory for page tables at the destination; what had moved was moved back', [
    sizeOf(mm, 'moved', moved),
    sizeOf(mm, 'old_len', oldLen),
  ]);
}

/**
 * unmap_source_vma(): unmaps the old range. The pages it was charged for have moved, not gone: the
 * kernel hides VM_ACCOUNT from munmap meanwhile; here the charge is put back.
 */
function unmapSource(mm: Mm, vrm: Vrm, src: VmArea, accounted: boolean): void {
  const range = () => [atPage(mm, 'old_addr', vrm.addr), sizeOf(mm, 'old_len', vrm.oldLen)];
  vrm.vma = 'stale';
  vrm.needsInvalidate = true;
  // With old_len 0 the mapping is duplicated: do_munmap() refuses the empty range with EINVAL, which is ignored.
  if (vrm.oldLen === 0) {
    mm.recorder.step(mm.functions.unmapSource, 'done', 'move.duplicated', 'nothing to unmap: old_len 0 made a second mapping', range);
    return;
  }
  const before = mm.committed;
  const refused = munmapPages(mm, vrm.addr, vrm.oldLen, vrm.ufUnmap, { moved: true });
  mm.committed = before;
  if (refused === null) {
    mm.recorder.step(
      mm.functions.unmapSource,
      'done',
      'move.source_unmapped',
      accounted ? 'unmapped the source, VM_ACCOUNT hidden meanwhile: the charge went along with the pages' : 'unmapped the source',
      range,
    );
    return;
  }
  keepBoth(mm, vrm, src, accounted);
  mm.recorder.step(mm.functions.unmapSource, 'done', 'move.source_stays', 'the source could not be unmapped, which nobody is told: both ranges stay', range);
}

/**
 * Out of memory for the VMAs around the hole: VM_ACCOUNT stays hidden from the VMA that held the old
 * range. It is charged no more, up to v5.10; later the old range is charged again, so that nothing
 * ever gives its charge back, and since v6.15 memory is charged so that never was.
 */
function keepBoth(mm: Mm, vrm: Vrm, src: VmArea, accounted: boolean): void {
  const { failed_unmap_charge: how } = mm.behaviours;
  if (!accounted && how !== 'always') return;
  if (how === 'moved_along') {
    mm.committed -= pagesOf(src) - vrm.oldLen;
  } else {
    mm.committed += vrm.oldLen;
    mm.chargedForNothing += accounted ? pagesOf(src) : vrm.oldLen;
  }
  for (const left of mm.range(src.start, src.end)) mm.replace([left], [{ ...left, flags: left.flags & ~VM.ACCOUNT }]);
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

/**
 * dontunmap_complete(): what stays of the source. A VMA that all pages have left needs no anon_vma
 * (unlink_anon_vmas()).
 * @param source whether it was charged, and whether it has become one with its copy
 */
function leaveEmpty(mm: Mm, addr: Vpn, pages: Pages, source: { readonly accounted: boolean; readonly merged: boolean }): void {
  const found = mm.lookup(addr);
  if (found === undefined) return;
  mm.effects.part('dontunmap');
  // The lock goes, from the whole VMA even where only part of it was moved; from v6.15 to v6.17 so does what it is charged by.
  if (found.flags & VM.LOCKED) mm.lockedForNothing += lostCount(mm, pagesOf(found), pages);
  const dropped = mm.behaviours.dontunmap_account === 'dropped' ? LOCKED_MASK | VM.ACCOUNT : LOCKED_MASK;
  const left = { ...found, flags: found.flags & ~dropped };
  if (isAccounted(found) && !isAccounted(left)) mm.chargedForNothing += pagesOf(found);
  mm.replace([found], [left]);
  const whole = left.start === addr && left.end === addr + pages;
  const unlinks = whole && mm.behaviours.dontunmap_anon_vma === 'unlinked';
  const pgoff = isAnonymous(left) && mm.behaviours.dontunmap_pgoff === 'reset' ? left.start : left.pgoff;
  if (unlinks) mm.replace([left], [{ ...left, pgoff, anonPgoff: freshAnonPgoff(mm, left.start, pgoff), anonVma: null, chain: [] }]);
  mm.recorder.step(mm.functions.leaveSource, 'done', whole ? 'move.source_empty' : 'move.source_partly_empty', leftText(whole, unlinks), () => [
    atPage(mm, 'old_addr', addr),
    sizeOf(mm, 'old_len', pages),
  ]);
  const middle = found.start < addr && addr + pages < found.end;
  if (mm.behaviours.dontunmap_account === 'misplaced' && source.accounted && middle && !source.merged) accountNext(mm, left);
}

/** Pages that stay counted as locked although no VMA holds them: the copy has the lock of those that moved. */
function lostCount(mm: Mm, unlocked: Pages, moved: Pages): Pages {
  switch (mm.behaviours.dontunmap_locked) {
    case 'cleared':
      return unlocked - moved;
    case 'leak':
      return unlocked;
    case 'split':
      return 0;
  }
}

function leftText(whole: boolean, unlinks: boolean): string {
  if (!whole) return 'the source stays mapped; only part of its VMA is empty now, so it keeps its anon_vma';
  return unlinks ? 'the source stays mapped, empty, and has no anon_vma any more' : 'the source stays mapped, empty, and keeps its anon_vma as if it had pages';
}

/**
 * VM_ACCOUNT, hidden while a part of a VMA is unmapped, is put back on what is left on both sides. Here
 * nothing was unmapped: the VMA that comes next is another one, and gives back, when it goes, what it was never charged.
 */
function accountNext(mm: Mm, left: VmArea): void {
  const next = mm.next(left.end);
  if (next === undefined || isAccounted(next)) return;
  mm.chargedForNothing -= pagesOf(next);
  mm.replace([next], [{ ...next, flags: next.flags | VM.ACCOUNT }]);
  mm.recorder.step(
    mm.functions.leaveSource,
    'done',
    'move.next_accounted',
    'marked the next VMA as charged, as if it were what is left of the source: it has nothing to do with it',
    () => [atPage(mm, 'vm_start', next.start), atPage(mm, 'vm_end', next.end)],
  );
}
