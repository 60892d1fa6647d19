/** copy_page_range(), mm/memory.c, as in v6.1 to v6.18: what a forked child gets of the pages of one VMA. */
import type { Vpn } from '../../../machine/index.js';
import { VM } from '../../vma/vm-flags.js';
import { anonVmaOf } from '../anon.js';
import { EXCLUSIVE, isTable, isPresent, mapsFrame, frameOf, MIGRATION, NONE, SWAP, tableEntry, tableOf, WRITE } from '../entries.js';
import { dropWrite, tryWrite } from '../locks.js';
import { addRmap, allocate, allocateFrame, present } from '../memory.js';
import { BLOCKED, type Run } from '../program.js';
import type { Act } from '../script.js';
import { linearIndex } from '../vmas.js';
import { FILE_MAPPING, type World } from '../world.js';
import type { Kit } from './kit.js';

export function copyPages({ b, w, mm }: Kit, { child, vma, from, to }: Extract<Act, { kind: 'copy_pages' }>): void {
  const pages = w.pagesIn(from, to);
  if (pages.length === 0) return;
  const counted = w.behaviours.fork_seqcount === 'yes';
  const table = b.reg();
  if (counted) b.step('copy_page_range', 'raw_write_seqcount_begin(&mm->write_protect_seq)', (c) => void c.add(w.mm(mm, 'seq'), 1));
  for (const at of pages) {
    const next = b.label();
    b.step('copy_present_pte', `PTLs: the entry of ${w.hex(at)}: of a page that may be pinned the child gets a copy`, (c) => {
      const pmd = c.get(w.pmd(mm, w.blockOf(at)));
      if (!isTable(pmd)) return next;
      const ptl = w.ptl(tableOf(pmd));
      if (!tryWrite(c, ptl)) return BLOCKED;
      const entry = c.get(w.pte(tableOf(pmd), w.offsetOf(at)));
      if (entry === NONE || copyPinned(w, c, child, vma, at, entry)) {
        dropWrite(c, ptl);
        return next;
      }
      c.setReg(table, tableOf(pmd) + 1);
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
  const own = present(copy, (shape.flags & VM.WRITE) !== 0, true);
  c.set(childCell(w, c, child, at), own);
  addRmap(w, c, own);
  return true;
}

/** Both may only read from now on, and who writes first gets a copy. */
function shareEntry(w: World, c: Run, child: number, at: Vpn, cell: number): void {
  const entry = c.get(cell);
  if (mapsFrame(entry) && c.get(w.frame(frameOf(entry), 'mapping')) < FILE_MAPPING) c.set(w.frame(frameOf(entry), 'exclusive'), 0);
  const both = isPresent(entry) ? entry & ~WRITE : entry & (SWAP | MIGRATION) ? entry & ~(WRITE | EXCLUSIVE) : entry;
  if (both !== entry) c.set(cell, both);
  c.set(childCell(w, c, child, at), both);
  addRmap(w, c, both);
}
