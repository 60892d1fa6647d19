/** fork(2): dup_mmap(), kernel/fork.c and mm/mmap.c; anon_vma_fork(), mm/rmap.c; copy_page_range(), mm/memory.c, as in v6.1 to v6.18. */
import type { Vpn } from '../../../machine/index.js';
import { allocateAnonVma, anonVmaOf } from '../anon.js';
import { isTable, isPresent, mapsFrame, frameOf, MIGRATION, NONE, SWAP, tableEntry, tableOf, WRITE } from '../entries.js';
import { isFree } from '../locks.js';
import { addRmap, allocate, allocateFrame, flushTlb, present } from '../memory.js';
import { BLOCKED, type Run } from '../program.js';
import { account, canChange, insertVma, isRead, isShared, linearIndex, startWrite, vmasIn } from '../vmas.js';
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
  for (const at of w.pages) {
    b.step('copy_present_pte', `PTLs: the entry of ${w.hex(at)}, for the child too`, (c) => {
      const from = c.get(w.pmd(mm, w.blockOf(at)));
      if (!isTable(from)) return undefined;
      const cell = w.pte(tableOf(from), w.offsetOf(at));
      if (!isFree(c, w.ptl(tableOf(from)))) return BLOCKED;
      const entry = c.get(cell);
      const vma = w.vmaAt(c, child, at);
      // vma_needs_copy(): pages of files come back with a fault.
      if (entry === NONE || vma < 0 || anonVmaOf(w, c, vma) < 0) return undefined;
      copyEntry(w, c, child, vma, at, cell, entry);
      return undefined;
    });
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

/** Both may only read from now on, and who writes first gets a copy; of a page that may be pinned the child has its copy at once. */
function copyEntry(w: World, c: Run, child: number, vma: number, at: Vpn, cell: number, entry: number): void {
  const pmd = w.pmd(child, w.blockOf(at));
  if (c.get(pmd) === NONE) c.set(pmd, tableEntry(allocate(w, c, 'table')));
  const to = w.pte(tableOf(c.get(pmd)), w.offsetOf(at));
  const frame = frameOf(entry);
  const shape = w.shapeOf(c, vma);
  if (mapsFrame(entry) && c.get(w.frame(frame, 'mapping')) < FILE_MAPPING) {
    if (w.behaviours.fork_pinned_copy === 'yes' && c.get(w.frame(frame, 'pins')) > 0) {
      const copy = allocateFrame(w, c, anonVmaOf(w, c, vma) + 1, linearIndex(shape, at));
      c.set(w.frame(copy, 'data'), c.get(w.frame(frame, 'data')));
      const own = present(copy, (shape.flags & SHAPE.WRITE) !== 0, true);
      c.set(to, own);
      addRmap(w, c, own);
      return;
    }
    c.set(w.frame(frame, 'exclusive'), 0);
  }
  // Of entries that are not present the bit says that the page is the process's own.
  const both = isPresent(entry) && isShared(shape) ? entry : isPresent(entry) || entry & (SWAP | MIGRATION) ? entry & ~WRITE : entry;
  if (both !== entry) c.set(cell, both);
  c.set(to, both);
  addRmap(w, c, both);
}
