/**
 * rmap_walk() (mm/rmap.c): from a page to every VMA that may map it. The VMAs of its anon_vma, or of
 * its file, whose page offsets hold its index come in ascending order of where they begin, those
 * that begin alike in the order in which they went into the interval tree.
 */
import type { Pages, RmapVisit, Vpn } from '../../machine/index.js';
import type { Run } from '../extents.js';
import type { Kernel } from '../kernel.js';
import { PTE, type Pte } from '../pagetable/page-tables.js';
import type { Mm } from '../vma/mm.js';
import { pagesOf, type VmArea } from '../vma/vm-area.js';
import { ZERO_PFN, type Folio } from './folio.js';

/** The trees of anon_vmas and of files go by different page offsets. */
const firstIndex = (mapping: Folio['mapping'], vma: VmArea): number => ('anonVma' in mapping ? vma.anonPgoff : vma.pgoff);

export interface Candidate {
  readonly mm: Mm;
  readonly vma: VmArea;
}

/** The VMAs in the tree of the folio's mapping that hold any of `count` indices from its own on, in the order of a walk. */
export function candidates(kernel: Kernel<Mm>, { mapping, index }: Pick<Folio, 'mapping' | 'index'>, count: Pages): Candidate[] {
  const inTree = (vma: VmArea): boolean => ('anonVma' in mapping ? vma.chain.includes(mapping.anonVma) : 'object' in mapping && vma.file?.id === mapping.object);
  const found: Candidate[] = [];
  for (const mm of kernel.mms) {
    for (const vma of mm.vmas.values()) {
      const first = firstIndex(mapping, vma);
      if (inTree(vma) && first < index + count && first + pagesOf(vma) > index) found.push({ mm, vma });
    }
  }
  return found.sort((a, b) => firstIndex(mapping, a.vma) - firstIndex(mapping, b.vma) || (a.vma.queue ?? 0) - (b.vma.queue ?? 0));
}

/** Entries of one process that map frames of a run. */
export interface Mapper extends Candidate {
  /** Where they stand, and the first of the frames. */
  readonly start: Vpn;
  readonly count: Pages;
  readonly pte: Pte;
}

/** Every entry that maps one of `count` frames from `pfn` on, which lie side by side in one mapping (page_vma_mapped_walk()). */
export function* mappers(kernel: Kernel<Mm>, pfn: number, count: Pages, folio: Folio): Generator<Mapper> {
  for (const { mm, vma } of candidates(kernel, folio, count)) {
    const first = firstIndex(folio.mapping, vma);
    const from = Math.max(vma.start, vma.start + (folio.index - first));
    const to = Math.min(vma.end, vma.start + (folio.index + count - first));
    const expected = pfn + (first + (from - vma.start) - folio.index);
    for (const run of mm.pageTables.leafRuns(from, to)) {
      if (run.value.flags !== PTE.KSM && run.value.pfn - expected === run.start - from) yield { mm, vma, start: run.start, count: run.count, pte: run.value };
    }
  }
}

/** rmap_walk_ksm(): a merged page has no one index; its entries are where its rmap_items say. */
export function* ksmMappers(kernel: Kernel<Mm>, pfn: number): Generator<Candidate & { readonly at: Vpn }> {
  for (const mm of kernel.mms) {
    for (const run of [...mm.pageTables.entries.runs()]) {
      if (run.value.flags !== PTE.KSM || run.value.pfn !== pfn) continue;
      for (let at = run.start; at < run.start + run.count; at++) {
        const vma = mm.lookup(at);
        if (vma !== undefined) yield { mm, vma, at };
      }
    }
  }
}

/** The frame of the page that is present there; undefined if none is, or only the zero page. */
export function frameAt(mm: Mm, at: Vpn): Run<Pte> | undefined {
  const pte = mm.pageTables.get(at);
  if (pte === undefined || pte.pfn <= ZERO_PFN || pte.flags === PTE.SWAP) return undefined;
  return { start: at, count: 1, value: pte };
}

/** The VMAs that a walk of the page's reverse map looks at. */
export function rmapWalk(kernel: Kernel<Mm>, pfn: number): RmapVisit[] {
  const folio = kernel.memory.folio(pfn);
  if (folio === undefined) return [];
  if ('ksm' in folio.mapping) return [...ksmMappers(kernel, pfn)].map((m) => visit(m, m.at, true));
  return candidates(kernel, folio, 1).map((c) => {
    const at = c.vma.start + (folio.index - firstIndex(folio.mapping, c.vma));
    return visit(c, at, frameAt(c.mm, at)?.value.pfn === pfn);
  });
}

const visit = ({ mm, vma }: Candidate, at: Vpn, found: boolean): RmapVisit => ({
  process: mm.id,
  start: vma.start,
  end: vma.end,
  pgoff: vma.pgoff,
  anonVma: vma.anonVma,
  at,
  found,
});
