/** What an operation does to pages and tables, on a machine where nobody comes in between: all of it at once, over runs of pages. */
import type { Pages, Vpn } from '../../machine/index.js';
import { relocateFolios, undoRelocation } from '../mremap/relocate-anon.js';
import type { Effects, PagetableMove, Region, Relocated, RelocatedRange } from '../vma/effects.js';
import type { Mm } from '../vma/mm.js';
import type { VmArea } from '../vma/vm-area.js';
import { copyPageRange } from './copy.js';
import { freePgtables } from './free.js';
import { unshareKsm } from './ksm.js';
import { isFrame } from './page-tables.js';
import { moveExtents } from './move.js';
import { populateIgnoringErrors } from './populate.js';
import { discardRange, reclaimPageTables, unmapVmas } from './zap.js';

export class ExtentEffects implements Effects<Mm> {
  /** @param stepwise whether moves take every step of the kernel's loop by itself; both ways leave the same record */
  constructor(
    private readonly mm: Mm,
    private readonly stepwise = false,
  ) {}

  part(): void {
    // Outside races nobody watches the tree change.
  }

  vmasChanged(): void {
    // The tree itself is all there is to it.
  }

  startWrite(): void {
    // Nobody faults meanwhile.
  }

  unmapRegion({ vmas, floor, ceiling }: Region): void {
    unmapVmas(this.mm, vmas);
    freePgtables(this.mm, vmas, floor, ceiling);
  }

  freeTables(range: { readonly start: Vpn; readonly end: Vpn }, floor: Vpn, ceiling: Vpn): void {
    freePgtables(this.mm, [range], floor, ceiling);
  }

  protect(): void {
    // What may be done with a page follows from its VMA here.
  }

  giveUp(from: Vpn, to: Vpn): void {
    const { memory, pageTables } = this.mm;
    memory.givenUp = true;
    for (const run of pageTables.entries.list(from, to)) {
      if (isFrame(run.value)) memory.update(run.value.pfn, run.count, (folio) => (folio.mapcount === 1 ? { ...folio, lazyFree: true } : folio));
    }
  }

  discard(from: Vpn, to: Vpn): void {
    discardRange(this.mm, from, to);
  }

  reclaimTables(from: Vpn, to: Vpn): void {
    reclaimPageTables(this.mm, from, to);
  }

  moveTables(move: PagetableMove, down: Pages): Pages {
    return moveExtents(this.mm, move, down, this.stepwise);
  }

  unshareKsm(from: Vpn, to: Vpn): void {
    unshareKsm(this.mm, from, to);
  }

  relocate(range: RelocatedRange): Relocated {
    return relocateFolios(this.mm, range);
  }

  undoRelocation(range: RelocatedRange, from: Vpn, to: Vpn): number {
    return undoRelocation(this.mm, range, from, to);
  }

  endRelocation(): void {
    // No lock is held.
  }

  populate(from: Vpn, to: Vpn): void {
    populateIgnoringErrors(this.mm, from, to);
  }

  flush(): void {
    // Nobody has translated anything.
  }

  copyPages(child: Mm, vma: VmArea, copy: VmArea): void {
    copyPageRange(this.mm, child, vma, copy);
  }
}
