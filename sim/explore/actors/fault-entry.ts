/**
 * handle_pte_fault(), mm/memory.c: the entry is looked at without a lock, and again under the PTL
 * before anything is done about it. do_anonymous_page(), do_wp_page(), wp_page_copy(),
 * do_swap_page(), migration_entry_wait(), as in v6.1 to v6.18.
 *
 * Left out: fault-around, large folios, what userfaultfd watches.
 */
import type { Vpn } from '../../../machine/index.js';
import { anonVmaOf } from '../anon.js';
import { BAD_TABLE, DIRTY, EXCLUSIVE, frameOf, isDevmap, isPresent, isTable, mapsFrame, MARKER, MIGRATION, NONE, SWAP, tableEntry, tableOf, WRITE } from '../entries.js';
import { dropWrite, isFree } from '../locks.js';
import { allocate, allocateFrame, flushTlb, getFolio, present, putFolio, removeRmap, tryGetFolio, zeroEntry } from '../memory.js';
import { BLOCKED, type Label, type Run } from '../program.js';
import { touchTable } from '../rcu.js';
import { isAnonymous, isShared, linearIndex } from '../vmas.js';
import { FILE_MAPPING, SWAP_CACHE, type World } from '../world.js';
import { faultFile } from './fault-file.js';
import { enter, install, leave, underPtl, type EntryFault, type Found } from './fault-under-ptl.js';
import { lockWrite, type Kit } from './kit.js';
import { VM } from '../../vma/vm-flags.js';

export function faultEntry(kit: Kit, fault: EntryFault): void {
  const { b, w, mm } = kit;
  const { at, write, vma, done, lost } = fault;
  const [table, orig] = [b.reg(), b.reg()];
  const found: Found = { ...fault, table, orig };
  const [anonymous, file, swapped, wp, migrating] = [b.label(), b.label(), b.label(), b.label(), b.label()];
  const place = w.hex(at);
  const pmdCell = w.pmd(mm, w.blockOf(at));

  b.step('__pte_alloc', `the PTE table of ${place}`, (c) => {
    const pmd = c.get(pmdCell);
    if ((pmd & BAD_TABLE) !== 0) {
      w.break(c, 'bad_table');
      return lost;
    }
    if (pmd !== NONE) return isDevmap(pmd) ? done : undefined;
    if (!isFree(c, w.pmdLock(mm))) return BLOCKED;
    const huge = w.devmapFor(w.shapeOf(c, c.reg(vma)), at);
    if (huge === NONE) {
      c.set(pmdCell, tableEntry(allocate(w, c, 'table')));
      return undefined;
    }
    c.set(pmdCell, huge);
    return done;
  });
  b.step('handle_pte_fault', `look at the entry of ${place}`, (c) => {
    const pmd = c.get(pmdCell);
    if (!isTable(pmd)) return done;
    enter(w, c);
    touchTable(w, c, tableOf(pmd));
    const entry = c.get(w.pte(tableOf(pmd), w.offsetOf(at)));
    c.setReg(table, tableOf(pmd));
    c.setReg(orig, entry);
    if (entry & MIGRATION) return migrating;
    if (entry & SWAP) return swapped;
    if (isPresent(entry)) {
      if (write && (entry & WRITE) === 0) return wp;
      return spurious(c);
    }
    // A guard of MADV_GUARD_INSTALL ends the access (handle_pte_marker()).
    if (entry & MARKER) {
      leave(w, c);
      return lost;
    }
    return isAnonymous(w.shapeOf(c, c.reg(vma))) ? anonymous : file;
  });
  b.mark(anonymous);
  underPtl(kit, found, 'do_anonymous_page', `PTL: a page for ${place}`, (c, cell) => {
    const shape = w.shapeOf(c, c.reg(vma));
    if (write) install(w, c, cell, present(anonymousPage(w, c, c.reg(vma), at), (shape.flags & VM.WRITE) !== 0, true));
    else c.set(cell, zeroEntry());
    return done;
  });
  b.mark(wp);
  writeProtected(kit, found);
  b.mark(swapped);
  swapIn(kit, found);
  b.mark(migrating);
  b.step('migration_entry_wait', `${place} is being migrated: wait until it has been`, (c) => {
    leave(w, c);
    const cell = w.pteCell(c, mm, at);
    return cell >= 0 && c.get(cell) & MIGRATION ? BLOCKED : done;
  });
  b.mark(file);
  faultFile(kit, found);

  function spurious(c: Run): Label {
    leave(w, c);
    return done;
  }
}

const anonymousPage = (w: World, c: Run, vma: number, at: Vpn): number => allocateFrame(w, c, anonVmaOf(w, c, vma) + 1, linearIndex(w.shapeOf(c, vma), at));

/** do_wp_page(): a page that is nobody else's is written in place, any other is copied first. */
function writeProtected(kit: Kit, found: Found): void {
  const { b, w, mm } = kit;
  const { at, vma, orig, table, done } = found;
  const [data, copy] = [b.reg(), b.label()];
  const place = w.hex(at);
  underPtl(kit, found, 'do_wp_page', `PTL: may the page at ${place} be written in place?`, (c, cell) => {
    const entry = c.reg(orig);
    if (!mapsFrame(entry)) return copy;
    const f = frameOf(entry);
    const file = c.get(w.frame(f, 'mapping')) >= FILE_MAPPING;
    if (file ? isShared(w.shapeOf(c, c.reg(vma))) : mayReuse(w, c, f)) {
      if (!file) c.set(w.frame(f, 'exclusive'), 1);
      c.set(cell, entry | WRITE | DIRTY);
      return done;
    }
    getFolio(w, c, f);
    return copy;
  });
  b.mark(copy);
  b.step('wp_page_copy', `copy the page at ${place}, and find the entry again`, (c) => {
    if (mapsFrame(c.reg(orig))) c.setReg(data, c.get(w.frame(frameOf(c.reg(orig)), 'data')));
    const pmd = c.get(w.pmd(mm, w.blockOf(at)));
    if (!isTable(pmd)) return dropOld(c);
    enter(w, c);
    c.setReg(table, tableOf(pmd));
    return undefined;
  });
  const gone = b.label();
  underPtl(
    kit,
    found,
    'wp_page_copy',
    `PTL: the entry is the same; clear it, flush, put the copy in`,
    (c, cell) => {
      if (flushTlb(w, c, mm, at, at + 1) === BLOCKED) return BLOCKED;
      const entry = c.reg(orig);
      const made = anonymousPage(w, c, c.reg(vma), at);
      if (mapsFrame(entry) && c.get(w.frame(frameOf(entry), 'data')) !== c.reg(data)) w.break(c, 'lost_store');
      c.set(w.frame(made, 'data'), c.reg(data));
      install(w, c, cell, present(made, true, true));
      removeRmap(w, c, entry);
      if (mapsFrame(entry) && c.get(w.frame(frameOf(entry), 'pins')) > 0 && c.get(w.frame(frameOf(entry), 'mapping')) < FILE_MAPPING) c.set(w.frame(frameOf(entry), 'replaced'), 1);
      return dropOld(c);
    },
    gone,
  );
  b.mark(gone);
  b.step('wp_page_copy', 'the entry has changed: throw the copy away', dropOld);

  function dropOld(c: Run): Label {
    if (mapsFrame(c.reg(orig))) putFolio(w, c, frameOf(c.reg(orig)));
    c.setReg(data, 0);
    return done;
  }
}

/** wp_can_reuse_anon_folio(), or the page is known to be the process's own. */
function mayReuse(w: World, c: Run, f: number): boolean {
  if (c.get(w.frame(f, 'exclusive')) !== 0) return true;
  const others = c.get(w.frame(f, 'refs')) + c.get(w.frame(f, 'pins')) + (c.get(w.frame(f, 'cached')) === 0 ? 0 : 1);
  return others === 0 && c.get(w.frame(f, 'mapcount')) === 1 && isFree(c, w.folioLock(f));
}

/** do_swap_page(): from the swap cache while the page is there, else read back. */
function swapIn(kit: Kit, found: Found): void {
  const { b, w, mm } = kit;
  const { at, vma, orig, table, done, write } = found;
  const [cached, again, changed] = [b.reg(), b.label(), b.label()];
  const [find, read] = [b.label(), b.label()];
  const place = w.hex(at);
  b.step('do_swap_page', `is the page of ${place} in the swap cache still?`, (c) => {
    leave(w, c);
    const f = frameOf(c.reg(orig));
    if (c.get(w.frame(f, 'cached')) !== SWAP_CACHE || !tryGetFolio(w, c, f)) return find;
    c.setReg(cached, f + 1);
    return undefined;
  });
  lockWrite(kit, 'do_swap_page', 'folio_lock()', (c) => w.folioLock(c.reg(cached) - 1));
  b.step('do_swap_page', 'is it in the swap cache still?', (c) => (c.get(w.frame(c.reg(cached) - 1, 'cached')) === SWAP_CACHE ? undefined : again));
  b.mark(find);
  b.step('do_swap_page', `find the entry of ${place} again`, (c) => {
    const pmd = c.get(w.pmd(mm, w.blockOf(at)));
    if (!isTable(pmd)) return again;
    enter(w, c);
    c.setReg(table, tableOf(pmd));
    return c.reg(cached) === 0 ? read : undefined;
  });
  underPtl(
    kit,
    found,
    'do_swap_page',
    `PTL: the entry is the same; map the page of the swap cache at ${place}`,
    (c, cell) => {
      const f = c.reg(cached) - 1;
      const shape = w.shapeOf(c, c.reg(vma));
      const own = (c.reg(orig) & EXCLUSIVE) !== 0 || (c.get(w.frame(f, 'mapcount')) === 0 && c.get(w.frame(f, 'refs')) === 1);
      c.set(w.frame(f, 'exclusive'), own ? 1 : 0);
      install(w, c, cell, present(f, own && (shape.flags & VM.WRITE) !== 0, write));
      // folio_free_swap(): no entry names the slot any more.
      if (!isNamed(w, c, f)) c.set(w.frame(f, 'cached'), 0);
      return again;
    },
    again,
  );
  b.mark(again);
  b.step('do_swap_page', 'unlock the folio', (c) => {
    if (c.reg(cached) === 0) return done;
    const f = c.reg(cached) - 1;
    dropWrite(c, w.folioLock(f));
    c.setReg(cached, 0);
    putFolio(w, c, f);
    return done;
  });
  b.mark(read);
  underPtl(
    kit,
    found,
    'do_swap_page',
    `PTL: the entry is the same; the page of ${place}, read from swap`,
    (c, cell) => {
      const f = frameOf(c.reg(orig));
      // It came back to the swap cache? No: who put it there named it first.
      const made = anonymousPage(w, c, c.reg(vma), at);
      c.set(w.frame(made, 'data'), c.get(w.frame(f, 'data')));
      const shape = w.shapeOf(c, c.reg(vma));
      install(w, c, cell, present(made, (shape.flags & VM.WRITE) !== 0, write));
      return done;
    },
    changed,
  );
  b.mark(changed);
  b.step('do_swap_page', 'the entry has changed', () => done);
}

/** Whether a swap entry names the slot that the page was put in. */
function isNamed(w: World, c: Run, frame: number): boolean {
  for (let t = 0; t < w.sizes.tables; t++) {
    for (let o = 0; o < w.offsets; o++) {
      const entry = c.get(w.pte(t, o));
      if (entry & SWAP && frameOf(entry) === frame) return true;
    }
  }
  return false;
}
