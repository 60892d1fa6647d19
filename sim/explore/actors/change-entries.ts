/** Entries that stay, and change: change_pte_range(), mm/mprotect.c; madvise_free_pte_range(), mm/madvise.c, as in v6.1 to v6.18. */
import type { Vpn } from '../../../machine/index.js';
import { DIRTY, frameOf, isPresent, isTable, mapsFrame, MIGRATION, NONE, SWAP, tableEntry, tableOf, WRITE } from '../entries.js';
import { isFree } from '../locks.js';
import { flushTlb } from '../memory.js';
import { BLOCKED, type Label, type Run } from '../program.js';
import { rcuReadLock, rcuReadUnlock, touchTable } from '../rcu.js';
import { isShared } from '../vmas.js';
import { FILE_MAPPING, type World } from '../world.js';
import type { Kit } from './kit.js';

interface Change {
  readonly from: Vpn;
  readonly to: Vpn;
  readonly pmdFn: string;
  readonly fn: string;
  readonly say: string;
  /** What becomes of an entry. */
  readonly change: (w: World, c: Run, at: Vpn, entry: number) => number;
}

/** change_protection(): a store is allowed at once only to a page that is nobody else's; any other faults first. */
export function changeProtection(kit: Kit, from: Vpn, to: Vpn, writable: boolean): void {
  const { mm } = kit;
  const forbid = (entry: number): number => (isPresent(entry) || entry & MIGRATION ? entry & ~WRITE : entry);
  changeEntries(kit, {
    from,
    to,
    pmdFn: 'change_pmd_range',
    fn: 'change_pte_range',
    say: writable ? 'allow stores to pages of its own' : 'forbid stores',
    change: (w, c, at, entry) => (!writable ? forbid(entry) : mayWrite(w, c, mm, at, entry) ? entry | WRITE : entry),
  });
}

/** can_change_pte_writable() */
function mayWrite(w: World, c: Run, mm: number, at: Vpn, entry: number): boolean {
  if (!isPresent(entry) || !mapsFrame(entry)) return false;
  const f = frameOf(entry);
  if (c.get(w.frame(f, 'mapping')) < FILE_MAPPING) return c.get(w.frame(f, 'exclusive')) !== 0;
  const vma = w.vmaAt(c, mm, at);
  return vma >= 0 && isShared(w.shapeOf(c, vma));
}

/** MADV_FREE: entries become clean, so that a later store shows; pages that another process maps are left alone. */
export function giveUpPages(kit: Kit, from: Vpn, to: Vpn): void {
  changeEntries(kit, {
    from,
    to,
    pmdFn: 'madvise_free_pte_range',
    fn: 'madvise_free_pte_range',
    say: 'make the entries clean, their pages may go',
    change: (w, c, _, entry) => giveUp(w, c, entry),
  });
}

function giveUp(w: World, c: Run, entry: number): number {
  // What is in swap is not wanted back.
  if (entry & SWAP) return NONE;
  if (!mapsFrame(entry)) return entry;
  const f = frameOf(entry);
  const cached = c.get(w.frame(f, 'cached')) !== 0;
  if (c.get(w.frame(f, 'mapping')) >= FILE_MAPPING || c.get(w.frame(f, 'mapcount')) !== 1 || (cached && !isFree(c, w.folioLock(f)))) return entry;
  if (cached) c.set(w.frame(f, 'cached'), 0);
  c.set(w.frame(f, 'lazy'), 1);
  return entry & ~DIRTY;
}

/** Block by block: the PMD entry is read, the entries change under the PTL of the table it named; then the TLBs are flushed. */
function changeEntries({ b, w, mm }: Kit, { from, to, pmdFn, fn, say, change }: Change): void {
  const changed = b.reg();
  const recheck = w.behaviours.pte_map_recheck === 'yes';
  const blocks = new Map<number, Vpn[]>();
  for (const at of w.pagesIn(from, to)) blocks.set(w.blockOf(at), [...(blocks.get(w.blockOf(at)) ?? []), at]);
  for (const [block, pages] of blocks) {
    const [table, again, next] = [b.reg(), b.label(), b.label()];
    const first = pages[0] as Vpn;
    b.mark(again);
    b.step(pmdFn, `read the PMD entry of ${w.hex(first - (first % w.span))}`, (c): Label | undefined => {
      const pmd = c.get(w.pmd(mm, block));
      if (!isTable(pmd)) return next;
      if (recheck) rcuReadLock(w, c);
      c.setReg(table, tableOf(pmd));
      return undefined;
    });
    b.step(fn, `under the PTL: ${say}, at ${pages.map((at) => w.hex(at)).join(', ')}`, (c) => {
      const t = c.reg(table);
      if (!isFree(c, w.ptl(t))) return BLOCKED;
      rcuReadUnlock(w, c);
      touchTable(w, c, t);
      if (recheck && c.get(w.pmd(mm, block)) !== tableEntry(t)) return again;
      for (const at of pages) {
        const cell = w.pte(t, w.offsetOf(at));
        const entry = c.get(cell);
        const now = change(w, c, at, entry);
        if (now === entry) continue;
        c.set(cell, now);
        c.setReg(changed, 1);
      }
      return undefined;
    });
    b.mark(next);
  }
  b.step('tlb_finish_mmu', `flush the TLBs of [${w.hex(from)}, ${w.hex(to)})`, (c) => {
    if (c.reg(changed) !== 0 && flushTlb(w, c, mm, from, to) === BLOCKED) return BLOCKED;
    c.setReg(changed, 0);
    return undefined;
  });
}
