/**
 * Reverse-map walks, mm/rmap.c: from a folio to every entry that maps it, by the trees of its
 * anon_vma or its file, VMA by VMA in the order of their page offsets.
 */
import type { Vpn } from '../../../machine/index.js';
import { inChain } from '../anon.js';
import { frameOf, isTable, mapsFrame, MIGRATION, NONE, PRESENT, SWAP, tableOf, WRITE } from '../entries.js';
import { dropRead, dropWrite, takeRead, tryWrite } from '../locks.js';
import { flushTlb, removeRmap } from '../memory.js';
import { BLOCKED, type Label, type Register, type Run } from '../program.js';
import { FILE_MAPPING, FREED, KSM_MAPPING, LIVE, SHAPE, type World } from '../world.js';
import { type Kit } from './kit.js';

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
}

const FN: Readonly<Record<WalkKind, string>> = { unmap: 'try_to_unmap_one', migrate: 'try_to_migrate_one', restore: 'remove_migration_pte', referenced: 'folio_referenced_one' };

export function rmapWalk(kit: Kit, { kind, folio, old }: Walk): void {
  const { b, w } = kit;
  /** The family's root or the file's number, +1; where the walk is; what it has found. */
  const [mapping, locked, index, vma, table, target, found] = [b.reg(), b.reg(), b.reg(), b.reg(), b.reg(), b.reg(), b.reg()];
  const [next, done, end] = [b.label(), b.label(), b.label()];
  const frame = (c: Run): number => c.reg(folio) - 1;
  const fn = FN[kind];

  b.step('rmap_walk', 'read folio->mapping', (c) => {
    const m = c.get(w.frame(frame(c), 'mapping'));
    c.setReg(mapping, m);
    return m === 0 || m === KSM_MAPPING ? end : undefined;
  });
  b.step('rmap_walk', 'lock the reverse map for reading', (c) => {
    const m = c.reg(mapping);
    if (m < FILE_MAPPING && c.get(w.anon(m - 1, 'state')) === FREED) {
      w.break(c, 'dangling_mapping');
      return end;
    }
    const lock = m < FILE_MAPPING ? w.anonLock(c.get(w.anon(m - 1, 'root'))) : w.fileLock(m - FILE_MAPPING);
    if (!takeRead(c, lock, (cells) => w.break(cells, 'lock_order'))) return BLOCKED;
    c.setReg(locked, lock.id + 1);
    return undefined;
  });
  b.step('rmap_walk', 'read folio->index', (c) => {
    c.setReg(index, c.get(w.frame(frame(c), 'index')));
    c.setReg(vma, 0);
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
    c.setReg(table, tableOf(pmd));
    c.setReg(target, w.numberId(at) + 1);
    return undefined;
  });
  b.step(
    fn,
    kind === 'referenced' ? 'under the PTL: look at the entry' : kind === 'restore' ? 'under the PTL: put the new page in' : 'PTL: take the page out of the entry',
    (c) => {
      const lock = w.ptl(c.reg(table));
      const at = w.number(c.reg(target) - 1);
      const cell = w.pte(c.reg(table), w.offsetOf(at));
      if (!tryWrite(c, lock)) return BLOCKED;
      const entry = c.get(cell);
      const matches = kind === 'restore' ? (entry & MIGRATION) !== 0 && old !== undefined && frameOf(entry) === c.reg(old) - 1 : mapsFrame(entry) && frameOf(entry) === frame(c);
      if (matches) visit(w, c, kind, cell, entry, frame(c));
      if (matches) c.setReg(found, c.reg(found) + 1);
      if (matches && (kind === 'unmap' || kind === 'migrate')) return undefined;
      dropWrite(c, lock);
      return next;
    },
  );
  b.step('ptep_clear_flush', 'flush the TLBs of the address in this VMA; unlock the PTL', (c) => {
    const at: Vpn = w.number(c.reg(target) - 1);
    if (flushTlb(w, c, w.shapeOf(c, c.reg(vma) - 1).mm, at, at + 1) === BLOCKED) return BLOCKED;
    dropWrite(c, w.ptl(c.reg(table)));
    return next;
  });
  b.mark(done);
  b.step('rmap_walk', 'no more VMAs: unlock the reverse map', (c) => {
    if (missed(w, c, kind, frame(c), old === undefined ? -1 : c.reg(old) - 1, c.reg(found))) w.break(c, 'missed_mapping');
    dropRead(c, w.lock(c.reg(locked) - 1));
    for (const r of [mapping, locked, index, vma, table, target, found]) c.setReg(r, 0);
    return end;
  });
  b.mark(end);
}

function visit(w: World, c: Run, kind: WalkKind, cell: number, entry: number, frame: number): void {
  switch (kind) {
    case 'referenced':
      return;
    case 'restore':
      c.set(cell, frame | PRESENT | (entry & WRITE));
      c.add(w.frame(frame, 'mapcount'), 1);
      return;
    default:
      removeRmap(w, c, entry);
      c.set(cell, (entry & 0xff) | (kind === 'unmap' ? SWAP : MIGRATION) | (entry & WRITE));
  }
}

/**
 * Whether the walk overlooked something, now that it is over. Migration and reclaim leave the stack
 * of a new program alone until it stands where it will stay.
 */
function missed(w: World, c: Run, kind: WalkKind, frame: number, old: number, found: number): boolean {
  const is = kind === 'restore' ? (e: number) => (e & MIGRATION) !== 0 && frameOf(e) === old : (e: number) => mapsFrame(e) && frameOf(e) === frame;
  let n = 0;
  for (let mm = 0; mm < w.sizes.mms; mm++) {
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
const isSkipped = (w: World, flags: number): boolean => (flags & SHAPE.TEMPORARY_STACK) !== 0 && w.behaviours.stack_rmap_skip === 'yes';

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
