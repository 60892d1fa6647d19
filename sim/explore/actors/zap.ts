/** Taking entries out of page tables, and giving the pages back once no TLB holds them: mm/memory.c, mm/mmu_gather.c, mm/pt_reclaim.c, as in v6.1 to v6.18. */
import type { Vpn } from '../../../machine/index.js';
import { frameOf, isDevmap, isPresent, isTable, mapsFrame, MARKER, NONE, tableEntry, tableOf, ZERO_FRAME } from '../entries.js';
import { isFree } from '../locks.js';
import { flushTlb, getFolio, putFolio, removeRmap } from '../memory.js';
import { BLOCKED, type Label, type Register, type Run } from '../program.js';
import { isQuiet, rcuReadLock, rcuReadUnlock, touchTable } from '../rcu.js';
import { FREED, type World } from '../world.js';
import type { Kit } from './kit.js';

/** Pages that were unmapped and are given back after the flush: a register for each page of the range. */
export type Gathered = readonly { readonly at: Vpn; readonly frame: Register }[];

export interface Zapping {
  /** Guards stay. */
  readonly keepsMarkers?: boolean;
  readonly beforeZap?: (c: Run, at: Vpn, entry: number) => void;
  /** Tables of blocks that are zapped whole go too, if they are empty: each, + 1, is left here. */
  readonly reclaimed?: Register[];
}

/** zap_pmd_range(), zap_pte_range(), block by block: first the PMD entry is read, then the entries go under the PTL of the table it named. */
export function zapSteps(kit: Kit, from: Vpn, to: Vpn, { beforeZap, reclaimed, keepsMarkers = false }: Zapping = {}): Gathered {
  const { b, w, mm } = kit;
  const gathered: { at: Vpn; frame: Register }[] = [];
  const blocks = new Map<number, Vpn[]>();
  for (const at of w.pagesIn(from, to)) blocks.set(w.blockOf(at), [...(blocks.get(w.blockOf(at)) ?? []), at]);
  const recheck = w.behaviours.pte_map_recheck === 'yes';
  for (const [block, pages] of blocks) {
    const own = pages.map((at) => ({ at, frame: b.reg() }));
    gathered.push(...own);
    const [table, again, next] = [b.reg(), b.label(), b.label()];
    const start = (pages[0] as Vpn) - ((pages[0] as Vpn) % w.span);
    const free = reclaimed !== undefined && from <= start && start + w.span <= to ? b.reg() : null;
    if (free !== null) reclaimed?.push(free);
    b.mark(again);
    b.step('zap_pmd_range', `read the PMD entry of ${w.hex(start)}`, (c): Label | typeof BLOCKED | undefined => {
      const pmd = c.get(w.pmd(mm, block));
      if (isDevmap(pmd)) return zapHuge(kit, c, block, own) ?? next;
      if (!isTable(pmd)) return next;
      if (recheck) rcuReadLock(w, c);
      c.setReg(table, tableOf(pmd));
      return undefined;
    });
    b.step('zap_pte_range', `under the PTL: clear the entries of ${pages.map((at) => w.hex(at)).join(', ')}`, (c) => {
      const t = c.reg(table);
      if (!isFree(c, w.ptl(t))) return BLOCKED;
      rcuReadUnlock(w, c);
      touchTable(w, c, t);
      if (recheck && c.get(w.pmd(mm, block)) !== tableEntry(t)) return again;
      for (const { at, frame } of own) {
        const cell = w.pte(t, w.offsetOf(at));
        const entry = c.get(cell);
        if (entry === NONE || (keepsMarkers && entry & MARKER)) continue;
        beforeZap?.(c, at, entry);
        c.set(cell, NONE);
        // The page of zeroes is nobody's, but TLBs have it too.
        if (!isPresent(entry)) continue;
        if (mapsFrame(entry)) getFolio(w, c, frameOf(entry));
        removeRmap(w, c, entry);
        c.setReg(frame, frameOf(entry) + 1);
      }
      if (free === null) return undefined;
      // try_get_and_clear_pmd(): while the PTL is held nobody can have put anything in; guards are left.
      if (!isFree(c, w.pmdLock(mm)) || own.some(({ at }) => c.get(w.pte(t, w.offsetOf(at))) !== NONE)) return undefined;
      c.set(w.pmd(mm, block), NONE);
      c.setReg(free, t + 1);
      return next;
    });
    if (free !== null) {
      b.step('try_to_free_pte', `PMD lock, PTL: the table of ${w.hex(start)} goes, if it is empty still`, (c) => {
        const pmd = c.get(w.pmd(mm, block));
        if (!isFree(c, w.pmdLock(mm)) || (isTable(pmd) && !isFree(c, w.ptl(tableOf(pmd))))) return BLOCKED;
        if (!isTable(pmd)) return undefined;
        for (let o = 0; o < w.offsets; o++) if (c.get(w.pte(tableOf(pmd), o)) !== NONE) return undefined;
        c.set(w.pmd(mm, block), NONE);
        c.setReg(free, tableOf(pmd) + 1);
        return undefined;
      });
    }
    b.mark(next);
  }
  return gathered;
}

/** zap_huge_pmd(); of a part __split_huge_pmd(), which throws a file's entry away too: whoever wants the rest faults. */
function zapHuge({ w, mm }: Kit, c: Run, block: number, own: Gathered): typeof BLOCKED | undefined {
  if (!isFree(c, w.pmdLock(mm))) return BLOCKED;
  const first = (own[0] as Gathered[number]).at;
  const start = first - (first % w.span);
  const frames = own.map(({ at }) => frameOf(w.entryAt(c, mm, at)));
  // Pages of the block that are not in the range are flushed at once, for nobody does it later.
  if (flushTlb(w, c, mm, start, start + w.span) === BLOCKED) return BLOCKED;
  c.set(w.pmd(mm, block), NONE);
  own.forEach(({ frame }, i) => {
    getFolio(w, c, frames[i] as number);
    c.setReg(frame, (frames[i] as number) + 1);
  });
  return undefined;
}

/** tlb_finish_mmu(): first the flush, then tables and pages. */
export function finishGather(kit: Kit, from: Vpn, to: Vpn, gathered: Gathered, tables: readonly Register[] = []): void {
  const { b, w, mm } = kit;
  if (gathered.length === 0 && tables.length === 0) return;
  const any = (c: Run): boolean => gathered.some(({ frame }) => c.reg(frame) !== 0) || tables.some((t) => c.reg(t) !== 0);
  b.step('tlb_flush_mmu', `flush the TLBs of [${w.hex(from)}, ${w.hex(to)})`, (c) => (any(c) ? flushTlb(w, c, mm, from, to) : undefined));
  if (tables.length > 0) b.step('tlb_remove_table', 'free the tables, when no RCU section runs that began before', (c) => freeTables(w, c, tables));
  if (gathered.length > 0) b.step('tlb_batch_pages_flush', 'free the pages that nobody uses any more', (c) => freeGathered(w, c, gathered));
}

/** tlb_remove_table_free(): a table is freed once no CPU can be walking it, which takes a grace period of RCU. */
export function freeTables(w: World, c: Run, tables: readonly Register[]): typeof BLOCKED | undefined {
  const gone = tables.filter((t) => c.reg(t) !== 0);
  if (gone.length > 0 && !isQuiet(w, c)) return BLOCKED;
  for (const t of gone) {
    c.set(w.table(c.reg(t) - 1), FREED);
    c.setReg(t, 0);
  }
  return undefined;
}

function freeGathered(w: World, c: Run, gathered: Gathered): void {
  for (const { frame } of gathered) {
    if (c.reg(frame) === 0) continue;
    if (c.reg(frame) - 1 !== ZERO_FRAME) putFolio(w, c, c.reg(frame) - 1);
    c.setReg(frame, 0);
  }
}
