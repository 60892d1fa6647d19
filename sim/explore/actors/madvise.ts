/** madvise(MADV_DONTNEED), mm/madvise.c: the pages go, the mapping stays; as in v6.1 to v6.18. */
import type { Vpn } from '../../../machine/index.js';
import { dropRead, isWriteLocked, tryRead } from '../locks.js';
import { BLOCKED, type Register } from '../program.js';
import { pagesOf, vmasIn } from '../vmas.js';
import { SHAPE } from '../world.js';
import { finish, RESULT, type Kit } from './kit.js';
import { finishGather, zapSteps } from './zap.js';

export function madviseDontneed(kit: Kit, from: Vpn, to: Vpn): void {
  const { b, w, mm } = kit;
  /** The VMA that is locked, + 1; 0 when the mmap lock is. */
  const [vma, result] = [b.reg(), b.reg()];
  const [slow, locked, unlock] = [b.label(), b.label(), b.label()];
  if (w.behaviours.madvise_lock === 'vma') {
    b.step('madvise_lock', 'read-lock the VMA, if there is only one', (c) => {
      const v = w.vmaAt(c, mm, from);
      if (v < 0 || w.shapeOf(c, v).end < to || isWriteLocked(c, w.vmaLock(v))) return slow;
      tryRead(c, w.vmaLock(v));
      c.setReg(vma, v + 1);
      return locked;
    });
    b.mark(slow);
  }
  b.step('madvise_lock', 'mmap_read_lock()', (c) => (tryRead(c, w.mmapLock(mm)) ? undefined : BLOCKED));
  b.mark(locked);
  b.step('madvise_walk_vmas', 'the VMAs of the range', (c) => {
    const vmas = vmasIn(w, c, mm, from, to);
    const isLocked = vmas.some((v) => (w.shapeOf(c, v).flags & SHAPE.LOCKED) !== 0);
    const covered = vmas.reduce((n, v) => n + pagesOf(w.shapeOf(c, v)) - Math.max(0, from - w.shapeOf(c, v).start) - Math.max(0, w.shapeOf(c, v).end - to), 0);
    c.setReg(result, w.numberId(isLocked ? RESULT.EINVAL : covered < to - from ? RESULT.ENOMEM : RESULT.ok));
    return isLocked || vmas.length === 0 ? unlock : undefined;
  });
  const tables: Register[] = [];
  const gathered = zapSteps(kit, from, to, w.behaviours.pt_reclaim === 'yes' ? { reclaimed: tables } : {});
  finishGather(kit, from, to, gathered, tables);
  b.mark(unlock);
  b.step('madvise_unlock', 'unlock', (c) => {
    dropRead(c, c.reg(vma) === 0 ? w.mmapLock(mm) : w.vmaLock(c.reg(vma) - 1));
    finish(kit, c, w.number(c.reg(result)));
    c.setReg(vma, 0);
    c.setReg(result, 0);
  });
}
