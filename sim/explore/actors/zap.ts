/** Taking entries out of page tables, and giving the pages back once no TLB holds them: mm/memory.c, mm/mmu_gather.c. */
import type { Vpn } from '../../../machine/index.js';
import { frameOf, isDevmap, isTable, mapsFrame, NONE, tableOf } from '../entries.js';
import { dropRead, isFree } from '../locks.js';
import { flushTlb, getFolio, putFolio, removeRmap } from '../memory.js';
import { BLOCKED, type Register, type Run } from '../program.js';
import type { World } from '../world.js';
import { finish, lockRead, RESULT, type Kit } from './kit.js';

/** Pages that were unmapped and are given back after the flush: a register for each page of the range. */
type Gathered = readonly { readonly at: Vpn; readonly frame: Register }[];

/** zap_pte_range(), block by block: each block's entries go under its PTL. */
export function zapSteps(kit: Kit, from: Vpn, to: Vpn, beforeZap?: (c: Run, at: Vpn, entry: number) => void): Gathered {
  const { b, w, mm } = kit;
  const gathered: { at: Vpn; frame: Register }[] = [];
  const blocks = new Map<number, Vpn[]>();
  for (const at of w.pagesIn(from, to)) blocks.set(w.blockOf(at), [...(blocks.get(w.blockOf(at)) ?? []), at]);
  for (const [block, pages] of blocks) {
    const own = pages.map((at) => ({ at, frame: b.reg() }));
    gathered.push(...own);
    b.step('zap_pte_range', `under the PTL: clear the entries of ${pages.map((at) => w.hex(at)).join(', ')}`, (c) => {
      const pmd = c.get(w.pmd(mm, block));
      if (isDevmap(pmd)) return zapHuge(kit, c, block, own);
      if (!isTable(pmd)) return undefined;
      if (!isFree(c, w.ptl(tableOf(pmd)))) return BLOCKED;
      for (const { at, frame } of own) {
        const cell = w.pte(tableOf(pmd), w.offsetOf(at));
        const entry = c.get(cell);
        if (entry === NONE) continue;
        beforeZap?.(c, at, entry);
        c.set(cell, NONE);
        if (!mapsFrame(entry)) continue;
        getFolio(w, c, frameOf(entry));
        removeRmap(w, c, entry);
        c.setReg(frame, frameOf(entry) + 1);
      }
      return undefined;
    });
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

/** tlb_finish_mmu(): first the flush, then the pages. */
export function finishGather(kit: Kit, from: Vpn, to: Vpn, gathered: Gathered): void {
  const { b, w, mm } = kit;
  if (gathered.length === 0) return;
  const any = (c: Run): boolean => gathered.some(({ frame }) => c.reg(frame) !== 0);
  b.step('tlb_flush_mmu', `flush the TLBs of [${w.hex(from)}, ${w.hex(to)})`, (c) => (any(c) ? flushTlb(w, c, mm, from, to) : undefined));
  b.step('tlb_batch_pages_flush', 'free the pages that nobody uses any more', (c) => freeGathered(w, c, gathered));
}

function freeGathered(w: World, c: Run, gathered: Gathered): void {
  for (const { frame } of gathered) {
    if (c.reg(frame) === 0) continue;
    putFolio(w, c, c.reg(frame) - 1);
    c.setReg(frame, 0);
  }
}

/** madvise(MADV_DONTNEED), mm/madvise.c: the pages go, the mapping stays. */
export function madviseDontneed(kit: Kit, from: Vpn, to: Vpn): void {
  const { b, w, mm } = kit;
  lockRead(kit, 'madvise_lock', 'mmap_read_lock()', () => w.mmapLock(mm));
  const gathered = zapSteps(kit, from, to);
  finishGather(kit, from, to, gathered);
  b.step('madvise_unlock', 'mmap_read_unlock()', (c) => {
    dropRead(c, w.mmapLock(mm));
    finish(kit, c, RESULT.ok);
  });
}
