/** handle_mm_fault(), mm/memory.c, for one page: first under the VMA's own lock, else under the mmap lock. */
import type { Vpn } from '../../../machine/index.js';
import { allocateAnonVma, anonVmaOf, linkAnonVmas } from '../anon.js';
import { BAD_TABLE, frameOf, isDevmap, isPresent, isTable, mapsFrame, MIGRATION, NONE, SWAP, tableEntry, tableOf, WRITE } from '../entries.js';
import { dropRead, isFree, isWriteLocked, tryRead } from '../locks.js';
import { addRmap, allocate, allocateFrame, flushTlb, present, removeRmap, zeroEntry } from '../memory.js';
import { BLOCKED, type Label, type Run } from '../program.js';
import { isAnonymous, linearIndex } from '../vmas.js';
import { FILE_MAPPING, SHAPE, FREED, type World } from '../world.js';
import { type Kit } from './kit.js';

export interface Fault {
  readonly at: Vpn;
  readonly write: boolean;
  /** Where the access is tried again, and where it ends when nothing is mapped. */
  readonly retry: Label;
  readonly noVma: Label;
}

/** Which lock a fault holds. */
const BY_VMA = 1;
const BY_MMAP = 2;

export function faultSteps(kit: Kit, { at, write, retry, noVma }: Fault): void {
  const { b, w, mm } = kit;
  const { behaviours } = w;
  const [lockedBy, vma, fresh, table] = [b.reg(), b.reg(), b.reg(), b.reg()];
  const [slow, body, unlock, migrating, lost] = [b.label(), b.label(), b.label(), b.label(), b.label()];
  const place = w.hex(at);

  if (behaviours.per_vma_locks === 'yes') {
    b.step('lock_vma_under_rcu', `fault at ${place}: read-lock its VMA`, (c) => {
      const v = w.vmaAt(c, mm, at);
      if (v < 0 || isWriteLocked(c, w.vmaLock(v))) return slow;
      // The first fault of a VMA needs its neighbours, and so the mmap lock.
      if (write && isAnonymous(w.shapeOf(c, v)) && anonVmaOf(w, c, v) < 0) return slow;
      tryRead(c, w.vmaLock(v));
      c.setReg(lockedBy, BY_VMA);
      c.setReg(vma, v);
      return body;
    });
    b.mark(slow);
  }
  b.step('lock_mm_and_find_vma', `fault at ${place}: mmap_read_lock()`, (c) => {
    if (!tryRead(c, w.mmapLock(mm))) return BLOCKED;
    c.setReg(lockedBy, BY_MMAP);
    return undefined;
  });
  const denied = b.label();
  b.step('find_vma', `find the VMA of ${place}`, (c) => {
    const v = w.vmaAt(c, mm, at);
    if (v < 0 || (write && (w.shapeOf(c, v).flags & SHAPE.WRITE) === 0)) return denied;
    c.setReg(vma, v);
    return write && isAnonymous(w.shapeOf(c, v)) && anonVmaOf(w, c, v) < 0 ? undefined : body;
  });
  b.step('__anon_vma_prepare', 'the VMA has no anon_vma: allocate one', (c) => c.setReg(fresh, allocateAnonVma(w, c, null)));
  b.step('__anon_vma_prepare', 'page_table_lock: vma->anon_vma = the new one, unless somebody was faster', (c) => {
    if (!isFree(c, w.pageTableLock(mm))) return BLOCKED;
    const v = c.reg(vma);
    if (behaviours.anon_vma_recheck === 'yes' && anonVmaOf(w, c, v) >= 0) c.set(w.anon(c.reg(fresh), 'state'), FREED);
    else linkAnonVmas(w, c, v, c.reg(fresh), c.get(w.vma(v, 'chain')) | (1 << c.reg(fresh)));
    return body;
  });
  b.mark(denied);
  b.step('bad_area', `nothing may be done at ${place}: mmap_read_unlock(), signal`, (c) => {
    dropRead(c, w.mmapLock(mm));
    return noVma;
  });

  b.mark(body);
  b.step('__pte_alloc', `the PTE table of ${place}`, (c) => {
    const cell = w.pmd(mm, w.blockOf(at));
    const pmd = c.get(cell);
    if (pmd === NONE) {
      if (!isFree(c, w.pmdLock(mm))) return BLOCKED;
      const huge = w.devmapFor(w.shapeOf(c, c.reg(vma)), at);
      if (huge !== NONE) {
        c.set(cell, huge);
        return unlock;
      }
      const t = allocate(w, c, 'table');
      c.set(cell, tableEntry(t));
      c.setReg(table, t);
      return undefined;
    }
    if ((pmd & BAD_TABLE) !== 0) w.break(c, 'bad_table');
    if (isDevmap(pmd)) return unlock;
    if (!isTable(pmd)) return lost;
    c.setReg(table, tableOf(pmd));
    return undefined;
  });
  b.step('handle_pte_fault', `under the PTL: fault in ${place}`, (c) => {
    const t = c.reg(table);
    if (!isFree(c, w.ptl(t))) return BLOCKED;
    if (behaviours.pte_map_recheck === 'yes' && c.get(w.pmd(mm, w.blockOf(at))) !== tableEntry(t)) return unlock;
    const cell = w.pte(t, w.offsetOf(at));
    return c.get(cell) & MIGRATION ? migrating : handlePte(w, c, mm, c.reg(vma), cell, at, write);
  });
  const drop = (c: Run): void => dropRead(c, c.reg(lockedBy) === BY_VMA ? w.vmaLock(c.reg(vma)) : w.mmapLock(mm));
  b.mark(unlock);
  b.step('handle_mm_fault', 'unlock, and try the access again', (c) => {
    drop(c);
    return retry;
  });
  b.mark(migrating);
  b.step('migration_entry_wait', `${place} is being migrated: unlock`, drop);
  b.step('migration_entry_wait', `wait until ${place} has been migrated`, (c) => {
    const cell = w.pteCell(c, mm, at);
    return cell >= 0 && c.get(cell) & MIGRATION ? BLOCKED : retry;
  });
  b.mark(lost);
  b.step('bad_area', `there is no way to ${place}: unlock`, (c) => {
    drop(c);
    return noVma;
  });
}

/** Whatever the entry needs for the access. */
function handlePte(w: World, c: Run, mm: number, vma: number, cell: number, at: Vpn, write: boolean): typeof BLOCKED | undefined {
  const entry = c.get(cell);
  const shape = w.shapeOf(c, vma);
  if (isPresent(entry)) {
    if (!write || entry & WRITE) return undefined;
    if (mapsFrame(entry) && (!isAnonymous(shape) || c.get(w.frame(frameOf(entry), 'mapcount')) === 1)) {
      c.set(cell, entry | WRITE);
      return undefined;
    }
    if (flushTlb(w, c, mm, at, at + 1) === BLOCKED) return BLOCKED;
    const copy = anonymousPage(w, c, vma, at);
    if (mapsFrame(entry)) c.set(w.frame(copy, 'data'), c.get(w.frame(frameOf(entry), 'data')));
    removeRmap(w, c, entry);
    install(w, c, cell, present(copy, true));
    return undefined;
  }
  if (!isAnonymous(shape)) {
    const frame = pageOfFile(w, c, shape.file, linearIndex(shape, at));
    // It is mapped under its lock.
    if (!isFree(c, w.folioLock(frame))) return BLOCKED;
    install(w, c, cell, present(frame, (shape.flags & SHAPE.WRITE) !== 0));
    return undefined;
  }
  if (entry === NONE && !write) {
    c.set(cell, zeroEntry());
    return undefined;
  }
  const frame = anonymousPage(w, c, vma, at);
  if (entry & SWAP) c.set(w.frame(frame, 'data'), c.get(w.frame(frameOf(entry), 'data')));
  install(w, c, cell, present(frame, (shape.flags & SHAPE.WRITE) !== 0));
  return undefined;
}

const anonymousPage = (w: World, c: Run, vma: number, at: Vpn): number => allocateFrame(w, c, anonVmaOf(w, c, vma) + 1, linearIndex(w.shapeOf(c, vma), at));

function install(w: World, c: Run, cell: number, entry: number): void {
  c.set(cell, entry);
  addRmap(w, c, entry);
}

/** shmem_fault(): the page of the file, made if there is none. */
function pageOfFile(w: World, c: Run, file: number, index: number): number {
  const cached = w.cachedFrame(c, file, index);
  if (cached >= 0) return cached;
  const made = allocateFrame(w, c, FILE_MAPPING + file, index);
  c.set(w.frame(made, 'cached'), 1);
  return made;
}
