/** copy_vma(), mm/mmap.c and mm/vma.c: the VMA that a move goes to. */
import type { Pages, Vpn } from '../../machine/index.js';
import { anonVmaPrepare } from '../pagetable/fault-anon.js';
import { hugetlbPages, isHugetlb } from '../pagetable/hugetlb.js';
import { losesUffdWhenMoved } from '../uffd.js';
import { atPage, number, text } from '../values.js';
import { freshAnonPgoff } from '../vma/anon-pgoff.js';
import { mergeNewRange } from '../vma/merge.js';
import type { Mm } from '../vma/mm.js';
import { anonPgoffAt, isAnonymous, pgoffAt, type VmArea } from '../vma/vm-area.js';
import { VM } from '../vma/vm-flags.js';

export interface Copied {
  /** The destination, which a merge may have made larger than the range asked for. */
  readonly dst: VmArea;
  /** The source; after a merge with itself it is the destination. */
  readonly src: VmArea;
  readonly needRmapLocks: boolean;
  /** The destination counts its pages from its own address: the folios have to follow. */
  readonly relocates: boolean;
}

/**
 * @param relocate the destination shall count its pages from its own address, unless it merges without that
 * @returns null when there is no memory for another VMA
 */
export function copyVma(mm: Mm, src: VmArea, addr: Vpn, newAddr: Vpn, pages: Pages, dontUnmap: boolean, relocate = false): Copied | null {
  const where = mm.functions.copyVma;
  mm.effects.part('copy_vma');
  const unfaulted = isAnonymous(src) && src.anonVma === null;
  // No page of a VMA without an anon_vma is known by its offset, so the offset can be chosen anew.
  const pgoff = unfaulted ? newAddr : pgoffAt(src, addr);
  const anonPgoff = src.anonVma === null ? freshAnonPgoff(mm, newAddr, pgoff) : anonPgoffAt(src, addr);
  const range = {
    start: newAddr,
    end: newAddr + pages,
    pgoff,
    anonPgoff,
    flags: src.flags | VM.SOFTDIRTY,
    file: src.file,
    anonVma: src.anonVma,
    uffd: src.uffd,
    name: src.name,
    copiedFrom: src,
  };
  const beside = dontUnmap && unfaulted && (src.end === range.start || src.start === range.end);
  const alone = beside && mm.behaviours.dontunmap_merge === 'alone';
  const apart = beside && mm.behaviours.dontunmap_merge === 'apart';
  // The copy is about to lose its registration, and a VMA that it merged with would lose its own with it.
  const losing = losesUffdWhenMoved(src) && mm.behaviours.watched_copy_merge === 'no';
  const merged = alone || losing ? null : mergeNewRange(mm, range, (neighbour) => !(apart && neighbour.start === src.start));
  if (merged !== null) {
    const swallowed = merged.start <= addr && addr < merged.end;
    const now = swallowed ? merged : src;
    mm.recorder.step(
      where,
      'done',
      swallowed ? 'copy_vma.merged_with_source' : 'copy_vma.merged',
      swallowed ? 'the copy merged with its own source' : 'the copy merged with a neighbour',
      () => [atPage(mm, 'vm_start', merged.start), atPage(mm, 'vm_end', merged.end), number('vm_pgoff', merged.pgoff)],
    );
    // rmap walks visit VMAs by page offset: one that sorts before its source could be missed.
    return { dst: merged, src: now, needRmapLocks: merged.pgoff <= now.pgoff && mm.behaviours.need_rmap_locks === 'yes', relocates: false };
  }
  const copy: VmArea = { ...src, start: newAddr, end: newAddr + pages, pgoff, anonPgoff, image: false };
  const dst: VmArea = relocate ? { ...copy, pgoff: newAddr, anonPgoff: newAddr, anonVma: null, chain: [] } : copy;
  if (mm.kernel.failures.fails('vma_alloc')) return null;
  if (isHugetlb(dst)) mm.kernel.hugeReserved += pages / hugetlbPages(mm);
  mm.insert(dst);
  mm.recorder.step(where, 'done', 'copy_vma.new', 'made a VMA for the destination', () => [
    atPage(mm, 'vm_start', dst.start),
    atPage(mm, 'vm_end', dst.end),
    text('vm_pgoff', unfaulted ? 'of the new address (nothing was ever written)' : relocate ? 'of the new address: the pages follow' : 'kept from the old address'),
  ]);
  if (!relocate) return { dst, src, needRmapLocks: false, relocates: false };
  anonVmaPrepare(mm, dst);
  return { dst: mm.lookup(newAddr) ?? dst, src, needRmapLocks: false, relocates: true };
}
