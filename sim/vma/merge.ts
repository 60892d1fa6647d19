/**
 * Merging a new range with its neighbours (mm/mmap.c up to v6.11, mm/vma.c since): what mmap, the
 * copy that mremap makes and growth in place have in common.
 */
import type { Vpn } from '../../machine/index.js';
import type { SharedObject } from '../pagetable/shared-object.js';
import type { Uffd } from '../uffd.js';
import type { Mm } from './mm.js';
import { pagesOf, type VmArea } from './vm-area.js';
import { VM } from './vm-flags.js';

/** The range that asks for neighbours: struct vma_merge_struct. */
export interface NewRange {
  readonly start: Vpn;
  readonly end: Vpn;
  readonly pgoff: number;
  readonly flags: number;
  readonly file: SharedObject | null;
  readonly anonVma: number | null;
  readonly uffd: Uffd | null;
  /**
   * The VMA whose pages the range is to hold (vmg->copied_from), when mremap copies one. It hands
   * its chain to an unfaulted neighbour, and a fork child's keeps it from merging with one.
   */
  readonly copiedFrom?: VmArea;
  /** The VMA that gets other flags, when the range exists already. */
  readonly modified?: VmArea;
}

/** VM_STICKY: ignored in comparisons, and a merged VMA has what any of its parts had. */
export const STICKY = VM.SOFTDIRTY | VM.MAYBE_GUARD;

const isForkChild = (v: VmArea): boolean => v.chain.length > 1;

/** is_mergeable_anon_vma(): may a range with anon_vma `a` join neighbour `n`? */
function anonVmaFits(mm: Mm, range: NewRange, a: number | null, n: VmArea): boolean {
  if (a === n.anonVma) return true;
  if (a === null) return !isForkChild(n);
  if (n.anonVma !== null) return false;
  if (mm.behaviours.merge_faulted === 'no') return false;
  const source = range.copiedFrom ?? range.modified;
  return source === undefined || !isForkChild(source);
}

/** is_mergeable_vma(): everything but place and anon_vma. */
function attributesFit(range: NewRange, n: VmArea): boolean {
  return !n.image && (n.flags & VM.DONTEXPAND) === 0 && (n.flags & ~STICKY) === (range.flags & ~STICKY) && n.file === range.file && n.uffd === range.uffd;
}

/** can_vma_merge_after(): the range continues the neighbour below it. */
export function fitsAfter(mm: Mm, range: NewRange, anonVma: number | null, n: VmArea): boolean {
  return attributesFit(range, n) && n.pgoff + pagesOf(n) === range.pgoff && anonVmaFits(mm, range, anonVma, n);
}

/** can_vma_merge_before(): the neighbour above continues the range. */
export function fitsBefore(mm: Mm, range: NewRange, n: VmArea): boolean {
  return attributesFit(range, n) && range.pgoff + (range.end - range.start) === n.pgoff && anonVmaFits(mm, range, range.anonVma, n);
}

function neighbours(mm: Mm, range: NewRange): { below: VmArea | undefined; above: VmArea | undefined } {
  const below = mm.previous(range.start);
  const above = mm.next(range.end);
  return {
    below: below?.end === range.start ? below : undefined,
    above: above?.start === range.end ? above : undefined,
  };
}

/**
 * vma_merge_new_range(): grows a neighbour over the range, or both into one; null when neither fits.
 * @param allowed whether a neighbour may take part at all (copy_vma may have to leave the source alone)
 */
export function mergeNewRange(mm: Mm, range: NewRange, allowed: (v: VmArea) => boolean = () => true): VmArea | null {
  const { below, above } = neighbours(mm, range);
  const prev = below !== undefined && allowed(below) && fitsAfter(mm, range, range.anonVma, below) ? below : null;
  const next = above !== undefined && allowed(above) && fitsBefore(mm, range, above) ? above : null;
  if (prev !== null && next !== null && mutuallyFit(prev, next)) return join(mm, range, prev, next);
  return join(mm, range, prev, prev === null ? next : null);
}

/**
 * mmap_region() up to v6.11: the next VMA is asked first, and the previous one against it, so that
 * an anon_vma of the next one counts as the range's own.
 */
export function mergeNewMapping(mm: Mm, range: NewRange): VmArea | null {
  if (mm.behaviours.mmap_merge === 'both') return mergeNewRange(mm, range);
  const { below, above } = neighbours(mm, range);
  const next = above !== undefined && fitsBefore(mm, range, above) ? above : null;
  const prev = below !== undefined && fitsAfter(mm, range, next === null ? range.anonVma : next.anonVma, below) ? below : null;
  return join(mm, range, prev, next);
}

/** Both neighbours can only become one if at most one of them has an anon_vma, or they share it. */
export const mutuallyFit = (prev: VmArea, next: VmArea): boolean => prev.anonVma === next.anonVma || prev.anonVma === null || next.anonVma === null;

/** vma_expand(): the survivor takes the range, and the neighbour above if it joins too. */
function join(mm: Mm, range: NewRange, prev: VmArea | null, next: VmArea | null): VmArea | null {
  const survivor = prev ?? next;
  if (survivor === null) return null;
  const { anonVma, chain } = inheritedAnon(range, survivor, next);
  const { file, uffd, image } = survivor;
  const merged: VmArea = {
    start: prev?.start ?? range.start,
    end: next?.end ?? range.end,
    pgoff: prev?.pgoff ?? range.pgoff,
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

/** dup_anon_vma(): an unfaulted survivor takes over the chain of whoever brings one. */
function inheritedAnon(range: NewRange, survivor: VmArea, next: VmArea | null): Pick<VmArea, 'anonVma' | 'chain'> {
  if (survivor.anonVma !== null) return survivor;
  if (next !== null && next.anonVma !== null) return next;
  return range.copiedFrom ?? survivor;
}

/**
 * find_mergeable_anon_vma(), mm/mmap.c: at its first write fault a VMA shares the anon_vma of a
 * neighbour that it could become one with, were it not for the protection.
 */
export function findMergeableAnonVma(mm: Mm, vma: VmArea): VmArea | null {
  const ignored = VM.READ | VM.WRITE | VM.EXEC | STICKY;
  const compatible = (a: VmArea, b: VmArea): boolean => a.end === b.start && a.file === b.file && ((a.flags ^ b.flags) & ~ignored) === 0 && b.pgoff === a.pgoff + pagesOf(a);
  const reusable = (v: VmArea): boolean => v.chain.length === 1 && !v.image;
  const next = mm.next(vma.end);
  if (next !== undefined && compatible(vma, next) && reusable(next)) return next;
  const prev = mm.previous(vma.start);
  if (prev !== undefined && compatible(prev, vma) && reusable(prev)) return prev;
  return null;
}
