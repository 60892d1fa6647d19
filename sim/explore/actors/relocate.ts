/**
 * MREMAP_RELOCATE_ANON as posted in June 2025 (mm/mremap.c, relocate_anon_folios()): the folios of
 * the range get the anon_vma and the index that a fresh mapping at the new place would have given
 * them, before the page tables move; what was relocated is put back when one of them cannot be.
 */
import type { Vpn } from '../../../machine/index.js';
import { allocateAnonVma, anonVmaOf, unlinkAnonVmas } from '../anon.js';
import { frameOf, isTable, mapsFrame, tableOf } from '../entries.js';
import { dropWrite, takeWrite, tryWrite, type Lock } from '../locks.js';
import { BLOCKED, type Label, type Register, type Run } from '../program.js';
import { account, canChange, isAnonymous, linearIndex, removeVma, reshape } from '../vmas.js';
import { FILE_MAPPING, type World } from '../world.js';
import { copyVma, neighbours } from './copy-vma.js';
import { finish, lockWrite, RESULT, unlockWrite, type Kit } from './kit.js';
import { movePageTables } from './move-page-tables.js';
import type { Mremap } from './mremap.js';

export interface Ways {
  /** Where an ordinary move begins. */
  readonly plain: Label;
  readonly failed: Label;
  /** Writes the end of the move. */
  readonly moved: (out: Label) => void;
}

export function relocateSteps(kit: Kit, call: Mremap, source: Register, { plain, failed, moved }: Ways, out: Label): void {
  const { b, w } = kit;
  const pages = Math.min(call.oldPages, call.newPages);
  const [made, fresh, noLocks] = [b.reg(), b.reg(), b.reg()];
  const [undo, move] = [b.label(), b.label()];
  const root = (c: Run): number => c.reg(fresh) - 1;

  b.step('vma_relocate_anon', 'may its folios be relocated? a VMA at the new offset, with an anon_vma of its own', (c) => {
    const v = c.reg(source) - 1;
    const shape = w.shapeOf(c, v);
    if (!isAnonymous(shape) || anonVmaOf(w, c, v) < 0 || maybeShared(w, c, v)) {
      if (call.relocate !== 'must') return plain;
      finish(kit, c, RESULT.EFAULT);
      return failed;
    }
    // Merging with the offset kept makes relocation unnecessary.
    const kept = { ...shape, start: call.to, end: call.to + call.newPages, pgoff: linearIndex(shape, call.from) };
    const { below, above } = neighbours(w, c, v, kept, anonVmaOf(w, c, v));
    if (below >= 0 || above >= 0) return plain;
    if (!canChange(w, c, [v])) return BLOCKED;
    const anon = allocateAnonVma(w, c, null);
    const copied = copyVma(w, c, v, call.from, call.to, call.newPages, { relocated: anon });
    if (copied === BLOCKED) return BLOCKED;
    c.setReg(fresh, anon + 1);
    c.setReg(made, copied.vma + 1);
    return undefined;
  });
  const locks = w.behaviours.relocate_lock === 'yes';
  if (locks) lockWrite(kit, 'relocate_anon_folios', 'anon_vma_lock_write() of the new one', (c) => w.anonLock(root(c)));
  const forward = w.pagesIn(call.from, call.from + pages);
  const each = forward.map((at) => ({ at, folio: b.reg() }));
  // As the review proposed: where something is relocated already, it stays so.
  const splits = w.behaviours.on_failure === 'split' && call.relocate === 'try';
  const failing = each.map((one, i) => ({ ...one, fail: splits && i > 0 ? b.label() : undo }));
  for (const { at, folio, fail } of failing) relocateFolio(kit, { at, way: 'relocate', folio, home: (c) => ({ anonVma: root(c), index: call.to + (at - call.from) }), fail });
  b.step('relocate_anon_folios', 'all are relocated', () => move);
  for (const { at, fail } of failing) {
    if (fail === undo) continue;
    b.mark(fail);
    b.step('vma_relocate_anon', `end the new VMA at ${w.hex(call.to + (at - call.from))}; the rest moves as usual, to a VMA of its own`, (c) => {
      const [v, m] = [c.reg(source) - 1, c.reg(made) - 1];
      // The new one's lock is held already.
      if (!canChange(w, c, locks ? [v] : [v, m])) return BLOCKED;
      const shape = w.shapeOf(c, m);
      const border = call.to + (at - call.from);
      account(w, c, { ...shape, start: border }, -1);
      reshape(w, c, m, { ...shape, end: border });
      return copyVma(w, c, v, at, border, shape.end - border) === BLOCKED ? BLOCKED : move;
    });
  }

  b.mark(undo);
  const undone = b.label();
  for (const { at, folio } of each) {
    const home: Home = (c) => ({ anonVma: anonVmaOf(w, c, c.reg(source) - 1), index: linearIndex(w.shapeOf(c, c.reg(source) - 1), at) });
    relocateFolio(kit, { at, way: 'undo', folio, home, fail: undone, current: root });
  }
  b.mark(undone);
  unlockFolios(kit, each.map(({ folio }) => folio)); // prettier-ignore
  if (locks) unlockWrite(kit, 'undo_relocate_anon', 'anon_vma_unlock_write() of the new one', (c) => w.anonLock(root(c)));
  b.step('undo_relocate_anon', 'unmap the new VMA: its anon_vma goes with it', (c) => {
    const v = c.reg(made) - 1;
    if (!canChange(w, c, [v])) return BLOCKED;
    account(w, c, w.shapeOf(c, v), -1);
    c.add(w.mm(kit.mm, 'mapCount'), -1);
    unlinkAnonVmas(w, c, v);
    removeVma(w, c, v);
    c.setReg(made, 0);
    c.setReg(fresh, 0);
    if (call.relocate === 'try') return plain;
    finish(kit, c, RESULT.EFAULT);
    return failed;
  });

  b.mark(move);
  movePageTables(kit, { from: call.from, to: call.to, pages, source, needRmapLocks: noLocks });
  unlockFolios(kit, each.map(({ folio }) => folio)); // prettier-ignore
  if (locks) unlockWrite(kit, 'relocate_anon_folios', 'anon_vma_unlock_write() of the new one', (c) => w.anonLock(root(c)));
  b.step('vma_relocate_anon', 'the folios belong to the new VMA', (c) => {
    c.setReg(made, 0);
    c.setReg(fresh, 0);
  });
  moved(out);
}

/** Whether a forked process, a parent or a child, may map the same folios. */
function maybeShared(w: World, c: Run, vma: number): boolean {
  const chain = c.get(w.vma(vma, 'chain'));
  const own = anonVmaOf(w, c, vma);
  if (chain !== 1 << own) return true;
  const isRoot = c.get(w.anon(own, 'root')) === own;
  return c.get(w.anon(own, 'children')) > (isRoot ? 1 : 0);
}

type Home = (c: Run) => { readonly anonVma: number; readonly index: number };

interface One {
  readonly at: Vpn;
  readonly way: 'relocate' | 'undo';
  /** The folio, as frame + 1, while it is looked at; with `keep` until everything is over. */
  readonly folio: Register;
  readonly home: Home;
  readonly fail: Label;
  /** Undo leaves folios alone that do not belong to this anon_vma. */
  readonly current?: (c: Run) => number;
}

/**
 * relocate_anon_pte(): one folio gets its new anon_vma and index. Under which lock, in which order,
 * and what becomes of a pinned one are what the review was about.
 */
function relocateFolio({ b, w, mm, ...kit }: Kit, { at, way, folio, home, fail, current }: One): void {
  const { relocate_folio_lock: locking, pin_policy: policy, relocate_order: order } = w.behaviours;
  const table = b.reg();
  const [next, pinned, busy] = [b.label(), b.label(), b.label()];
  const fn = 'relocate_anon_pte';
  const lock = (c: Run): Lock => w.folioLock(c.reg(folio) - 1);

  b.step(fn, `PTL: ${way} the folio of ${w.hex(at)}`, (c) => {
    const pmd = c.get(w.pmd(mm, w.blockOf(at)));
    if (!isTable(pmd)) return next;
    const entry = c.get(w.pte(tableOf(pmd), w.offsetOf(at)));
    const mapping = mapsFrame(entry) ? c.get(w.frame(frameOf(entry), 'mapping')) : 0;
    if (mapping === 0 || mapping >= FILE_MAPPING || (current !== undefined && mapping !== current(c) + 1)) return next;
    if (!takeWrite(c, w.ptl(tableOf(pmd)), (cells) => w.break(cells, 'lock_order'))) return BLOCKED;
    c.setReg(table, tableOf(pmd));
    c.setReg(folio, frameOf(entry) + 1);
    return undefined;
  });
  if (locking === 'under_ptl') lockWrite({ b, w, mm, ...kit }, fn, 'folio_lock(), with the PTL held', lock);
  if (locking === 'keep' && way === 'relocate') b.step(fn, 'folio_trylock(), and keep it locked', (c) => (tryWrite(c, lock(c)) ? undefined : busy));
  if (policy !== 'ignore') b.step(fn, 'folio_maybe_dma_pinned()?', (c) => (c.get(w.frame(c.reg(folio) - 1, 'pins')) > 0 ? pinned : undefined));
  const writes = [
    (): void => b.step(fn, `folio->mapping = the ${way === 'undo' ? 'old' : 'new'} anon_vma`, (c) => c.set(w.frame(c.reg(folio) - 1, 'mapping'), home(c).anonVma + 1)),
    (): void => b.step(fn, `folio->index = its ${way === 'undo' ? 'old' : 'new'} place`, (c) => c.set(w.frame(c.reg(folio) - 1, 'index'), w.numberId(home(c).index))),
  ];
  for (const write of order === 'mapping_first' ? writes : writes.reverse()) write();
  /** @param locked whether the folio is locked here, and not to stay so */
  const release = (to: Label, locked: boolean): void =>
    b.step(fn, locked ? 'folio_unlock(), unlock the PTL' : 'unlock the PTL', (c) => {
      if (locked) dropWrite(c, lock(c));
      dropWrite(c, w.ptl(c.reg(table)));
      c.setReg(table, 0);
      if (locked || locking !== 'keep') c.setReg(folio, 0);
      return to;
    });
  release(next, locking === 'under_ptl');
  b.mark(pinned);
  // A kept lock goes with all the others at the end.
  if (policy !== 'ignore') release(policy === 'skip' ? next : fail, locking === 'under_ptl');
  b.mark(busy);
  b.step(fn, 'the folio is locked by somebody else: unlock the PTL, give up', (c) => {
    dropWrite(c, w.ptl(c.reg(table)));
    c.setReg(table, 0);
    c.setReg(folio, 0);
    return fail;
  });
  b.mark(next);
}

/** With `keep`, every folio is unlocked when all are where they belong. */
function unlockFolios({ b, w }: Kit, folios: readonly Register[]): void {
  if (w.behaviours.relocate_folio_lock !== 'keep') return;
  b.step('relocate_anon_folios', 'unlock the folios', (c) => {
    for (const r of folios) {
      if (c.reg(r) !== 0) dropWrite(c, w.folioLock(c.reg(r) - 1));
      c.setReg(r, 0);
    }
  });
}
