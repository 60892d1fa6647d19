/**
 * Guard regions (MADV_GUARD_INSTALL, mm/madvise.c, v6.13): entries that are not pages and that end
 * every access with SIGSEGV, at no VMA's cost.
 */
import type { Vpn } from '../../machine/index.js';
import type { Mm } from '../vma/mm.js';
import { allocPath } from './map.js';
import { GUARD_PFN } from './page-tables.js';
import { zapRange } from './zap.js';

/** Replaces the pages of the range by guards. */
export function installGuards(mm: Mm, from: Vpn, to: Vpn): void {
  zapRange(mm, from, to);
  allocPath(mm, 0, from, to);
  mm.pageTables.entries.set(from, to - from, { pfn: GUARD_PFN });
}

/** Takes the guards of the range away, and only them. */
export function removeGuards(mm: Mm, from: Vpn, to: Vpn): void {
  for (const run of mm.pageTables.entries.list(from, to)) {
    if (run.value.pfn === GUARD_PFN) mm.pageTables.entries.clear(run.start, run.start + run.count);
  }
}
