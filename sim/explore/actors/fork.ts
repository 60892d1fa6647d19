/** fork(2): dup_mmap(), kernel/fork.c, and copy_page_range(), mm/memory.c. */
import { allocateAnonVma, anonVmaOf } from '../anon.js';
import { isTable, isPresent, mapsFrame, frameOf, NONE, PRESENT, tableEntry, tableOf, WRITE } from '../entries.js';
import { isFree } from '../locks.js';
import { addRmap, allocate, flushTlb } from '../memory.js';
import { BLOCKED, type Run } from '../program.js';
import { account, canChange, insertVma, isAnonymous, vmasIn } from '../vmas.js';
import { LIVE, SHAPE, type World } from '../world.js';
import { finish, lockWrite, RESULT, type Kit } from './kit.js';
import { unlockMm } from './munmap.js';

export function fork(kit: Kit, child: number): void {
  const { b, w, mm } = kit;
  lockWrite(kit, 'dup_mmap', 'mmap_write_lock()', () => w.mmapLock(mm));
  b.step('dup_mmap', 'the VMAs of the child, each with an anon_vma of its own', (c) => {
    const vmas = vmasIn(w, c, mm, 0, Infinity);
    if (!canChange(w, c, vmas)) return BLOCKED;
    c.set(w.mm(child, 'state'), LIVE);
    for (const v of vmas) copyVma(w, c, v, child);
    return undefined;
  });
  for (const at of w.pages) {
    b.step('copy_present_pte', `PTLs: the entry of ${w.hex(at)}, for the child too`, (c) => {
      const from = c.get(w.pmd(mm, w.blockOf(at)));
      if (!isTable(from)) return undefined;
      const cell = w.pte(tableOf(from), w.offsetOf(at));
      if (!isFree(c, w.ptl(tableOf(from)))) return BLOCKED;
      const entry = c.get(cell);
      const vma = w.vmaAt(c, child, at);
      // Pages of files come back with a fault.
      if (entry === NONE || vma < 0 || !isAnonymous(w.shapeOf(c, vma)) || anonVmaOf(w, c, vma) < 0) return undefined;
      copyEntry(w, c, child, at, cell, entry);
      return undefined;
    });
  }
  b.step('dup_mmap', 'flush the TLBs of the parent', (c) => flushTlb(w, c, mm, 0, Infinity));
  unlockMm(kit, (c) => finish(kit, c, RESULT.ok));
}

/** anon_vma_fork() */
function copyVma(w: World, c: Run, vma: number, child: number): void {
  const shape = { ...w.shapeOf(c, vma), mm: child };
  const own = anonVmaOf(w, c, vma);
  const fresh = own < 0 ? -1 : allocateAnonVma(w, c, own);
  const chain = own < 0 ? 0 : c.get(w.vma(vma, 'chain')) | (1 << fresh);
  const plain = { ...shape, flags: shape.flags & ~SHAPE.LOCKED };
  insertVma(w, c, plain, fresh, chain);
  account(w, c, plain, 1);
  if (shape.flags & SHAPE.ACCOUNT) c.set(w.mm(child, 'committed'), w.numberId(w.number(c.get(w.mm(child, 'committed'))) + (shape.end - shape.start)));
}

/** Both may only read from now on, and who writes first gets a copy. */
function copyEntry(w: World, c: Run, child: number, at: number, cell: number, entry: number): void {
  const pmd = w.pmd(child, w.blockOf(at));
  if (c.get(pmd) === NONE) c.set(pmd, tableEntry(allocate(w, c, 'table')));
  const shared = isPresent(entry) ? entry & ~WRITE : entry;
  if (shared !== entry) c.set(cell, shared);
  c.set(w.pte(tableOf(c.get(pmd)), w.offsetOf(at)), shared);
  if (mapsFrame(entry) && (entry & PRESENT) !== 0) addRmap(w, c, frameOf(entry) | PRESENT);
}
