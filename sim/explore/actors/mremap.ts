/**
 * mremap(2) of one mapping to a place that the caller names, mm/mremap.c: look up, copy the VMA,
 * move its page tables, unmap what is left behind, all under the mmap write lock.
 *
 * Left out: moves to a place the kernel chooses, growth in place, several VMAs at once, limits.
 */
import type { Vpn } from '../../../machine/index.js';
import { anonVmaOf, unlinkAnonVmas } from '../anon.js';
import { BLOCKED, type Label, type Register, type Run } from '../program.js';
import { addTo, canChange, charge, isAnonymous, isRead, pagesOf, reshape, startWrite } from '../vmas.js';
import { SHAPE } from '../world.js';
import { copyVma } from './copy-vma.js';
import { finish, lockWrite, RESULT, type Kit } from './kit.js';
import { movePageTables } from './move-page-tables.js';
import { unlockMm, unmapSteps } from './munmap.js';
import { relocateSteps } from './relocate.js';

export interface Mremap {
  readonly from: Vpn;
  readonly oldPages: number;
  readonly newPages: number;
  readonly to: Vpn;
  readonly dontUnmap: boolean;
  /** MREMAP_RELOCATE_ANON or MREMAP_MUST_RELOCATE_ANON. */
  readonly relocate: 'no' | 'try' | 'must';
}

export function mremap(kit: Kit, call: Mremap): void {
  const { b, w, mm } = kit;
  const pages = Math.min(call.oldPages, call.newPages);
  const [source, needRmapLocks] = [b.reg(), b.reg()];
  const [failed, out] = [b.label(), b.label()];
  lockWrite(kit, 'mremap', 'mmap_write_lock()', () => w.mmapLock(mm));

  const early = w.behaviours.resize_check === 'before_unmap';
  if (early) lookUp(kit, call, call.oldPages, source, failed);
  unmapSteps(kit, call.to, call.to + call.newPages);
  if (call.oldPages > call.newPages) unmapSteps(kit, call.from + call.newPages, call.from + call.oldPages);
  lookUp(kit, call, pages, source, failed);

  if (w.behaviours.vma_write_lock === 'yes' && w.behaviours.per_vma_locks === 'yes') {
    b.step('vma_start_write', 'write-lock the source VMA', (c) => {
      if (isRead(w, c, c.reg(source) - 1)) return BLOCKED;
      startWrite(w, c, c.reg(source) - 1);
      return undefined;
    });
  }
  const plain = b.label();
  if (call.relocate !== 'no' && w.behaviours.relocate_anon === 'yes') relocateSteps(kit, call, source, { plain, failed, moved: (end) => moved(kit, call, source, end) }, out);
  b.mark(plain);
  b.step('copy_vma', `a VMA for ${w.hex(call.to)}: a neighbour that grows, or a new one`, (c) => {
    const copied = copyVma(w, c, c.reg(source) - 1, call.from, call.to, call.newPages);
    if (copied === BLOCKED) return BLOCKED;
    c.setReg(needRmapLocks, copied.needRmapLocks ? 1 : 0);
    const shape = w.shapeOf(c, c.reg(source) - 1);
    charge(w, c, shape, call.dontUnmap ? call.newPages : call.newPages - pages);
    return undefined;
  });
  movePageTables(kit, { from: call.from, to: call.to, pages, source, needRmapLocks });
  moved(kit, call, source, out);
  b.mark(failed);
  unlockMm(kit, (c) => c.setReg(source, 0));
  const end = b.label();
  b.step('mremap', 'return', () => end);
  b.mark(out);
  unlockMm(kit, (c) => {
    c.setReg(source, 0);
    c.setReg(needRmapLocks, 0);
    finish(kit, c, call.to);
  });
  b.mark(end);
}

/** check_prep_vma(), vma_to_resize() */
function lookUp(kit: Kit, { from }: Mremap, pages: number, source: Register, failed: Label): void {
  const { b, w, mm } = kit;
  b.step('vma_lookup', `the VMA of ${w.hex(from)}`, (c) => {
    const v = w.vmaAt(c, mm, from);
    if (v < 0 || w.shapeOf(c, v).end < from + pages) {
      finish(kit, c, RESULT.EFAULT);
      return failed;
    }
    c.setReg(source, v + 1);
    return undefined;
  });
}

/** The end of move_vma(): the source goes, or stays empty. */
function moved(kit: Kit, call: Mremap, source: Register, out: Label): void {
  const { b } = kit;
  const pages = Math.min(call.oldPages, call.newPages);
  if (call.dontUnmap) leaveEmpty(kit, call, source);
  else unmapSteps(kit, call.from, call.from + pages, { moved: true });
  b.step('move_vma', 'the move is done', () => out);
}

/** MREMAP_DONTUNMAP: a source moved whole has no pages left, and needs no anon_vma. */
function leaveEmpty(kit: Kit, call: Mremap, source: Register): void {
  const { b, w, mm } = kit;
  b.step('dontunmap_complete', 'the source stays, empty: unlink its anon_vmas if all of it moved', (c: Run) => {
    const v = c.reg(source) - 1;
    const shape = w.shapeOf(c, v);
    if (!canChange(w, c, [v])) return BLOCKED;
    const whole = shape.start === call.from && pagesOf(shape) === call.oldPages;
    if (shape.flags & SHAPE.LOCKED) {
      // Later kernels forget to count the pages that are not locked any more.
      if (w.behaviours.dontunmap_locked === 'split') addTo(w, c, w.mm(mm, 'lockedVm'), -pagesOf(shape));
      reshape(w, c, v, { ...shape, flags: shape.flags & ~SHAPE.LOCKED });
    }
    if (whole && anonVmaOf(w, c, v) >= 0) {
      unlinkAnonVmas(w, c, v);
      const now = w.shapeOf(c, v);
      if (isAnonymous(now) && w.behaviours.dontunmap_pgoff === 'reset') reshape(w, c, v, { ...now, pgoff: now.start });
    }
    return undefined;
  });
}
