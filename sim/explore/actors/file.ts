/** What happens to the pages of a file under those who map it: truncation (mm/truncate.c) and collapse (mm/khugepaged.c). */
import { isTable, mapsFrame, frameOf, NONE, tableOf } from '../entries.js';
import { dropRead, dropWrite, isFree, tryWrite } from '../locks.js';
import { flushTlb, freeIfUnused, getFolio, putFolio, removeRmap } from '../memory.js';
import { BLOCKED, type Register, type Run } from '../program.js';
import { FILE_MAPPING, FREED, LIVE, type World } from '../world.js';
import { finish, lockRead, lockWrite, RESULT, type Kit } from './kit.js';
import { nextVma } from './rmap-walk.js';

/** The frame that holds a page of the file; -1 for none. */
function cached(w: World, c: Run, file: number, index: number): number {
  for (let f = 0; f < w.sizes.frames; f++) {
    if (
      c.get(w.frame(f, 'state')) === LIVE &&
      c.get(w.frame(f, 'cached')) === 1 &&
      c.get(w.frame(f, 'mapping')) === FILE_MAPPING + file &&
      w.number(c.get(w.frame(f, 'index'))) === index
    )
      return f;
  }
  return -1;
}

/** truncate_pagecache() for the modelled pages from `first` on. */
export function truncate(kit: Kit, file: number, indices: readonly number[]): void {
  const { b, w } = kit;
  for (const index of indices) {
    unmapMappingPage(kit, file, index);
    const folio = b.reg();
    const gone = b.label();
    b.step('truncate_inode_pages_range', `find page ${index} of the file`, (c) => {
      const f = cached(w, c, file, index);
      if (f < 0) return gone;
      getFolio(w, c, f);
      c.setReg(folio, f + 1);
      return undefined;
    });
    lockWrite(kit, 'truncate_inode_pages_range', 'folio_lock()', (c) => w.folioLock(c.reg(folio) - 1));
    unmapMappingPage(kit, file, index);
    b.step('truncate_inode_folio', `take page ${index} out of the page cache, unlock it, and free it`, (c) => {
      const f = c.reg(folio) - 1;
      c.set(w.frame(f, 'cached'), 0);
      dropWrite(c, w.folioLock(f));
      putFolio(w, c, f);
      c.setReg(folio, 0);
    });
    b.mark(gone);
  }
  b.step('ftruncate', 'return', (c) => finish(kit, c, RESULT.ok));
}

/** unmap_mapping_range(): the page goes from every VMA of the file, in their order. */
function unmapMappingPage(kit: Kit, file: number, index: number): void {
  const { b, w } = kit;
  const [vma, page] = [b.reg(), b.reg()];
  const [next, done] = [b.label(), b.label()];
  lockRead(kit, 'unmap_mapping_range', 'i_mmap_lock_read()', () => w.fileLock(file));
  b.mark(next);
  b.step('unmap_mapping_range', `zap page ${index} in the next VMA that maps the file, under its PTL`, (c) => {
    const v = nextVma(w, c, FILE_MAPPING + file, index, c.reg(vma) - 1);
    if (v < 0) return done;
    const shape = w.shapeOf(c, v);
    const at = shape.start + (index - shape.pgoff);
    const pmd = w.pageId(at) === undefined ? NONE : c.get(w.pmd(shape.mm, w.blockOf(at)));
    if (isTable(pmd)) {
      if (!isFree(c, w.ptl(tableOf(pmd)))) return BLOCKED;
      const cell = w.pte(tableOf(pmd), w.offsetOf(at));
      const entry = c.get(cell);
      c.set(cell, NONE);
      if (mapsFrame(entry)) {
        getFolio(w, c, frameOf(entry));
        removeRmap(w, c, entry);
        c.setReg(page, frameOf(entry) + 1);
      }
    }
    c.setReg(vma, v + 1);
    return c.reg(page) === 0 ? next : undefined;
  });
  b.step('tlb_flush_mmu', 'flush the TLBs of the address in this VMA; drop the page', (c) => {
    const shape = w.shapeOf(c, c.reg(vma) - 1);
    const at = shape.start + (index - shape.pgoff);
    if (flushTlb(w, c, shape.mm, at, at + 1) === BLOCKED) return BLOCKED;
    putFolio(w, c, c.reg(page) - 1);
    c.setReg(page, 0);
    return next;
  });
  b.mark(done);
  b.step('unmap_mapping_range', 'i_mmap_unlock_read()', (c) => {
    dropRead(c, w.fileLock(file));
    c.setReg(vma, 0);
  });
}

/**
 * retract_page_tables(): after the pages of a block of a file were collapsed into a huge one, every
 * PTE table that mapped them is taken out, so that the next fault maps the huge page.
 */
export function collapse(kit: Kit, file: number, first: number): void {
  const { b, w } = kit;
  const [vma, table] = [b.reg(), b.reg()];
  const [next, done] = [b.label(), b.label()];
  lockRead(kit, 'retract_page_tables', 'i_mmap_lock_read()', () => w.fileLock(file));
  b.mark(next);
  b.step('retract_page_tables', 'the next VMA that maps the block whole, and its PTE table', (c) => {
    const v = nextVma(w, c, FILE_MAPPING + file, first, c.reg(vma) - 1);
    if (v < 0) return done;
    c.setReg(vma, v + 1);
    const shape = w.shapeOf(c, v);
    const at = shape.start + (first - shape.pgoff);
    if (at % w.span !== 0 || at + w.span > shape.end || w.blockOf(at) < 0) return next;
    return isTable(c.get(w.pmd(shape.mm, w.blockOf(at)))) ? undefined : next;
  });
  // Up to v6.5 it wants the mmap lock, and leaves the VMA alone where somebody has it.
  const takes = w.behaviours.retract_mmap_lock === 'yes';
  if (takes) b.step('retract_page_tables', 'mmap_write_trylock()', (c) => (tryWrite(c, w.mmapLock(w.shapeOf(c, c.reg(vma) - 1).mm)) ? undefined : next));
  b.step('retract_page_tables', 'PMD lock, PTL: take the table out', (c) => {
    const shape = w.shapeOf(c, c.reg(vma) - 1);
    const at = shape.start + (first - shape.pgoff);
    const cell = w.pmd(shape.mm, w.blockOf(at));
    const pmd = c.get(cell);
    if (!isFree(c, w.pmdLock(shape.mm)) || (isTable(pmd) && !isFree(c, w.ptl(tableOf(pmd))))) return BLOCKED;
    if (isTable(pmd)) {
      c.set(cell, NONE);
      c.setReg(table, tableOf(pmd) + 1);
    }
    if (takes) dropWrite(c, w.mmapLock(shape.mm));
    return c.reg(table) === 0 ? next : undefined;
  });
  b.step('pmdp_collapse_flush', 'flush; free the table', (c) => {
    const shape = w.shapeOf(c, c.reg(vma) - 1);
    const at = shape.start + (first - shape.pgoff);
    if (flushTlb(w, c, shape.mm, at, at + w.span) === BLOCKED) return BLOCKED;
    freeTable(w, c, table);
    return next;
  });
  b.mark(done);
  b.step('retract_page_tables', 'i_mmap_unlock_read()', (c) => {
    dropRead(c, w.fileLock(file));
    c.setReg(vma, 0);
    finish(kit, c, RESULT.ok);
  });
}

/** The small pages the table mapped were copied into the huge one. */
function freeTable(w: World, c: Run, table: Register): void {
  const t = c.reg(table) - 1;
  for (let o = 0; o < w.offsets; o++) {
    const entry = c.get(w.pte(t, o));
    c.set(w.pte(t, o), NONE);
    removeRmap(w, c, entry);
    if (mapsFrame(entry)) freeIfUnused(w, c, frameOf(entry));
  }
  c.set(w.table(t), FREED);
  c.setReg(table, 0);
}
