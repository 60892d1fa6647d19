/**
 * Reverse-map walks, mm/rmap.c: from a folio to every entry that maps it, by the trees of its
 * anon_vma or its file, VMA by VMA in the order of their page offsets. rmap_walk_anon(),
 * rmap_walk_file(), page_vma_mapped_walk(), try_to_unmap_one(), try_to_migrate_one(),
 * remove_migration_pte(), folio_referenced_one(), as in v6.1 to v6.18.
 *
 * Left out: batches of entries and deferred flushes of reclaim (should_defer_flush()).
 */
import type { Vpn } from '../../../machine/index.js';
import { inChain } from '../anon.js';
import { DIRTY, EXCLUSIVE, frameOf, isTable, mapsFrame, MIGRATION, NONE, PRESENT, SWAP, tableOf, WRITE } from '../entries.js';
import { dropRead, dropWrite, tryWrite } from '../locks.js';
import { flushTlb, isMapped, removeRmap } from '../memory.js';
import { BLOCKED, type Label, type Register, type Run } from '../program.js';
import { rcuReadLock, rcuReadUnlock, touchTable } from '../rcu.js';
import { FILE_MAPPING, LIVE, type World } from '../world.js';
import { type Kit } from './kit.js';
import { lockForRestore, lockForWalk } from './lock-reverse-map.js';
import { isTemporaryStack } from '../vmas.js';

/** What a walk does at each entry that it finds. */
export type WalkKind =
  /** try_to_unmap(): the page goes to swap. */
  | 'unmap'
  /** try_to_migrate(): a migration entry stands for the page meanwhile. */
  | 'migrate'
  /** remove_migration_ptes(): the new page takes its place. */
  | 'restore'
  /** folio_referenced(): only looks. */
  | 'referenced';

export interface Walk {
  readonly kind: WalkKind;
  /** The folio, as frame + 1. */
  readonly folio: Register;
  /** For `restore`: the frame, + 1, that migration entries name. */
  readonly old?: Register;
  /** Where it is left how many entries were found. */
  readonly count?: Register;
}

const FN: Readonly<Record<WalkKind, string>> = { unmap: 'try_to_unmap_one', migrate: 'try_to_migrate_one', restore: 'remove_migration_pte', referenced: 'folio_referenced_one' };
const AT_THE_ENTRY: Readonly<Record<WalkKind, string>> = {
  unmap: 'lock the PTL; the entry maps the folio: clear it',
  migrate: 'lock the PTL; the entry maps the folio: clear it',
  restore: 'under the PTL: put the new page in',
  referenced: 'under the PTL: look at the entry',
};

export function rmapWalk(kit: Kit, { kind, folio, old, count }: Walk): void {
  const { b, w } = kit;
  const [mapping, locked, index, vma, table, target, entry, found, there, aborted] = [b.reg(), b.reg(), b.reg(), b.reg(), b.reg(), b.reg(), b.reg(), b.reg(), b.reg(), b.reg()];
  const [next, done, end] = [b.label(), b.label(), b.label()];
  const frame = (c: Run): number => c.reg(folio) - 1;
  const fn = FN[kind];
  const takesOut = kind === 'unmap' || kind === 'migrate';
  const lock = { folio, mapping, locked, none: end };
  if (kind === 'restore') lockForRestore(kit, lock);
  else lockForWalk(kit, lock, kind === 'referenced');
  b.step('rmap_walk', 'read folio->index', (c) => {
    c.setReg(index, c.get(w.frame(frame(c), 'index')));
    c.setReg(vma, 0);
    if (kind === 'referenced') c.setReg(there, processes(w, c));
  });
  b.mark(next);
  b.step(fn, 'the next VMA that may map it, and its PTE table', (c) => {
    const v = nextVma(w, c, c.reg(mapping), w.number(c.reg(index)), c.reg(vma) - 1);
    if (v < 0) return done;
    c.setReg(vma, v + 1);
    const shape = w.shapeOf(c, v);
    if (kind !== 'restore' && isSkipped(w, shape.flags)) return next;
    const at = shape.start + (w.number(c.reg(index)) - shape.pgoff);
    if (w.pageId(at) === undefined) return next;
    const pmd = c.get(w.pmd(shape.mm, w.blockOf(at)));
    if (!isTable(pmd)) return next;
    if (w.behaviours.pte_map_recheck === 'yes') rcuReadLock(w, c);
    c.setReg(table, tableOf(pmd));
    c.setReg(target, w.numberId(at) + 1);
    return undefined;
  });
  b.step(fn, AT_THE_ENTRY[kind], (c) => {
    const ptl = w.ptl(c.reg(table));
    const cell = w.pte(c.reg(table), w.offsetOf(w.number(c.reg(target) - 1)));
    if (!tryWrite(c, ptl)) return BLOCKED;
    rcuReadUnlock(w, c);
    touchTable(w, c, c.reg(table));
    const now = c.get(cell);
    const matches = kind === 'restore' ? (now & MIGRATION) !== 0 && old !== undefined && frameOf(now) === c.reg(old) - 1 : mapsFrame(now) && frameOf(now) === frame(c);
    if (matches) {
      c.setReg(found, c.reg(found) + 1);
      if (takesOut) {
        c.set(cell, NONE);
        c.setReg(entry, now);
        return undefined;
      }
      if (kind === 'restore') {
        c.set(cell, frame(c) | PRESENT | (now & (WRITE | DIRTY)));
        if (now & EXCLUSIVE) c.set(w.frame(frame(c), 'exclusive'), 1);
        c.add(w.frame(frame(c), 'mapcount'), 1);
      }
    }
    dropWrite(c, ptl);
    return next;
  });
  if (takesOut) {
    b.step('ptep_clear_flush', 'flush the TLBs of the address in this VMA', (c) => {
      const at: Vpn = w.number(c.reg(target) - 1);
      return flushTlb(w, c, w.shapeOf(c, c.reg(vma) - 1).mm, at, at + 1);
    });
    b.step(fn, `pinned? else a ${kind === 'unmap' ? 'swap' : 'migration'} entry takes its place, and the folio is mapped once less; unlock the PTL`, (c) => {
      const ptl = w.ptl(c.reg(table));
      touchTable(w, c, c.reg(table));
      const went = takeOut(w, c, kind, w.pte(c.reg(table), w.offsetOf(w.number(c.reg(target) - 1))), c.reg(entry), frame(c));
      dropWrite(c, ptl);
      c.setReg(entry, 0);
      // A page that cannot go ends the walk; so does the last mapping.
      if (!went) c.setReg(aborted, 1);
      return went && isMapped(w, c, frame(c)) ? next : done;
    });
  }
  b.mark(done);
  b.step('rmap_walk', 'unlock the reverse map', (c) => {
    if (c.reg(aborted) === 0 && missed(w, c, kind, frame(c), old === undefined ? -1 : c.reg(old) - 1, c.reg(found), c.reg(there))) w.break(c, 'missed_mapping');
    dropRead(c, w.lock(c.reg(locked) - 1));
    if (count !== undefined) c.setReg(count, c.reg(found));
    for (const r of [mapping, locked, index, vma, table, target, found, there, aborted]) c.setReg(r, 0);
    return end;
  });
  b.mark(end);
}

/**
 * After the flush GUP-fast either has its pin counted or finds the entry gone: folio_try_share_anon_rmap_pte().
 * @returns false for a pinned page of the process's own, whose entry is put back
 */
function takeOut(w: World, c: Run, kind: WalkKind, cell: number, entry: number, frame: number): boolean {
  const anonymous = c.get(w.frame(frame, 'mapping')) < FILE_MAPPING;
  if (kind === 'unmap' && c.get(w.frame(frame, 'lazy')) !== 0) return discard(w, c, cell, entry, frame);
  const exclusive = anonymous && c.get(w.frame(frame, 'exclusive')) !== 0;
  if (exclusive && c.get(w.frame(frame, 'pins')) > 0) {
    c.set(cell, entry);
    return false;
  }
  removeRmap(w, c, entry);
  // The page of a file is found again through the file.
  if (kind === 'unmap' && !anonymous) return true;
  if (exclusive) c.set(w.frame(frame, 'exclusive'), 0);
  c.set(cell, (entry & 0xff) | (kind === 'unmap' ? SWAP : MIGRATION | (entry & (WRITE | DIRTY))) | (exclusive ? EXCLUSIVE : 0));
  return true;
}

/**
 * What MADV_FREE gave up goes without being written to swap, if nobody stored in it since and nobody
 * else has it: the only references are that of reclaim and those of the mappings.
 */
function discard(w: World, c: Run, cell: number, entry: number, frame: number): boolean {
  const dirty = (entry & DIRTY) !== 0;
  if (!dirty && c.get(w.frame(frame, 'refs')) === 1 && c.get(w.frame(frame, 'pins')) === 0) {
    removeRmap(w, c, entry);
    return true;
  }
  if (dirty) c.set(w.frame(frame, 'lazy'), 0);
  c.set(cell, entry);
  return false;
}

/** Processes that are there, a bit each: while fork builds one, what it copies is not there for a walk that is under way. */
function processes(w: World, c: Run): number {
  let mask = 0;
  for (let mm = 0; mm < w.sizes.mms; mm++) if (c.get(w.mm(mm, 'state')) === LIVE) mask |= 1 << mm;
  return mask;
}

/**
 * Whether the walk overlooked something, now that it is over. Migration and reclaim leave the stack
 * of a new program alone until it stands where it will stay. A walk that only looks may come by a
 * child before fork has copied the entry of the parent that it saw: it counts one reference less,
 * which is a hint and nothing more. Walks that take entries out clear the parent's first, so that
 * fork copies what they left (the child sorts after the parent, and is linked under the lock that they hold).
 */
function missed(w: World, c: Run, kind: WalkKind, frame: number, old: number, found: number, there: number): boolean {
  const is = kind === 'restore' ? (e: number) => (e & MIGRATION) !== 0 && frameOf(e) === old : (e: number) => mapsFrame(e) && frameOf(e) === frame;
  let n = 0;
  for (let mm = 0; mm < w.sizes.mms; mm++) {
    if (kind === 'referenced' && (there & (1 << mm)) === 0) continue;
    for (const at of w.pages) {
      const cell = w.pteCell(c, mm, at);
      if (cell < 0 || !is(c.get(cell))) continue;
      const vma = w.vmaAt(c, mm, at);
      if (vma < 0 || !isSkipped(w, w.shapeOf(c, vma).flags)) n++;
    }
  }
  return kind === 'referenced' ? found < n : n > 0;
}

/** vma_is_temporary_stack() */
const isSkipped = (w: World, flags: number): boolean => isTemporaryStack(flags) && w.behaviours.stack_rmap_skip === 'yes';

/** vma_interval_tree_iter_next(): by page offset, and among equals in the order of insertion. */
export function nextVma(w: World, c: Run, mapping: number, index: number, after: number): number {
  const key = (v: number): [number, number] => [w.shapeOf(c, v).pgoff, c.get(w.vma(v, 'order'))];
  const less = (a: [number, number], b: [number, number]): boolean => a[0] < b[0] || (a[0] === b[0] && a[1] < b[1]);
  const from = after < 0 ? null : key(after);
  let best = -1;
  for (let v = 0; v < w.sizes.vmas; v++) {
    if (!w.isLinked(c, v) || v === after) continue;
    const shape = w.shapeOf(c, v);
    if (index < shape.pgoff || index >= shape.pgoff + (shape.end - shape.start)) continue;
    if (mapping < FILE_MAPPING ? !inChain(c.get(w.vma(v, 'chain')), mapping - 1) : shape.file !== mapping - FILE_MAPPING) continue;
    if (from !== null && !less(from, key(v))) continue;
    if (best < 0 || less(key(v), key(best))) best = v;
  }
  return best;
}

/** The folio that an address has now, with a reference; where there is none the operation ends. */
export function isolateFolio({ b, w, mm }: Kit, at: Vpn, folio: Register, none: Label): void {
  b.step('folio_isolate_lru', `take the folio that ${w.hex(at)} has`, (c) => {
    const cell = w.pteCell(c, mm, at);
    const entry = cell < 0 ? NONE : c.get(cell);
    if (!mapsFrame(entry) || c.get(w.frame(frameOf(entry), 'state')) !== LIVE) return none;
    c.add(w.frame(frameOf(entry), 'refs'), 1);
    c.setReg(folio, frameOf(entry) + 1);
    return undefined;
  });
}
