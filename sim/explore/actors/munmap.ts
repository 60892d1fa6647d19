/** munmap(2): do_vmi_align_munmap(), mm/mmap.c and mm/vma.c. */
import type { Vpn } from '../../../machine/index.js';
import { unlinkAnonVmas } from '../anon.js';
import { isTable, NONE, tableOf } from '../entries.js';
import { downgrade, dropRead, dropWrite, isFree } from '../locks.js';
import { BLOCKED, type Register, type Run } from '../program.js';
import { canChange, charge, detach, detachedBy, endWriteAll, isolate, isRead, pagesOf, removeVma, startWrite, vmasIn } from '../vmas.js';
import { finish, lockWrite, RESULT, type Kit } from './kit.js';
import { finishGather, zapSteps } from './zap.js';

export interface Unmapping {
  /** Whether what is unmapped is what a move left behind: its pages must have moved, and its charge stays. */
  readonly moved?: boolean;
  /** Taken only when this says so. */
  readonly when?: (c: Run) => boolean;
  /** When the VMAs are out, others may read the mm again. */
  readonly downgrades?: boolean;
}

/** The VMAs leave the mm, their pages go, then their tables, and with the flush behind them they are given back. */
export function unmapSteps(kit: Kit, from: Vpn, to: Vpn, { moved = false, when, downgrades = false }: Unmapping = {}): void {
  const { b, w, mm } = kit;
  const tables: Register[] = [];
  const end = b.label();
  const range = `[${w.hex(from)}, ${w.hex(to)})`;

  b.step('vms_gather_munmap_vmas', `take the VMAs of ${range} out of the mm`, (c) => {
    if (when !== undefined && !when(c)) return end;
    const inside = vmasIn(w, c, mm, from, to);
    if (inside.length === 0) return end;
    if (w.behaviours.per_vma_locks === 'yes' && w.behaviours.vma_write_lock === 'yes' && inside.some((v) => isRead(w, c, v))) return BLOCKED;
    if (!canChange(w, c, inside)) return BLOCKED;
    for (const v of isolate(w, c, mm, from, to)) {
      startWrite(w, c, v);
      detach(w, c, v);
    }
    return undefined;
  });
  if (downgrades) {
    b.step('mmap_write_downgrade', 'unlock the VMAs; keep the mmap lock for reading', (c) => {
      endWriteAll(w, c);
      downgrade(c, w.mmapLock(mm));
    });
  }
  const gathered = zapSteps(kit, from, to, {
    beforeZap: (c) => {
      if (moved) w.break(c, 'lost_page');
    },
  });
  b.step('free_pgtables', 'unlink the VMAs from their reverse maps', (c) => {
    const vmas = detachedBy(w, c);
    if (!canChange(w, c, vmas)) return BLOCKED;
    for (const v of vmas) {
      unlinkAnonVmas(w, c, v);
      removeVma(w, c, v);
      const shape = w.shapeOf(c, v);
      if (!moved) charge(w, c, shape, -pagesOf(shape));
    }
    return undefined;
  });
  const blocks = [...new Set(w.pagesIn(from, to).map((at) => Math.floor(at / w.span)))];
  for (const block of blocks) {
    const table = b.reg();
    const id = w.blockOf(block * w.span + (w.pagesIn(from, to).find((at) => Math.floor(at / w.span) === block) as number) - block * w.span);
    tables.push(table);
    b.step('free_pgd_range', `take out the PTE table of ${w.hex(block * w.span)}, if nothing else is there`, (c) => {
      const pmd = c.get(w.pmd(mm, id));
      if (!isTable(pmd) || vmasIn(w, c, mm, block * w.span, (block + 1) * w.span).length > 0) return undefined;
      if (!isFree(c, w.pmdLock(mm))) return BLOCKED;
      c.set(w.pmd(mm, id), NONE);
      c.setReg(table, tableOf(pmd) + 1);
      return undefined;
    });
  }
  finishGather(kit, from, to, gathered, tables);
  b.mark(end);
}

export function munmap(kit: Kit, from: Vpn, to: Vpn): void {
  lockWrite(kit, 'vm_munmap', 'mmap_write_lock()', () => kit.w.mmapLock(kit.mm));
  const { b, w, mm } = kit;
  const downgrades = w.behaviours.munmap_downgrade === 'yes';
  unmapSteps(kit, from, to, { downgrades });
  if (!downgrades) {
    unlockMm(kit, (c) => finish(kit, c, RESULT.ok));
    return;
  }
  b.step('mmap_read_unlock', 'unlock the mm', (c) => {
    const lock = w.mmapLock(mm);
    // Where nothing was mapped it was not downgraded.
    endWriteAll(w, c);
    (c.get(lock.writer) === c.actor.index + 1 ? dropWrite : dropRead)(c, lock);
    finish(kit, c, RESULT.ok);
  });
}

/** mmap_write_unlock(), which lets go of every VMA's lock too. */
export function unlockMm({ b, w, mm }: Kit, last: (c: Run) => void): void {
  b.step('mmap_write_unlock', 'mmap_write_unlock()', (c) => {
    endWriteAll(w, c);
    dropWrite(c, w.mmapLock(mm));
    last(c);
  });
}
