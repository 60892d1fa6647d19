/**
 * Pinning a page for I/O, mm/gup.c, as in v6.1 to v6.18: gup_fast() without any lock, held up only by
 * its interrupts being off, then the slow way under the mmap lock.
 */
import type { Vpn } from '../../../machine/index.js';
import { frameOf, isTable, mapsFrame, NONE, tableEntry, tableOf, WRITE } from '../entries.js';
import { dropRead, isFree, tryRead } from '../locks.js';
import { freeIfUnused } from '../memory.js';
import { BLOCKED, type Label, type Register, type Run } from '../program.js';
import { rcuReadLock, rcuReadUnlock, touchTable } from '../rcu.js';
import { LIVE, type World } from '../world.js';
import { faultEntry } from './fault-entry.js';
import { findVma } from './fault.js';
import { finish, tally, type Kit } from './kit.js';

/** pin_user_pages_fast(FOLL_WRITE) of one page. */
export function pinPage(kit: Kit, at: Vpn): void {
  const { b } = kit;
  const [slow, done] = [b.label(), b.label()];
  gupFast(kit, at, slow, done);
  b.mark(slow);
  gupSlow(kit, at, done);
  b.mark(done);
}

const irqs = (w: World, c: Run, off: 0 | 1): void => c.set(w.irqOff(c.actor.index), off);
const canPin = (entry: number): boolean => mapsFrame(entry) && (entry & WRITE) !== 0;

/** try_grab_folio(): not of a folio that is on its way to the allocator. */
function tryPin(w: World, c: Run, frame: number): boolean {
  if (c.get(w.frame(frame, 'state')) !== LIVE) return false;
  c.add(w.frame(frame, 'pins'), 1);
  return true;
}

function unpin(w: World, c: Run, frame: number): void {
  c.add(w.frame(frame, 'pins'), -1);
  freeIfUnused(w, c, frame);
}

/** gup_fast(), gup_fast_pte_range() */
function gupFast(kit: Kit, at: Vpn, slow: Label, done: Label): void {
  const { b, w, mm } = kit;
  const { fork_seqcount: seqcount, gup_pmd_recheck: recheck } = w.behaviours;
  const [table, entry, seq] = [b.reg(), b.reg(), b.reg()];
  const place = w.hex(at);
  const pmdCell = w.pmd(mm, w.blockOf(at));
  const off = w.offsetOf(at);
  const giveUp = (c: Run): Label => {
    irqs(w, c, 0);
    for (const r of [table, entry, seq]) c.setReg(r, 0);
    return slow;
  };
  b.step('gup_fast', `interrupts off; ${seqcount === 'yes' ? 'read write_protect_seq; ' : ''}walk to the PTE table of ${place}`, (c) => {
    const pmd = c.get(pmdCell);
    if (!isTable(pmd)) return slow;
    if (seqcount === 'yes') {
      const now = c.get(w.mm(mm, 'seq'));
      if (now % 2 === 1) return slow;
      c.setReg(seq, now);
    }
    irqs(w, c, 1);
    c.setReg(table, tableOf(pmd) + 1);
    return undefined;
  });
  b.step('gup_fast_pte_range', `read the entry of ${place}`, (c) => {
    const t = c.reg(table) - 1;
    touchTable(w, c, t);
    const found = c.get(w.pte(t, off));
    if (!canPin(found)) return giveUp(c);
    c.setReg(entry, found);
    return undefined;
  });
  b.step('try_grab_folio_fast', 'count the pin, unless the page is on its way out', (c) => (tryPin(w, c, frameOf(c.reg(entry))) ? undefined : giveUp(c)));
  b.step('gup_fast_pte_range', `has ${place} the same table${recheck === 'yes' ? '' : '(not looked at)'} and the same entry still?`, (c) => {
    const t = c.reg(table) - 1;
    const pmd = c.get(pmdCell);
    touchTable(w, c, t);
    if (c.get(w.pte(t, off)) === c.reg(entry) && (recheck !== 'yes' || pmd === tableEntry(t))) return undefined;
    unpin(w, c, frameOf(c.reg(entry)));
    return giveUp(c);
  });
  b.step('gup_fast', `interrupts on${seqcount === 'yes' ? '; did fork write-protect meanwhile?' : ''}`, (c) => {
    const f = frameOf(c.reg(entry));
    const beside = seqcount === 'yes' && c.get(w.mm(mm, 'seq')) !== c.reg(seq);
    giveUp(c);
    if (beside) {
      unpin(w, c, f);
      return slow;
    }
    finish(kit, c, 1);
    return done;
  });
}

/** __get_user_pages(): under the mmap lock, faulting until follow_page_pte() finds a page that may be written. */
function gupSlow(kit: Kit, at: Vpn, done: Label): void {
  const { b, w, mm } = kit;
  const vma = b.reg();
  const [again, found, missing, denied] = [b.label(), b.label(), b.label(), b.label()];
  const place = w.hex(at);
  b.step('__gup_longterm_locked', 'mmap_read_lock()', (c) => (tryRead(c, w.mmapLock(mm)) ? undefined : BLOCKED));
  b.mark(again);
  findVma(kit, { at, write: true, vma, found, denied });
  b.mark(found);
  followPage(kit, at, missing, done);
  b.mark(missing);
  faultEntry(kit, { at, write: true, vma, done: again, beyond: denied, lost: denied });
  b.mark(denied);
  b.step('__get_user_pages', `nothing to pin at ${place}: mmap_read_unlock()`, (c) => {
    dropRead(c, w.mmapLock(mm));
    finish(kit, c, 'EFAULT');
    return done;
  });
}

function followPage(kit: Kit, at: Vpn, missing: Label, done: Label): void {
  const { b, w, mm } = kit;
  const table: Register = b.reg();
  const pmdCell = w.pmd(mm, w.blockOf(at));
  b.step('follow_page_mask', `the PTE table of ${w.hex(at)}`, (c) => {
    const pmd = c.get(pmdCell);
    if (!isTable(pmd)) return missing;
    if (w.behaviours.pte_map_recheck === 'yes') rcuReadLock(w, c);
    c.setReg(table, tableOf(pmd));
    return undefined;
  });
  b.step('follow_page_pte', `PTL: pin the page of ${w.hex(at)} if it may be written`, (c) => {
    const t = c.reg(table);
    if (!isFree(c, w.ptl(t))) return BLOCKED;
    rcuReadUnlock(w, c);
    touchTable(w, c, t);
    if (w.behaviours.pte_map_recheck === 'yes' && c.get(pmdCell) !== tableEntry(t)) return missing;
    const entry = c.get(w.pte(t, w.offsetOf(at)));
    return canPin(entry) && tryPin(w, c, frameOf(entry)) ? undefined : missing;
  });
  b.step('__gup_longterm_locked', 'mmap_read_unlock(), pinned', (c) => {
    dropRead(c, w.mmapLock(mm));
    c.setReg(table, 0);
    finish(kit, c, 1);
    return done;
  });
}

/** unpin_user_page() of what an address maps now, which answers nothing, so 0; when the last page was looked at and none was pinned the call fails. */
export function unpinPage(kit: Kit, at: Vpn, last: boolean): void {
  const { b, w, mm } = kit;
  b.step('unpin_user_page', `drop the pin of the page at ${w.hex(at)}`, (c) => {
    const cell = w.pteCell(c, mm, at);
    const entry = cell < 0 ? NONE : c.get(cell);
    if (mapsFrame(entry) && c.get(w.frame(frameOf(entry), 'pins')) > 0) {
      unpin(w, c, frameOf(entry));
      tally(kit, c, 0);
    } else if (last && c.reg(kit.result) === 0) finish(kit, c, 'EINVAL');
  });
}
