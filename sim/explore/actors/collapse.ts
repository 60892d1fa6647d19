/**
 * The pages of a block of a file become one huge page: collapse_file(), retract_page_tables(),
 * mm/khugepaged.c, as in v6.1 (with the mmap lock) and v6.6 to v6.18 (without).
 *
 * The frames of the small pages stand for the parts of the huge one, which is locked until all is done.
 */
import { frameOf, isTable, mapsFrame, NONE, tableOf } from '../entries.js';
import { anonVmaOf } from '../anon.js';
import type { Cells } from '../cells.js';
import { dropRead, dropWrite, isFree, takeRead, takeWrite, tryWrite } from '../locks.js';
import { flushTlb, freeIfUnused, getFolio, isMapped, putFolio, removeRmap } from '../memory.js';
import { BLOCKED, type Label, type Run } from '../program.js';
import { isQuiet, touchTable } from '../rcu.js';
import { FILE_MAPPING, FREED } from '../world.js';
import { finish, lockWrite, type Kit } from './kit.js';
import { nextVma, rmapWalk } from './rmap-walk.js';

/** @param indices the modelled pages of the block that begins at page `first` of the file */
export function collapse(kit: Kit, file: number, first: number, indices: readonly number[]): void {
  const { b, w } = kit;
  const folios = indices.map((index) => ({ index, folio: b.reg() }));
  for (const { index, folio } of folios) {
    const [mapped, gone] = [b.label(), b.label()];
    b.step('collapse_file', `find page ${index} of the file`, (c) => {
      const f = w.cachedFrame(c, file, index);
      if (f < 0) return gone;
      getFolio(w, c, f);
      c.setReg(folio, f + 1);
      return undefined;
    });
    lockWrite(kit, 'collapse_file', 'folio_lock()', (c) => w.folioLock(c.reg(folio) - 1));
    b.step('collapse_file', `is page ${index} of the file still the same, and mapped?`, (c) => {
      const f = c.reg(folio) - 1;
      if (c.get(w.frame(f, 'mapping')) === FILE_MAPPING + file) return isMapped(w, c, f) ? mapped : gone;
      dropWrite(c, w.folioLock(f));
      putFolio(w, c, f);
      c.setReg(folio, 0);
      return gone;
    });
    b.mark(mapped);
    rmapWalk(kit, { kind: 'unmap', folio });
    b.mark(gone);
  }
  retract(kit, file, first);
  b.step('collapse_file', 'unlock the huge page', (c) => {
    for (const { folio } of folios) {
      if (c.reg(folio) === 0) continue;
      const f = c.reg(folio) - 1;
      dropWrite(c, w.folioLock(f));
      putFolio(w, c, f);
      c.setReg(folio, 0);
    }
    finish(kit, c, 0);
  });
}

/** retract_page_tables(): PTE tables that mapped the block are taken out, so that the next fault maps the huge page. */
function retract(kit: Kit, file: number, first: number): void {
  const { b, w } = kit;
  const [vma, table] = [b.reg(), b.reg()];
  const [next, skip, done] = [b.label(), b.label(), b.label()];
  const fn = 'retract_page_tables';
  // Up to v6.5 it wants the mmap lock, and leaves the VMA alone where somebody has it.
  const mmapLock = w.behaviours.retract_mmap_lock === 'yes';
  const broken = (c: Cells): void => w.break(c, 'lock_order');
  const placeOf = (c: Run) => {
    const shape = w.shapeOf(c, c.reg(vma) - 1);
    const at = shape.start + (first - shape.pgoff);
    return { mm: shape.mm, at, cell: w.pmd(shape.mm, w.blockOf(at)) };
  };
  b.step(fn, mmapLock ? 'i_mmap_lock_write()' : 'i_mmap_lock_read()', (c) => ((mmapLock ? takeWrite : takeRead)(c, w.fileLock(file), broken) ? undefined : BLOCKED));
  b.mark(next);
  b.step(fn, 'the next VMA that maps the block whole and has no private copies, and its PTE table', (c) => {
    const v = nextVma(w, c, FILE_MAPPING + file, first, c.reg(vma) - 1);
    if (v < 0) return done;
    c.setReg(vma, v + 1);
    const shape = w.shapeOf(c, v);
    const { at, cell } = placeOf(c);
    if (anonVmaOf(w, c, v) >= 0 || at % w.span !== 0 || at + w.span > shape.end || w.blockOf(at) < 0) return next;
    return isTable(c.get(cell)) ? undefined : next;
  });
  if (mmapLock) b.step(fn, 'mmap_write_trylock()', (c) => (tryWrite(c, w.mmapLock(placeOf(c).mm)) ? undefined : next));
  b.step(fn, 'PMD lock, PTL: no private copies still? take the table out, and flush', (c): Label | typeof BLOCKED | undefined => {
    const { mm, at, cell } = placeOf(c);
    const pmd = c.get(cell);
    if (!isFree(c, w.pmdLock(mm)) || (isTable(pmd) && !isFree(c, w.ptl(tableOf(pmd))))) return BLOCKED;
    if (anonVmaOf(w, c, c.reg(vma) - 1) >= 0 && w.behaviours.retract_anon_recheck === 'yes') return skip;
    if (!isTable(pmd)) return skip;
    if (flushTlb(w, c, mm, at, at + w.span) === BLOCKED) return BLOCKED;
    touchTable(w, c, tableOf(pmd));
    c.set(cell, NONE);
    c.setReg(table, tableOf(pmd) + 1);
    return undefined;
  });
  const waits = w.behaviours.collapse_ipi === 'yes';
  b.step(mmapLock ? 'tlb_remove_table_sync_one' : 'pte_free_defer', waits ? 'wait for those who walk without a lock; free the table' : 'free the table', (c) => {
    if (waits && !isQuiet(w, c)) return BLOCKED;
    const t = c.reg(table) - 1;
    for (let o = 0; o < w.offsets; o++) {
      const entry = c.get(w.pte(t, o));
      c.set(w.pte(t, o), NONE);
      removeRmap(w, c, entry);
      if (!mapsFrame(entry)) continue;
      // Nothing was to be in it: what is goes with the table.
      if (c.get(w.frame(frameOf(entry), 'mapping')) < FILE_MAPPING) w.break(c, 'lost_page');
      freeIfUnused(w, c, frameOf(entry));
    }
    c.set(w.table(t), FREED);
    c.setReg(table, 0);
    return undefined;
  });
  b.mark(skip);
  if (mmapLock) b.step(fn, 'mmap_write_unlock()', (c) => dropWrite(c, w.mmapLock(placeOf(c).mm)));
  b.step(fn, 'on', () => next);
  b.mark(done);
  b.step(fn, mmapLock ? 'i_mmap_unlock_write()' : 'i_mmap_unlock_read()', (c) => {
    (mmapLock ? dropWrite : dropRead)(c, w.fileLock(file));
    c.setReg(vma, 0);
  });
}
