/**
 * free_pgtables(), mm/memory.c: the tables that no VMA can need any more. Only VMAs count, not
 * entries: every table under an unmapped VMA whose whole span lies between the end of the VMA below
 * (floor) and the start of the VMA above (ceiling) goes, also one that had been empty for long.
 */
import type { Vpn } from '../../machine/index.js';
import type { Mm } from '../vma/mm.js';

export function freePgtables(mm: Mm, unmapped: readonly { start: Vpn; end: Vpn }[], floor: Vpn, ceiling: Vpn): void {
  const { pageTables, recorder } = mm;
  for (let k = 0; k < pageTables.depth; k++) {
    const span = pageTables.tableSpan(k);
    const lowest = Math.ceil(floor / span);
    const highest = Math.floor(ceiling / span);
    // Where no table of this level fits in between, none of the next does.
    if (lowest >= highest) return;
    for (const vma of unmapped) {
      const freed = pageTables.free(k, Math.max(lowest, Math.floor(vma.start / span)), Math.min(highest, Math.ceil(vma.end / span)));
      recorder.tablesFreed(pageTables.levelName(k), freed);
    }
  }
}
