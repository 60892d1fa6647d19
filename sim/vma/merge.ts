/**
 * Merging a new range with its neighbours (mm/mmap.c up to v6.11, mm/vma.c since): what mmap, the
 * copy that mremap makes and growth in place have in common.
 */
import { keptApartBy, STICKY, type NewRange } from './merge-checks.js';
import type { Mm } from './mm.js';
import { isPrivateFile, pagesOf, type VmArea } from './vm-area.js';
import { VM } from './vm-flags.js';

/** Whether the page offsets of b go on where those of a end; since v7.3 (needs_adjacent_anon_pgoff()) a private mapping of a file has two. */
const continues = (a: VmArea, b: VmArea): boolean => a.pgoff + pagesOf(a) === b.pgoff && (!isPrivateFile(a) || a.anonPgoff + pagesOf(a) === b.anonPgoff);

function neighbours(mm: Mm, range: NewRange): { below: VmArea | undefined; above: VmArea | undefined } {
  const below = mm.previous(range.start);
  const above = mm.next(range.end);
  return {
    below: below?.end === range.start ? below : undefined,
    above: above?.start === range.end ? above : undefined,
  };
}

/** Which of its two neighbours a range joins. */
export interface Joined {
  readonly prev: VmArea | null;
  readonly next: VmArea | null;
}

/** vma_merge(), vma_merge_new_range(): the one below is asked first, and where it joins, the one above must be able to be one with it. */
export function joinedBy(mm: Mm, range: NewRange, below: VmArea | undefined, above: VmArea | undefined): Joined {
  const { behaviours } = mm;
  const { anonVma } = range;
  const prev = below !== undefined && keptApartBy({ behaviours, range, anonVma, neighbour: below }) === undefined ? below : null;
  const next = above !== undefined && keptApartBy({ behaviours, range, anonVma, neighbour: above, opposite: prev }) === undefined ? above : null;
  return { prev, next };
}

/**
 * vma_merge_new_range(): grows a neighbour over the range, or both into one; null when neither fits.
 * @param allowed whether a neighbour may take part at all (copy_vma may have to leave the source alone)
 */
export function mergeNewRange(mm: Mm, range: NewRange, allowed: (v: VmArea) => boolean = () => true): VmArea | null {
  const { below, above } = neighbours(mm, range);
  const { prev, next } = joinedBy(mm, range, below !== undefined && allowed(below) ? below : undefined, above !== undefined && allowed(above) ? above : undefined);
  return join(mm, range, prev, next);
}

/**
 * mmap_region() up to v6.11: the next VMA is asked first, and the previous one against it, so that
 * an anon_vma of the next one counts as the range's own.
 */
export function mergeNewMapping(mm: Mm, range: NewRange): VmArea | null {
  if (mm.behaviours.mmap_merge === 'both') return mergeNewRange(mm, range);
  const { behaviours } = mm;
  const { below, above } = neighbours(mm, range);
  const next = above !== undefined && keptApartBy({ behaviours, range, anonVma: range.anonVma, neighbour: above }) === undefined ? above : null;
  const anonVma = next === null ? range.anonVma : next.anonVma;
  const prev = below !== undefined && keptApartBy({ behaviours, range, anonVma, neighbour: below }) === undefined ? below : null;
  return join(mm, range, prev, next);
}

/** vma_expand(): the survivor takes the range, and the neighbour above if it joins too. */
function join(mm: Mm, range: NewRange, prev: VmArea | null, next: VmArea | null): VmArea | null {
  const survivor = prev ?? next;
  if (survivor === null) return null;
  const { anonVma, chain } = inheritedAnon(mm, range, survivor, next);
  const { file, uffd, image } = survivor;
  const merged: VmArea = {
    start: prev?.start ?? range.start,
    end: next?.end ?? range.end,
    pgoff: prev?.pgoff ?? pgoffBelow(mm, range, survivor),
    anonPgoff: prev?.anonPgoff ?? range.anonPgoff,
    flags: survivor.flags | ((range.flags | (next?.flags ?? 0)) & STICKY),
    file,
    anonVma,
    chain,
    uffd,
    image,
  };
  mm.replace(
    [prev, next].filter((v) => v !== null),
    [merged],
  );
  return merged;
}

/** The page offset of a neighbour that grows downwards over the range: that of the range, but for a bug. */
function pgoffBelow(mm: Mm, range: NewRange, survivor: VmArea): number {
  if (range.copiedFrom === undefined || mm.behaviours.copy_below_pgoff === 'own') return range.pgoff;
  mm.rmapBroken = true;
  return survivor.pgoff;
}

/** dup_anon_vma(): an unfaulted survivor takes over the chain of whoever brings one; a copy's source was forgotten for a while. */
function inheritedAnon(mm: Mm, range: NewRange, survivor: VmArea, next: VmArea | null): Pick<VmArea, 'anonVma' | 'chain'> {
  if (survivor.anonVma !== null) return survivor;
  if (next !== null && next.anonVma !== null) return next;
  const source = range.copiedFrom ?? survivor;
  if (source.anonVma === null || mm.behaviours.merge_dup_anon_vma === 'yes') return source;
  mm.rmapBroken = true;
  return survivor;
}

/**
 * find_mergeable_anon_vma(), mm/mmap.c: at its first write fault a VMA shares the anon_vma of a
 * neighbour that it could become one with, were it not for the protection.
 */
export function findMergeableAnonVma(mm: Mm, vma: VmArea): VmArea | null {
  const ignored = VM.READ | VM.WRITE | VM.EXEC | STICKY;
  const compatible = (a: VmArea, b: VmArea): boolean => a.end === b.start && a.file === b.file && ((a.flags ^ b.flags) & ~ignored) === 0 && continues(a, b);
  const reusable = (v: VmArea): boolean => v.chain.length === 1 && !v.image;
  const next = mm.next(vma.end);
  if (next !== undefined && compatible(vma, next) && reusable(next)) return next;
  const prev = mm.previous(vma.start);
  if (prev !== undefined && compatible(prev, vma) && reusable(prev)) return prev;
  return null;
}
