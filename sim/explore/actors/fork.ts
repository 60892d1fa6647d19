/** fork(2): dup_mmap(), kernel/fork.c and mm/mmap.c; anon_vma_fork(), mm/rmap.c; copy_page_range(), mm/memory.c, as in v6.1 to v6.18. */
import type { Vpn } from '../../../machine/index.js';
import { allocateAnonVma, anonVmaOf } from '../anon.js';
import { isTable, isPresent, mapsFrame, frameOf, MIGRATION, NONE, SWAP, tableEntry, tableOf, WRITE } from '../entries.js';
import { dropWrite, tryWrite } from '../locks.js';
import { addRmap, allocate, allocateFrame, flushTlb, present } from '../memory.js';
import { BLOCKED, type Run } from '../program.js';
import { account, canChange, insertVma, isRead, linearIndex, startWrite, vmasIn } from '../vmas.js';
import { FILE_MAPPING, LIVE, SHAPE, type World } from '../world.js';
import { finish, lockWrite, RESULT, type Kit } from './kit.js';
import { unlockMm } from './munmap.js';

export function fork(kit: Kit, child: number): void {
  const { b, w, mm } = kit;
  const { behaviours } = w;
  lockWrite(kit, 'dup_mmap', 'mmap_write_lock()', () => w.mmapLock(mm));
  if (behaviours.fork_vma_lock === 'yes') {
    b.step('vma_start_write', 'write-lock every VMA of the parent', (c) => {
      const vmas = vmasIn(w, c, mm, 0, Infinity);
      if (vmas.some((v) => isRead(w, c, v))) return BLOCKED;
      for (const v of vmas) startWrite(w, c, v);
      return undefined;
    });
  }
  b.step('dup_mmap', 'the VMAs of the child, each with an anon_vma of its own', (c) => {
    const vmas = vmasIn(w, c, mm, 0, Infinity);
    if (!canChange(w, c, vmas)) return BLOCKED;
    for (const v of vmas) copyVma(w, c, v, child);
    return undefined;
  });
  const counted = behaviours.fork_seqcount === 'yes';
  if (counted) b.step('copy_page_range', 'raw_write_seqcount_begin(&mm->write_protect_seq)', (c) => void c.add(w.mm(mm, 'seq'), 1));
  const table = b.reg();
  for (const at of w.pages) {
    const next = b.label();
    b.step('copy_present_pte', `PTLs: the entry of ${w.hex(at)}: of a page that may be pinned the child gets a copy`, (c) => {
      const from = c.get(w.pmd(mm, w.blockOf(at)));
      const vma = w.vmaAt(c, child, at);
      // vma_needs_copy(): pages of files come back with a fault.
      if (!isTable(from) || vma < 0 || anonVmaOf(w, c, vma) < 0) return next;
      const ptl = w.ptl(tableOf(from));
      if (!tryWrite(c, ptl)) return BLOCKED;
      const entry = c.get(w.pte(tableOf(from), w.offsetOf(at)));
      if (entry === NONE || copyPinned(w, c, child, vma, at, entry)) {
        dropWrite(c, ptl);
        return next;
      }
      c.setReg(table, tableOf(from) + 1);
      return undefined;
    });
    b.step('copy_present_pte', `write-protect the entry of ${w.hex(at)}, and give it to the child; unlock the PTLs`, (c) => {
      const t = c.reg(table) - 1;
      shareEntry(w, c, child, at, w.pte(t, w.offsetOf(at)));
      dropWrite(c, w.ptl(t));
      c.setReg(table, 0);
    });
    b.mark(next);
  }
  if (counted) b.step('copy_page_range', 'raw_write_seqcount_end(&mm->write_protect_seq)', (c) => void c.add(w.mm(mm, 'seq'), 1));
  b.step('dup_mmap', 'flush the TLBs of the parent', (c) => flushTlb(w, c, mm, 0, Infinity));
  unlockMm(kit, (c) => {
    c.set(w.mm(child, 'state'), LIVE);
    finish(kit, c, RESULT.ok);
  });
}

/** anon_vma_fork() */
function copyVma(w: World, c: Run, vma: number, child: number): void {
  const shape = { ...w.shapeOf(c, vma), mm: child };
  const own = anonVmaOf(w, c, vma);
  const parents = c.get(w.vma(vma, 'chain'));
  const taken = own < 0 ? -1 : reusable(w, c, parents);
  const anon = own < 0 || taken >= 0 ? taken : allocateAnonVma(w, c, own);
  const chain = own < 0 ? 0 : parents | (1 << anon);
  const plain = { ...shape, flags: shape.flags & ~SHAPE.LOCKED };
  insertVma(w, c, plain, anon, chain);
  account(w, c, plain, 1);
  if (shape.flags & SHAPE.ACCOUNT) c.set(w.mm(child, 'committed'), w.numberId(w.number(c.get(w.mm(child, 'committed'))) + (shape.end - shape.start)));
}

/** anon_vma_clone(): an anon_vma of the family that no VMA owns any more, with one child at most, is taken over; -1 for none. */
function reusable(w: World, c: Run, chain: number): number {
  for (let a = 0; a < w.sizes.anonVmas; a++) {
    if ((chain & (1 << a)) !== 0 && c.get(w.anon(a, 'children')) < 2 && c.get(w.anon(a, 'active')) === 0) return a;
  }
  return -1;
}

/** The entry of the child, in a table that nobody else knows yet. */
function childCell(w: World, c: Run, child: number, at: Vpn): number {
  const pmd = w.pmd(child, w.blockOf(at));
  if (c.get(pmd) === NONE) c.set(pmd, tableEntry(allocate(w, c, 'table')));
  return w.pte(tableOf(c.get(pmd)), w.offsetOf(at));
}

/** copy_present_page() */
function copyPinned(w: World, c: Run, child: number, vma: number, at: Vpn, entry: number): boolean {
  const frame = frameOf(entry);
  if (w.behaviours.fork_pinned_copy !== 'yes' || !mapsFrame(entry) || c.get(w.frame(frame, 'mapping')) >= FILE_MAPPING || c.get(w.frame(frame, 'pins')) === 0) return false;
  const shape = w.shapeOf(c, vma);
  const copy = allocateFrame(w, c, anonVmaOf(w, c, vma) + 1, linearIndex(shape, at));
  c.set(w.frame(copy, 'data'), c.get(w.frame(frame, 'data')));
  const own = present(copy, (shape.flags & SHAPE.WRITE) !== 0, true);
  c.set(childCell(w, c, child, at), own);
  addRmap(w, c, own);
  return true;
}

/** Both may only read from now on, and who writes first gets a copy. */
function shareEntry(w: World, c: Run, child: number, at: Vpn, cell: number): void {
  const entry = c.get(cell);
  if (mapsFrame(entry) && c.get(w.frame(frameOf(entry), 'mapping')) < FILE_MAPPING) c.set(w.frame(frameOf(entry), 'exclusive'), 0);
  // Of entries that are not present the bit says that the page is the process's own.
  const both = isPresent(entry) || entry & (SWAP | MIGRATION) ? entry & ~WRITE : entry;
  if (both !== entry) c.set(cell, both);
  c.set(childCell(w, c, child, at), both);
  addRmap(w, c, both);
}
