/** unmap_region(): unmap_vmas() and free_pgtables(), mm/memory.c; the VMAs are out of the tree already. */
import { isTable, NONE, tableOf } from '../entries.js';
import { isFree } from '../locks.js';
import { BLOCKED, type Register } from '../program.js';
import type { Act, Tables } from '../script.js';
import { canUnlink, removeVma } from '../vmas.js';
import type { Kit } from './kit.js';
import { finishGather, zapSteps } from './zap.js';

type Unmap = Extract<Act, { kind: 'unmap' }>;

/** The pages go, then the tables, and with the flush behind them they are given back. */
export function unmapRegion(kit: Kit, { vmas, from, to, tables, moved }: Unmap): void {
  const { b, w } = kit;
  const gathered = zapSteps(kit, from, to, {
    beforeZap: (c) => {
      if (moved) w.break(c, 'lost_page');
    },
  });
  b.step('free_pgtables', 'unlink the VMAs from their reverse maps', (c) => {
    if (!canUnlink(w, c, vmas)) return BLOCKED;
    for (const v of vmas) removeVma(w, c, v);
    return undefined;
  });
  finishGather(kit, from, to, gathered, takeOut(kit, tables));
}

/** free_pgd_range() by itself, with the flush that belongs to it. */
export function freeTables(kit: Kit, tables: Tables): void {
  const gone = takeOut(kit, tables);
  for (const { start, end } of tables.ranges) finishGather(kit, start, end, [], gone);
}

/** The modelled tables that lie between what is mapped below and above: each, + 1, is left in a register. */
function takeOut({ b, w, mm }: Kit, { ranges, floor, ceiling }: Tables): Register[] {
  const gone: Register[] = [];
  const [lowest, highest] = [Math.ceil(floor / w.span), Math.floor(ceiling / w.span)];
  for (const block of new Set(w.pages.map((at) => Math.floor(at / w.span)))) {
    const within = ranges.some(({ start, end }) => block >= Math.max(lowest, Math.floor(start / w.span)) && block < Math.min(highest, Math.ceil(end / w.span)));
    if (!within) continue;
    const table = b.reg();
    gone.push(table);
    const cell = w.pmd(mm, w.blockOf(w.pages.find((at) => Math.floor(at / w.span) === block) ?? 0));
    b.step('free_pgd_range', `take out the PTE table of ${w.hex(block * w.span)}: nothing else is there`, (c) => {
      const pmd = c.get(cell);
      if (!isTable(pmd)) return undefined;
      if (!isFree(c, w.pmdLock(mm))) return BLOCKED;
      c.set(cell, NONE);
      c.setReg(table, tableOf(pmd) + 1);
      return undefined;
    });
  }
  return gone;
}
