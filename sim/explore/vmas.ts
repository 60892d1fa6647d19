/** The VMAs of a race: what an operation decided about them becomes cells, all at once. */
import type { Vpn } from '../../machine/index.js';
import { VM } from '../vma/vm-flags.js';
import { linkAnonVmas, relinkAnonVmas, unlinkAnonVmas } from './anon.js';
import type { Cells } from './cells.js';
import type { Lock } from './locks.js';
import { BLOCKED, type Run } from './program.js';
import { FIGURES, type FigureChange, type VmaAct, type VmaChange } from './script.js';
import { DETACHED, FREED, LIVE, type Shape, type World } from './world.js';

export const pagesOf = (s: Shape): number => s.end - s.start;
export const linearIndex = (s: Shape, at: Vpn): number => s.pgoff + (at - s.start);
export const isAnonymous = (s: Shape): boolean => s.file < 0;
export const isShared = (s: Shape): boolean => (s.flags & VM.SHARED) !== 0;

/** vma_is_temporary_stack(): the stack of a new program, until it stands where it will stay. */
export const isTemporaryStack = (flags: number): boolean => {
  const marks = VM.SEQ_READ | VM.RAND_READ | VM.GROWSDOWN;
  return (flags & marks) === marks;
};

/** VMAs of an mm that intersect a range, ascending. */
export function vmasIn(w: World, c: Cells, mm: number, from: Vpn, to: Vpn): number[] {
  const found: number[] = [];
  for (let v = 0; v < w.sizes.vmas; v++) {
    if (c.get(w.vma(v, 'state')) !== LIVE) continue;
    const s = w.shapeOf(c, v);
    if (s.mm === mm && s.start < to && s.end > from) found.push(v);
  }
  return found.sort((a, b) => w.shapeOf(c, a).start - w.shapeOf(c, b).start);
}

const isRead = (w: World, c: Cells, vma: number): boolean => c.get(w.vmaLock(vma).readers) !== 0;

/** vma_start_write(): new readers are turned away until the mmap lock is dropped; blocked while somebody reads. */
export function startWrite(w: World, c: Run, vma: number): typeof BLOCKED | undefined {
  if (w.behaviours.per_vma_locks === 'no') return undefined;
  if (isRead(w, c, vma)) return BLOCKED;
  c.set(w.vmaLock(vma).writer, c.actor.index + 1);
  return undefined;
}

/** vma_end_write_all() */
export function endWriteAll(w: World, c: Run): void {
  for (let v = 0; v < w.sizes.vmas; v++) if (c.get(w.vmaLock(v).writer) === c.actor.index + 1) c.set(w.vmaLock(v).writer, 0);
}

/** Adds to the figures of address spaces; all but the count of VMAs are too large for a cell. */
export function addFigures(w: World, c: Cells, changes: readonly FigureChange[]): void {
  for (const { mm, figure, by } of changes) {
    const cell = w.mm(mm, figure);
    if (figure === FIGURES[0]) c.add(cell, by);
    else c.set(cell, w.numberId(w.number(c.get(cell)) + by));
  }
}

/** Whether nobody else has the lock. */
function isMine(c: Run, { writer, readers }: Lock): boolean {
  const [w, r] = [c.get(writer), readers < 0 ? 0 : c.get(readers)];
  return (w === 0 || w === c.actor.index + 1) && (r & ~(1 << c.actor.index)) === 0;
}

/** Whether the trees of the reverse map that hold the VMA, or are to hold it, can be changed. */
function treesAreFree(w: World, c: Run, file: number, chain: number): boolean {
  if (file >= 0 && !isMine(c, w.fileLock(file))) return false;
  for (let a = 0; a < w.sizes.anonVmas; a++) if (chain & (1 << a) && !isMine(c, w.anonLock(c.get(w.anon(a, 'root'))))) return false;
  return true;
}

/** Whether VMAs can leave the trees of the reverse map now. */
export const canUnlink = (w: World, c: Run, vmas: readonly number[]): boolean => vmas.every((v) => treesAreFree(w, c, w.shapeOf(c, v).file, c.get(w.vma(v, 'chain'))));

/** Out of the trees, and gone: nothing finds it any more. */
export function removeVma(w: World, c: Run, vma: number): void {
  unlinkAnonVmas(w, c, vma);
  c.set(w.vma(vma, 'state'), FREED);
}

/** Makes the changes visible; blocked, and nothing has happened, while somebody has one of the locks that they need. */
export function changeVmas(w: World, c: Run, { vmas, made, figures }: VmaAct): typeof BLOCKED | undefined {
  const { vma_write_lock, vma_lock_new, per_vma_locks } = w.behaviours;
  const locks = (v: VmaChange): boolean => per_vma_locks === 'yes' && (v.fate === 'detached' ? vma_write_lock === 'yes' : v.moved && vma_lock_new === 'yes');
  const fresh = made.reduce((bits, { id }) => bits | (1 << id), 0); // prettier-ignore
  for (const v of vmas) {
    if (!v.isNew && locks(v) && isRead(w, c, v.id)) return BLOCKED;
    const chain = (v.isNew ? 0 : c.get(w.vma(v.id, 'chain'))) | v.chain;
    if ((v.isNew || v.moved) && !treesAreFree(w, c, v.shape.file, chain & ~fresh)) return BLOCKED;
  }
  for (const { id, parent } of made) makeAnonVma(w, c, id, parent);
  // Those that come hold on to what those that go leave.
  for (const v of [...vmas].sort((a, b) => Number(a.fate === 'gone') - Number(b.fate === 'gone'))) changeVma(w, c, v, locks(v));
  addFigures(w, c, figures);
  return undefined;
}

/** anon_vma_alloc(): its own root and parent, or one of a family. A root counts itself, so that it is not taken over. */
function makeAnonVma(w: World, c: Run, id: number, parent: number): void {
  c.set(w.anon(id, 'state'), LIVE);
  c.set(w.anon(id, 'root'), parent < 0 ? id : c.get(w.anon(parent, 'root')));
  c.set(w.anon(id, 'parent'), parent < 0 ? id : parent);
  c.set(w.anon(id, 'children'), parent < 0 ? 1 : 0);
  if (parent >= 0) c.add(w.anon(parent, 'children'), 1);
}

function changeVma(w: World, c: Run, v: VmaChange, locked: boolean): void {
  if (v.fate === 'gone') {
    removeVma(w, c, v.id);
    return;
  }
  const state = v.fate === 'detached' ? DETACHED + c.actor.index : LIVE;
  if (v.isNew) {
    c.set(w.vma(v.id, 'order'), orderFor(w, c, v.shape.pgoff, v.id));
    if (v.anonVma >= 0) linkAnonVmas(w, c, v.id, v.anonVma, v.chain);
  } else {
    if (v.moved && v.fate === 'stays') c.set(w.vma(v.id, 'order'), orderFor(w, c, v.shape.pgoff, v.id));
    relinkAnonVmas(w, c, v.id, v.anonVma, v.chain);
  }
  c.set(w.vma(v.id, 'state'), state);
  c.set(w.vma(v.id, 'shape'), w.intern(v.shape));
  if (w.behaviours.per_vma_locks === 'yes' && (locked || v.fate === 'detached')) c.set(w.vmaLock(v.id).writer, c.actor.index + 1);
}

/** vma_interval_tree_insert(): of VMAs with the same page offset the newer one comes after. */
function orderFor(w: World, c: Cells, pgoff: number, self: number): number {
  let last = 1000;
  let first = 1000;
  for (let v = 0; v < w.sizes.vmas; v++) {
    if (v === self || !w.isLinked(c, v) || w.shapeOf(c, v).pgoff !== pgoff) continue;
    last = Math.max(last, c.get(w.vma(v, 'order')));
    first = Math.min(first, c.get(w.vma(v, 'order')));
  }
  return w.behaviours.rmap_ties === 'after' ? last + 1 : first - 1;
}
