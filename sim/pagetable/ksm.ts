/** Pages that KSM merged (mm/ksm.c): many entries, one frame, which nobody may write to. */
import type { Vpn } from '../../machine/index.js';
import type { Mm } from '../vma/mm.js';
import { copyOnWrite } from './fault-anon.js';
import { isFrame, PTE, type Pte } from './page-tables.js';

export const isKsm = (pte: Pte): boolean => pte.flags === PTE.KSM;
/** An entry that maps an anonymous frame of its own, here and now. */
export const isAnonymousFrame = (pte: Pte): boolean => isFrame(pte) && pte.flags === undefined;

/** unmerge_ksm_pages(): every page of the range gets a copy of its own again. A move does this first. */
export function unshareKsm(mm: Mm, from: Vpn, to: Vpn): void {
  for (const run of mm.pageTables.entries.list(from, to)) {
    const vma = mm.lookup(run.start);
    if (isKsm(run.value) && vma !== undefined && vma.anonVma !== null) copyOnWrite(mm, vma, vma.anonVma, run);
  }
}
