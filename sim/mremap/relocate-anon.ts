/**
 * MREMAP_RELOCATE_ANON, mm/mremap.c as posted to linux-mm on 9 June 2025 and never merged: a move
 * after which anonymous memory is as if it had been born at its new address. Every folio gets the
 * anon_vma and the index of the destination, before the page tables move, so that the destination
 * may merge with its neighbours there. Not modelled: large folios that are mapped by PTEs are
 * relocated page by page, without the split that the posting may have to make.
 */
import type { Relocation, Vpn } from '../../machine/index.js';
import type { Run } from '../extents.js';
import { splitHugePmd } from '../pagetable/split-huge.js';
import { isKsm } from '../pagetable/ksm.js';
import { isFrame } from '../pagetable/page-tables.js';
import type { Folio } from '../rmap/folio.js';
import { atPage, number, sizeOf, text } from '../values.js';
import type { Relocated, RelocatedRange as Range } from '../vma/effects.js';
import type { Mm } from '../vma/mm.js';
import { isAnonymous, pgoffAt, type VmArea } from '../vma/vm-area.js';
import { VM } from '../vma/vm-flags.js';

/** What keeps a VMA from being relocated. MREMAP_MUST_RELOCATE_ANON fails for all but the first: there is nothing to relocate. */
export type Ineligible = 'unfaulted' | 'special' | 'hugetlb' | 'file' | 'shared by a fork';

/** should_relocate_anon() */
export function ineligible(mm: Mm, vma: VmArea): Ineligible | null {
  if (vma.flags & VM.HUGETLB) return 'hugetlb';
  if (vma.file?.special === true || vma.flags & VM.DONTEXPAND) return 'special';
  if (!isAnonymous(vma)) return 'file';
  if (vma.anonVma === null) return 'unfaulted';
  return maybeAnonShared(mm, vma, vma.anonVma) ? 'shared by a fork' : null;
}

/** vma_maybe_has_shared_anon_folios(): a parent whose pages were not copied yet, or a child that lives. */
function maybeAnonShared(mm: Mm, vma: VmArea, id: number): boolean {
  const anonVma = mm.anonVmas.get(id);
  // A root counts itself among its children.
  return vma.chain.length > 1 || (anonVma?.numChildren ?? 0) > (anonVma?.root === id ? 1 : 0);
}

/** relocate_anon_folios(), forwards: what the pages of the source are known by becomes what the destination says. */
export function relocateFolios(mm: Mm, range: Range): Relocated {
  const { src, dst, addr, newAddr, pages } = range;
  let folios = 0;
  let skipped = 0;
  splitMisaligned(mm, range);
  for (const run of mm.pageTables.leafRuns(addr, addr + pages)) {
    if (!isFrame(run.value) || isKsm(run.value)) continue;
    for (const part of mm.memory.folioRuns(run.value.pfn, run.count)) {
      const at = run.start + (part.start - run.value.pfn);
      if (!('anonVma' in part.value.mapping)) continue;
      if (mm.memory.isPinned(part.start) && mm.behaviours.pin_policy !== 'ignore') {
        const huge = mm.pageTables.hugeAt(at) !== undefined;
        if (huge || mm.behaviours.pin_policy === 'fail') {
          const why = huge ? 'a huge page is pinned' : 'a page is pinned';
          mm.recorder.step(mm.functions.relocateAnon, 'refused', 'relocate.refused', `cannot relocate: ${why}`, () => [
            atPage(mm, 'at', at),
            number('pincount', mm.memory.pincount(part.start)),
          ]);
          return { folios, skipped, failed: { at, why } };
        }
        skipped += part.count;
        continue;
      }
      setFolio(mm, part, dst.anonVma, pgoffAt(dst, newAddr + (at - addr)));
      folios += part.count;
    }
  }
  mm.recorder.step(mm.functions.relocateAnon, 'done', 'relocate.done', 'gave the pages the anon_vma and the index of the destination', () => [
    number('pages', folios),
    ...(skipped > 0 ? [number('pinned, left as they were', skipped)] : []),
    text('anon_vma', `${src.anonVma} → ${dst.anonVma}`),
    text('vm_pgoff', `0x${pgoffAt(src, addr).toString(16)} → 0x${dst.pgoff.toString(16)}`),
  ]);
  return { folios, skipped, failed: null };
}

/**
 * Undoes it: the pages of [from, to) get the anon_vma and index of the source again. This walk meets the same
 * pins as the first; one that came in between, by a concurrent GUP-fast, would stop it, and
 * that is what the review asked about.
 * @returns how many were brought back
 */
export function undoRelocation(mm: Mm, { src, addr }: Range, from: Vpn, to: Vpn): number {
  let undone = 0;
  for (const run of mm.pageTables.leafRuns(from, to)) {
    if (!isFrame(run.value) || isKsm(run.value)) continue;
    for (const part of mm.memory.folioRuns(run.value.pfn, run.count)) {
      if (!('anonVma' in part.value.mapping) || (mm.memory.isPinned(part.start) && mm.behaviours.pin_policy !== 'ignore')) continue;
      const at = run.start + (part.start - run.value.pfn);
      setFolio(mm, part, src.anonVma, pgoffAt(src, addr) + (at - addr));
      undone += part.count;
    }
  }
  mm.recorder.step(mm.functions.relocateAnon, 'done', 'relocate.undone', 'gave the pages back the anon_vma and the index of the source', () => [
    number('pages', undone),
    atPage(mm, 'from', from),
    sizeOf(mm, 'len', to - from),
  ]);
  return undone;
}

/** A huge entry can only be relocated as one if it moves as one. */
function splitMisaligned(mm: Mm, { addr, newAddr, pages }: Range): void {
  const block = mm.pageTables.tableSpan(0);
  for (const run of mm.pageTables.hugeRuns(addr, addr + pages)) {
    for (let at = run.start; at < run.start + run.count; at += block) {
      if ((newAddr - addr) % block !== 0 || at < addr || at + block > addr + pages) splitHugePmd(mm.pageTables, at);
    }
  }
}

function setFolio(mm: Mm, part: Run<Folio>, anonVma: number | null, index: number): void {
  if (anonVma === null) return;
  mm.memory.update(part.start, part.count, (folio, offset) => ({ ...folio, mapping: { anonVma }, index: index + offset }));
}

/** What the record says of a call with one of the two flags. */
export const relocation = (outcome: Relocation['outcome'], more: Partial<Omit<Relocation, 'outcome'>> = {}): Relocation => ({ outcome, folios: 0, skipped: 0, undone: 0, ...more });
