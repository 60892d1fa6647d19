/**
 * MREMAP_RELOCATE_ANON as posted in June 2025 (mm/mremap.c, relocate_anon_folios()): the folios of
 * the range get the anon_vma and the index that a fresh mapping at the new place would have given
 * them, before the page tables move; what was relocated is put back when one of them cannot be. Whether
 * it is tried at all, and what becomes of a call whose relocation fails, has been decided (sim/mremap/destination.ts).
 */
import type { Vpn } from '../../../machine/index.js';
import { frameOf, isTable, mapsFrame, tableOf } from '../entries.js';
import { dropWrite, takeWrite, tryWrite, type Lock } from '../locks.js';
import { BLOCKED, type Label, type Register, type Run } from '../program.js';
import { ALL, type Act, type RelocateAct } from '../script.js';
import { FILE_MAPPING } from '../world.js';
import { lockWrite, unlockWrite, type Kit } from './kit.js';

/** The folios of a relocation that is not over: with `keep` they stay locked until it is. */
export type Held = { readonly at: Vpn; readonly folio: Register }[];

const newLock = ({ w }: Kit, { to }: RelocateAct): Lock => w.anonLock(to.anonVma);

export function relocateFolios(kit: Kit, act: RelocateAct, held: Held, resume: (answer: number) => Label): void {
  const { b, w } = kit;
  const { addr, newAddr, pages } = act.range;
  if (w.behaviours.relocate_lock === 'yes') lockWrite(kit, 'relocate_anon_folios', 'anon_vma_lock_write() of the new one', () => newLock(kit, act));
  held.push(...w.pagesIn(addr, addr + pages).map((at) => ({ at, folio: b.reg() })));
  const fails = held.map(() => b.label());
  held.forEach(({ at, folio }, i) => {
    const home = { anonVma: act.to.anonVma, index: newAddr + (at - addr) };
    relocateFolio(kit, { at, way: 'relocate', folio, home, fail: fails[i] as Label });
  });
  b.step('relocate_anon_folios', 'all are relocated', () => resume(ALL));
  held.forEach(({ at }, i) => {
    b.mark(fails[i] as Label);
    b.step('relocate_anon_folios', `the folio of ${w.hex(at)} cannot be relocated`, () => resume(at - addr));
  });
}

/** undo_relocate_anon_folios(): it ends where a folio cannot be put back. */
export function undoRelocation(kit: Kit, { from, to, by }: Extract<Act, { kind: 'undo' }>, held: Held): void {
  const undone = kit.b.label();
  const { src } = by.range;
  for (const { at, folio } of held) {
    if (at < from || at >= to) continue;
    const home = { anonVma: by.from.anonVma, index: src.pgoff + (at - src.start) };
    relocateFolio(kit, { at, way: 'undo', folio, home, fail: undone, current: by.to.anonVma });
  }
  kit.b.mark(undone);
}

/** The folios that stayed locked, and the new anon_vma, are unlocked. */
export function endRelocation(kit: Kit, by: RelocateAct, held: Held): void {
  const { b, w } = kit;
  const folios = held.splice(0);
  if (w.behaviours.relocate_folio_lock === 'keep') {
    b.step('relocate_anon_folios', 'unlock the folios', (c) => {
      for (const { folio: r } of folios) {
        if (c.reg(r) !== 0) dropWrite(c, w.folioLock(c.reg(r) - 1));
        c.setReg(r, 0);
      }
    });
  }
  if (w.behaviours.relocate_lock === 'yes') unlockWrite(kit, 'relocate_anon_folios', 'anon_vma_unlock_write() of the new one', () => newLock(kit, by));
}

interface Home {
  readonly anonVma: number;
  readonly index: number;
}

interface One {
  readonly at: Vpn;
  readonly way: 'relocate' | 'undo';
  /** The folio, as frame + 1, while it is looked at; with `keep` until everything is over. */
  readonly folio: Register;
  readonly home: Home;
  readonly fail: Label;
  /** Undo leaves folios alone that do not belong to this anon_vma. */
  readonly current?: number;
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
    if (mapping === 0 || mapping >= FILE_MAPPING || (current !== undefined && mapping !== current + 1)) return next;
    if (!takeWrite(c, w.ptl(tableOf(pmd)), (cells) => w.break(cells, 'lock_order'))) return BLOCKED;
    c.setReg(table, tableOf(pmd));
    c.setReg(folio, frameOf(entry) + 1);
    return undefined;
  });
  if (locking === 'under_ptl') lockWrite({ b, w, mm, ...kit }, fn, 'folio_lock(), with the PTL held', lock);
  if (locking === 'keep' && way === 'relocate') b.step(fn, 'folio_trylock(), and keep it locked', (c) => (tryWrite(c, lock(c)) ? undefined : busy));
  if (policy !== 'ignore') b.step(fn, 'folio_maybe_dma_pinned()?', (c) => (c.get(w.frame(c.reg(folio) - 1, 'pins')) > 0 ? pinned : undefined));
  const writes = [
    (): void => b.step(fn, `folio->mapping = the ${way === 'undo' ? 'old' : 'new'} anon_vma`, (c) => c.set(w.frame(c.reg(folio) - 1, 'mapping'), home.anonVma + 1)),
    (): void => b.step(fn, `folio->index = its ${way === 'undo' ? 'old' : 'new'} place`, (c) => c.set(w.frame(c.reg(folio) - 1, 'index'), w.numberId(home.index))),
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
