/**
 * ftruncate(2) of a file in memory: shmem_setattr(), shmem_undo_range(), mm/shmem.c;
 * unmap_mapping_range(), mm/memory.c; truncate_inode_folio(), mm/truncate.c, as in v6.1 to v6.18.
 */
import type { Vpn } from '../../../machine/index.js';
import { isTable, mapsFrame, frameOf, MARKER, NONE, tableEntry, tableOf } from '../entries.js';
import { dropRead, dropWrite, isFree } from '../locks.js';
import { flushTlb, getFolio, isMapped, putFolio, removeRmap } from '../memory.js';
import { BLOCKED, type Run } from '../program.js';
import { rcuReadLock, rcuReadUnlock, touchTable } from '../rcu.js';
import { FILE_MAPPING } from '../world.js';
import { finish, lockRead, lockWrite, type Kit } from './kit.js';
import { nextVma } from './rmap-walk.js';

/** @param indices the modelled pages from the new end on */
export function truncate(kit: Kit, file: number, pages: number, indices: readonly number[]): void {
  const { b, w } = kit;
  b.step('i_size_write', `the file has ${pages} pages`, (c) => c.set(w.size(file), w.numberId(pages)));
  // Twice: the second time for private copies that were made in between.
  for (const index of indices) unmapMappingPage(kit, file, index, true);
  for (const index of indices) truncateFolio(kit, file, index);
  for (const index of indices) unmapMappingPage(kit, file, index, true);
  b.step('ftruncate', 'return', (c) => finish(kit, c, 0));
}

function truncateFolio(kit: Kit, file: number, index: number): void {
  const { b, w } = kit;
  const folio = b.reg();
  const [clean, gone] = [b.label(), b.label()];
  b.step('shmem_undo_range', `find page ${index} of the file`, (c) => {
    const f = w.cachedFrame(c, file, index);
    if (f < 0) return gone;
    getFolio(w, c, f);
    c.setReg(folio, f + 1);
    return undefined;
  });
  lockWrite(kit, 'shmem_undo_range', 'folio_lock()', (c) => w.folioLock(c.reg(folio) - 1));
  b.step('truncate_cleanup_folio', 'is it mapped still?', (c) => (isMapped(w, c, c.reg(folio) - 1) ? undefined : clean));
  unmapMappingPage(kit, file, index, false);
  b.mark(clean);
  b.step('truncate_inode_folio', `take page ${index} out of the page cache, unlock it, and free it`, (c) => {
    const f = c.reg(folio) - 1;
    // Who locked it before may have taken it out.
    if (c.get(w.frame(f, 'mapping')) === FILE_MAPPING + file) {
      c.set(w.frame(f, 'cached'), 0);
      c.set(w.frame(f, 'mapping'), 0);
    }
    dropWrite(c, w.folioLock(f));
    putFolio(w, c, f);
    c.setReg(folio, 0);
  });
  b.mark(gone);
}

/**
 * unmap_mapping_range(), or of one folio unmap_mapping_folio(): the page goes from every VMA of the
 * file, in their order. The PMD entry is read first, then the PTL of the table it names taken.
 * @param evenCows private copies as well
 */
function unmapMappingPage(kit: Kit, file: number, index: number, evenCows: boolean): void {
  const { b, w } = kit;
  const [vma, page, table] = [b.reg(), b.reg(), b.reg()];
  const [next, again, done] = [b.label(), b.label(), b.label()];
  const fn = evenCows ? 'unmap_mapping_range' : 'unmap_mapping_folio';
  const recheck = w.behaviours.pte_map_recheck === 'yes';
  const place = (c: Run): { mm: number; at: Vpn } => {
    const shape = w.shapeOf(c, c.reg(vma) - 1);
    return { mm: shape.mm, at: shape.start + (index - shape.pgoff) };
  };
  lockRead(kit, fn, 'i_mmap_lock_read()', () => w.fileLock(file));
  b.mark(next);
  b.step(fn, `the next VMA that maps page ${index} of the file`, (c) => {
    const v = nextVma(w, c, FILE_MAPPING + file, index, c.reg(vma) - 1);
    if (v < 0) return done;
    c.setReg(vma, v + 1);
    return w.pageId(place(c).at) === undefined ? next : undefined;
  });
  b.mark(again);
  b.step('zap_pmd_range', 'read the PMD entry', (c) => {
    const { mm, at } = place(c);
    const pmd = c.get(w.pmd(mm, w.blockOf(at)));
    if (!isTable(pmd)) return next;
    if (recheck) rcuReadLock(w, c);
    c.setReg(table, tableOf(pmd));
    return undefined;
  });
  b.step('zap_pte_range', `under the PTL: clear the entry of page ${index}`, (c) => {
    const { mm, at } = place(c);
    const t = c.reg(table);
    if (!isFree(c, w.ptl(t))) return BLOCKED;
    rcuReadUnlock(w, c);
    touchTable(w, c, t);
    if (recheck && c.get(w.pmd(mm, w.blockOf(at))) !== tableEntry(t)) return again;
    const cell = w.pte(t, w.offsetOf(at));
    const entry = c.get(cell);
    if (mapsFrame(entry) && !evenCows && c.get(w.frame(frameOf(entry), 'mapping')) < FILE_MAPPING) return next;
    // Guards stay.
    if (entry & MARKER) return next;
    c.set(cell, NONE);
    if (!mapsFrame(entry)) return next;
    getFolio(w, c, frameOf(entry));
    removeRmap(w, c, entry);
    c.setReg(page, frameOf(entry) + 1);
    return undefined;
  });
  b.step('tlb_flush_mmu', 'flush the TLBs of the address in this VMA; drop the page', (c) => {
    const { mm, at } = place(c);
    if (flushTlb(w, c, mm, at, at + 1) === BLOCKED) return BLOCKED;
    putFolio(w, c, c.reg(page) - 1);
    c.setReg(page, 0);
    return next;
  });
  b.mark(done);
  b.step(fn, 'i_mmap_unlock_read()', (c) => {
    dropRead(c, w.fileLock(file));
    c.setReg(vma, 0);
    c.setReg(table, 0);
  });
}
