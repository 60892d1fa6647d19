/** copy_vma(), mm/mmap.c and mm/vma.c: the VMA that a move goes to, by growing a neighbour or made new. */
import type { Vpn } from '../../../machine/index.js';
import { anonVmaOf, linkAnonVmas, unlinkAnonVmas } from '../anon.js';
import { BLOCKED, type Run } from '../program.js';
import { account, canChange, insertVma, isAnonymous, isRead, linearIndex, pagesOf, removeVma, reshape, startWrite, vmasIn } from '../vmas.js';
import type { Shape, World } from '../world.js';

export interface Copied {
  readonly vma: number;
  readonly merged: boolean;
  readonly needRmapLocks: boolean;
}

export interface Target {
  /** A page offset of the new place, and an anon_vma of its own to be made: what relocation asks for. */
  readonly relocated?: number;
}

export function copyVma(w: World, c: Run, source: number, from: Vpn, to: Vpn, pages: number, { relocated }: Target = {}): Copied | typeof BLOCKED {
  const src = w.shapeOf(c, source);
  const anon = anonVmaOf(w, c, source);
  const fresh = (isAnonymous(src) && anon < 0) || relocated !== undefined;
  const shape: Shape = { ...src, start: to, end: to + pages, pgoff: fresh ? to : linearIndex(src, from) };
  const { below, above } = relocated === undefined ? neighbours(w, c, source, shape, anon) : { below: -1, above: -1 };
  // The trees of the reverse map change under their own locks.
  if (
    !canChange(
      w,
      c,
      [source, below, above].filter((v) => v >= 0),
    )
  )
    return BLOCKED;
  const grown = below >= 0 ? below : above;
  // vma_expand(): faults must not find it at its new size before the move is over.
  if (w.behaviours.vma_lock_new === 'yes' && grown >= 0) {
    if ([below, above].some((v) => v >= 0 && isRead(w, c, v))) return BLOCKED;
    for (const v of [below, above]) if (v >= 0) startWrite(w, c, v);
  }
  account(w, c, shape, 1);
  if (grown < 0) {
    const chain = relocated === undefined ? c.get(w.vma(source, 'chain')) : 1 << relocated;
    const made = insertVma(w, c, shape, relocated ?? anon, chain);
    if (w.behaviours.vma_lock_new === 'yes') startWrite(w, c, made);
    return { vma: made, merged: false, needRmapLocks: false };
  }
  const survivor = w.shapeOf(c, grown);
  const gone = below >= 0 ? above : -1;
  // dup_anon_vma(): an unfaulted survivor takes over the anon_vma of whoever brings one.
  const donor = gone >= 0 && anonVmaOf(w, c, gone) >= 0 ? gone : w.behaviours.merge_dup_anon_vma === 'yes' ? source : -1;
  if (anonVmaOf(w, c, grown) < 0 && donor >= 0 && anonVmaOf(w, c, donor) >= 0) linkAnonVmas(w, c, grown, anonVmaOf(w, c, donor), c.get(w.vma(donor, 'chain')));
  reshape(w, c, grown, {
    ...survivor,
    start: Math.min(survivor.start, to),
    end: gone >= 0 ? w.shapeOf(c, gone).end : Math.max(survivor.end, to + pages),
    pgoff: below >= 0 ? survivor.pgoff : shape.pgoff,
  });
  if (gone >= 0) {
    unlinkAnonVmas(w, c, gone);
    removeVma(w, c, gone);
    c.add(w.mm(shape.mm, 'mapCount'), -1);
  }
  const needed = w.shapeOf(c, grown).pgoff <= src.pgoff;
  return { vma: grown, merged: true, needRmapLocks: needed && w.behaviours.need_rmap_locks === 'yes' };
}

/** vma_merge_new_range(): which neighbours could take the range in. A source is not merged with itself. */
export function neighbours(w: World, c: Run, source: number, range: Shape, anon: number): { below: number; above: number } {
  const fits = (v: number, contiguous: boolean): boolean => {
    const n = w.shapeOf(c, v);
    return v !== source && contiguous && n.flags === range.flags && n.file === range.file && anonVmaFits(w, c, source, anon, v);
  };
  const below = vmasIn(w, c, range.mm, range.start - 1, range.start)[0] ?? -1;
  const above = vmasIn(w, c, range.mm, range.end, range.end + 1)[0] ?? -1;
  const fitsBelow = below >= 0 && fits(below, w.shapeOf(c, below).pgoff + pagesOf(w.shapeOf(c, below)) === range.pgoff);
  const fitsAbove = above >= 0 && fits(above, range.pgoff + pagesOf(range) === w.shapeOf(c, above).pgoff);
  const apart = fitsBelow && fitsAbove && !together(w, c, below, above);
  return { below: fitsBelow ? below : -1, above: fitsAbove && !apart ? above : -1 };
}

/** Whether both neighbours may become one VMA. */
function together(w: World, c: Run, below: number, above: number): boolean {
  const [a, b] = [anonVmaOf(w, c, below), anonVmaOf(w, c, above)];
  return a === b || a < 0 || b < 0;
}

const isForkChild = (w: World, c: Run, v: number): boolean => (c.get(w.vma(v, 'chain')) & (c.get(w.vma(v, 'chain')) - 1)) !== 0;

/** is_mergeable_anon_vma() */
function anonVmaFits(w: World, c: Run, source: number, anon: number, neighbour: number): boolean {
  const other = anonVmaOf(w, c, neighbour);
  if (anon === other) return true;
  if (anon < 0) return !isForkChild(w, c, neighbour);
  return other < 0 && w.behaviours.merge_faulted === 'yes' && !isForkChild(w, c, source);
}
