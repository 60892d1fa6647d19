/** The stack that execve moves down, within its own VMA: shift_arg_pages(), fs/exec.c, relocate_vma_down(), mm/vma_exec.c. */
import type { Vpn } from '../../../machine/index.js';
import { BLOCKED } from '../program.js';
import { addTo, canChange, pagesOf, reshape } from '../vmas.js';
import { SHAPE } from '../world.js';
import { finish, lockWrite, RESULT, type Kit } from './kit.js';
import { movePageTables } from './move-page-tables.js';
import { unlockMm } from './munmap.js';

export function execStack(kit: Kit, start: Vpn, end: Vpn, shift: number): void {
  const { b, w, mm } = kit;
  const [source, noLocks] = [b.reg(), b.reg()];
  const out = b.label();
  lockWrite(kit, 'setup_arg_pages', 'mmap_write_lock()', () => w.mmapLock(mm));
  b.step('shift_arg_pages', 'the VMA covers the old place and the new one', (c) => {
    const v = w.vmaAt(c, mm, start);
    if (v < 0) {
      finish(kit, c, RESULT.EFAULT);
      return out;
    }
    if (!canChange(w, c, [v])) return BLOCKED;
    const shape = w.shapeOf(c, v);
    reshape(w, c, v, { ...shape, start: start - shift });
    addTo(w, c, w.mm(mm, 'totalVm'), shift);
    c.setReg(source, v + 1);
    return undefined;
  });
  movePageTables(kit, { from: start, to: start - shift, pages: end - start, source, needRmapLocks: noLocks });
  b.step('shift_arg_pages', 'the VMA ends where the stack does now, and is like any other', (c) => {
    const v = c.reg(source) - 1;
    if (!canChange(w, c, [v])) return BLOCKED;
    const shape = w.shapeOf(c, v);
    reshape(w, c, v, { ...shape, end: end - shift, flags: shape.flags & ~SHAPE.TEMPORARY_STACK });
    addTo(w, c, w.mm(mm, 'totalVm'), pagesOf(w.shapeOf(c, v)) - pagesOf(shape));
    c.setReg(source, 0);
    finish(kit, c, end - shift);
    return undefined;
  });
  b.mark(out);
  unlockMm(kit, () => undefined);
}
