/**
 * move_page_tables(), mm/mremap.c: whole tables where both sides share an alignment and the
 * destination entry is free, entry by entry elsewhere. Where it begins has been decided already.
 *
 * Left out: failing allocations.
 */
import type { Vpn } from '../../../machine/index.js';
import { BAD_TABLE, DIRTY, isDevmap, isPresent, isTable, NONE, tableEntry, tableOf } from '../entries.js';
import { dropWrite, isFree, takeWrite, type Lock } from '../locks.js';
import { allocate, flushTlb } from '../memory.js';
import { BLOCKED, type Label, type Run } from '../program.js';
import { NotEnough } from '../room.js';
import { lockWrite, unlockWrite, type Kit } from './kit.js';

export interface Move {
  readonly from: Vpn;
  readonly to: Vpn;
  readonly pages: number;
  /** The file and the anon_vma of the source, whose locks may be needed; -1 for none. */
  readonly file: number;
  readonly anonVma: number;
  /** Whether every step takes the locks of the reverse map. */
  readonly needRmapLocks: boolean;
}

interface Chunk {
  readonly old: Vpn;
  readonly new: Vpn;
  readonly pages: number;
}

/** The iterations of the loop that find something modelled: each ends where a table of either side does. */
function chunksOf({ w }: Kit, { from, to, pages }: Move): Chunk[] {
  const chunks: Chunk[] = [];
  for (const page of w.pagesIn(from, from + pages)) {
    const image = page - from + to;
    const below = Math.min(page - from, page % w.span, image % w.span);
    const above = Math.min(from + pages - page, w.span - (page % w.span), w.span - (image % w.span));
    if (chunks.at(-1)?.old !== page - below) chunks.push({ old: page - below, new: image - below, pages: below + above });
  }
  return chunks;
}

export function movePageTables(kit: Kit, move: Move): void {
  needImages(kit, move);
  for (const chunk of chunksOf(kit, move)) moveChunk(kit, move, chunk);
}

/** A page that is modelled needs its place on the other side modelled as well. */
function needImages({ w }: Kit, { from, to, pages }: Move): void {
  const images = [...w.pagesIn(from, from + pages).map((at) => at - from + to), ...w.pagesIn(to, to + pages).map((at) => at - to + from)];
  const lacking = images.filter((at) => w.pageId(at) === undefined);
  if (lacking.length > 0) throw new NotEnough({ pages: lacking });
}

function moveChunk(kit: Kit, move: Move, chunk: Chunk): void {
  const { b, w, mm } = kit;
  const [again, hugeFirst, tableFirst, byEntry, next] = [b.label(), b.label(), b.label(), b.label(), b.label()];
  const page = w.pagesIn(chunk.old, chunk.old + chunk.pages)[0] as Vpn;
  const oldPmd = w.pmd(mm, w.blockOf(page));
  const newPmd = w.pmd(mm, w.blockOf(page - chunk.old + chunk.new));
  const whole = chunk.pages === w.span;
  b.mark(again);
  b.step('move_page_tables', `at ${w.hex(chunk.old)}: look at its PMD entry`, (c) => {
    const pmd = c.get(oldPmd);
    if (pmd === NONE || (pmd & BAD_TABLE) !== 0) return next;
    if (isDevmap(pmd) && w.behaviours.move_devmap_huge === 'yes') return hugeFirst;
    return whole ? tableFirst : byEntry;
  });
  b.mark(hugeFirst);
  moveHugePmd(kit, move, chunk, oldPmd, newPmd, next);
  b.mark(tableFirst);
  if (whole) moveNormalPmd(kit, move, chunk, oldPmd, newPmd, byEntry, next);
  b.mark(byEntry);
  movePtes(kit, move, chunk, oldPmd, newPmd, again, next);
  b.mark(next);
}

/** move_huge_pmd(); where only a part moves, or something is in the way, split_huge_pmd(): the entry of a file goes, and faults bring its pages back. */
function moveHugePmd(kit: Kit, move: Move, chunk: Chunk, oldPmd: number, newPmd: number, next: Label): void {
  const { b, w, mm } = kit;
  const block = chunk.old - (chunk.old % w.span);
  takeRmapLocks(kit, move, false);
  b.step('move_huge_pmd', `PMD lock: the huge page of ${w.hex(block)} ${chunk.pages === w.span ? `goes to ${w.hex(chunk.new)}` : 'is split: its entry goes'}`, (c) => {
    if (!takeWrite(c, w.pmdLock(mm), (cells) => w.break(cells, 'lock_order'))) return BLOCKED;
    if (chunk.pages === w.span && c.get(newPmd) === NONE) c.set(newPmd, c.get(oldPmd));
    c.set(oldPmd, NONE);
    return undefined;
  });
  b.step('move_huge_pmd', `flush the TLBs of ${w.hex(block)} and what follows; unlock the PMD`, (c) => {
    if (flushTlb(w, c, mm, block, block + w.span) === BLOCKED) return BLOCKED;
    dropWrite(c, w.pmdLock(mm));
    return undefined;
  });
  dropRmapLocks(kit, move, false);
  b.step('move_page_tables', 'on', () => next);
}

/** move_normal_pmd(): re-hangs a table; where it may not, entries move one by one. */
function moveNormalPmd(kit: Kit, move: Move, chunk: Chunk, oldPmd: number, newPmd: number, refused: Label, next: Label): void {
  const { b, w, mm } = kit;
  const { behaviours } = w;
  const [unlock, back] = [b.label(), b.reg()];
  b.step('move_normal_pmd', `is the PMD entry of ${w.hex(chunk.new)} free?`, (c) => {
    c.setReg(back, 0);
    return c.get(newPmd) === NONE ? undefined : refused;
  });
  const always = behaviours.pmd_move_rmap_lock === 'yes';
  takeRmapLocks(kit, move, always);
  const flush = b.label();
  b.step('move_normal_pmd', `PMD lock: hang the table of ${w.hex(chunk.old)} under ${w.hex(chunk.new)}`, (c) => {
    if (!takeWrite(c, w.pmdLock(mm), (cells) => w.break(cells, 'lock_order'))) return BLOCKED;
    const pmd = c.get(oldPmd);
    if (behaviours.move_pmd_recheck === 'yes' && pmd === NONE) {
      dropWrite(c, w.pmdLock(mm));
      c.setReg(back, 1);
      return unlock;
    }
    if (pmd === NONE) w.break(c, 'bad_table');
    c.set(oldPmd, NONE);
    c.set(newPmd, pmd === NONE ? BAD_TABLE : pmd);
    return flush;
  });
  b.mark(flush);
  b.step('move_normal_pmd', `flush the TLBs of ${w.hex(chunk.old)} and what follows; unlock the PMD`, (c) => {
    if (flushTlb(w, c, mm, chunk.old, chunk.old + chunk.pages) === BLOCKED) return BLOCKED;
    dropWrite(c, w.pmdLock(mm));
    return undefined;
  });
  b.mark(unlock);
  dropRmapLocks(kit, move, always);
  b.step('move_page_tables', 'on', (c) => (c.reg(back) === 0 ? next : refused));
}

/** What became of the entries of a table: some moved, some of those dirty, or the table was another one by then. */
const MOVED = 1;
const DIRTY_MOVED = 2;
const AGAIN = 3;

/** move_ptes() */
function movePtes(kit: Kit, move: Move, chunk: Chunk, oldPmd: number, newPmd: number, again: Label, next: Label): void {
  const { b, w, mm } = kit;
  const { behaviours } = w;
  const [source, target, moved] = [b.reg(), b.reg(), b.reg()];
  b.step('move_ptes', `PTE tables of ${w.hex(chunk.old)} and ${w.hex(chunk.new)}`, (c) => {
    const pmd = c.get(oldPmd);
    // The table was freed and its contents are undefined: the model reads no further.
    if (isDevmap(pmd)) w.break(c, 'wild_walk');
    if (!isTable(pmd)) return next;
    c.setReg(source, tableOf(pmd));
    c.setReg(moved, 0);
    if (c.get(newPmd) === NONE) {
      if (!isFree(c, w.pmdLock(mm))) return BLOCKED;
      c.set(newPmd, tableEntry(allocate(w, c, 'table')));
    }
    c.setReg(target, tableOf(c.get(newPmd)));
    return undefined;
  });
  takeRmapLocks(kit, move, false);
  const [locked, unlock] = [b.label(), b.label()];
  b.step('move_ptes', 'lock the PTL of the source', (c) => {
    if (!takeWrite(c, w.ptl(c.reg(source)), (cells) => w.break(cells, 'lock_order'))) return BLOCKED;
    if (behaviours.pte_map_recheck === 'no' || c.get(oldPmd) === tableEntry(c.reg(source))) return locked;
    dropWrite(c, w.ptl(c.reg(source)));
    c.setReg(moved, AGAIN);
    return unlock;
  });
  b.mark(locked);
  const two = (c: Run): boolean => c.reg(source) !== c.reg(target);
  lockWrite(kit, 'move_ptes', 'lock the PTL of the destination', (c) => (two(c) ? w.ptl(c.reg(target)) : null));
  for (const at of w.pagesIn(chunk.old, chunk.old + chunk.pages)) {
    const to = at - chunk.old + chunk.new;
    b.step('move_ptes', `move the entry of ${w.hex(at)} to ${w.hex(to)}`, (c) => {
      const cell = w.pte(c.reg(source), w.offsetOf(at));
      const entry = c.get(cell);
      if (entry === NONE) return;
      c.set(cell, NONE);
      c.set(w.pte(c.reg(target), w.offsetOf(to)), entry);
      if (isPresent(entry) && c.reg(moved) !== DIRTY_MOVED) c.setReg(moved, (entry & DIRTY) !== 0 ? DIRTY_MOVED : MOVED);
    });
  }
  const flush = (when: (moved: number) => boolean): void =>
    b.step('move_ptes', `flush the TLBs of [${w.hex(chunk.old)}, ${w.hex(chunk.old + chunk.pages)})`, (c) =>
      when(c.reg(moved)) ? flushTlb(w, c, mm, chunk.old, chunk.old + chunk.pages) : undefined,
    );
  const unlockTarget = (): void => unlockWrite(kit, 'move_ptes', 'unlock the PTL of the destination', (c) => (two(c) ? w.ptl(c.reg(target)) : null));
  const unlockSource = (): void => unlockWrite(kit, 'move_ptes', 'unlock the PTL of the source', (c) => w.ptl(c.reg(source)));
  if (behaviours.move_ptes_flush_under_ptl === 'yes') {
    flush((m) => m === MOVED || m === DIRTY_MOVED);
    unlockTarget();
    unlockSource();
  } else {
    // Before v4.19 the lock of the destination went first; dirty entries were flushed before that of the source went too, others when all had moved.
    unlockTarget();
    flush((m) => m === DIRTY_MOVED);
    unlockSource();
    flush((m) => m === MOVED);
  }
  b.mark(unlock);
  dropRmapLocks(kit, move, false);
  b.step('move_page_tables', 'on', (c) => {
    const changed = c.reg(moved) === AGAIN;
    c.setReg(moved, 0);
    return changed ? again : next;
  });
}

/** take_rmap_locks(): of the source VMA, always or where the move needs them. */
function takeRmapLocks(kit: Kit, move: Move, always: boolean): void {
  for (const { taken, lock } of rmapLocks(kit, move, always)) lockWrite(kit, 'take_rmap_locks', taken, lock);
}

function dropRmapLocks(kit: Kit, move: Move, always: boolean): void {
  for (const { dropped, lock } of rmapLocks(kit, move, always).reverse()) unlockWrite(kit, 'drop_rmap_locks', dropped, lock);
}

function rmapLocks({ w }: Kit, { file, anonVma, needRmapLocks }: Move, always: boolean): { taken: string; dropped: string; lock: (c: Run) => Lock }[] {
  if (!always && !needRmapLocks) return [];
  const locks = [];
  if (file >= 0) locks.push({ taken: 'i_mmap_lock_write()', dropped: 'i_mmap_unlock_write()', lock: () => w.fileLock(file) });
  if (anonVma >= 0) locks.push({ taken: 'anon_vma_lock_write()', dropped: 'anon_vma_unlock_write()', lock: (c: Run) => w.anonLock(c.get(w.anon(anonVma, 'root'))) });
  return locks;
}
