/**
 * Where a move goes to: one VMA, or two where relocation came to an end half way and the rest moves as
 * usual. Relocation comes between the copy and the move of the page tables.
 */
import type { Pages, Vpn } from '../../machine/index.js';
import { isRefused, refuse, type Refused } from '../refusal.js';
import { atPage, text } from '../values.js';
import type { Mm } from '../vma/mm.js';
import { modifyVma } from '../vma/modify.js';
import type { VmArea } from '../vma/vm-area.js';
import { copyVma } from './copy-vma.js';
import { ineligible, relocation } from './relocate-anon.js';
import type { Relocated, RelocatedRange as Range } from '../vma/effects.js';
import type { Vrm } from './vrm.js';

/** A stretch of the old range, and the VMA that takes it. */
export interface Part {
  readonly dst: VmArea;
  readonly needRmapLocks: boolean;
  readonly old: Vpn;
  readonly to: Vpn;
  readonly pages: Pages;
}

export interface Destination {
  /** The source; after a merge with itself it is the destination. */
  readonly src: VmArea;
  readonly parts: readonly Part[];
  /** What was relocated: the first part, or none. */
  readonly relocated: Range | null;
}

/** copy_vma(), with what relocation makes of it. What it refuses it leaves as it was. */
export function makeDestination(mm: Mm, vrm: Vrm, src: VmArea, newAddr: Vpn): Destination | Refused {
  const { addr, oldLen, newLen, dontUnmap } = vrm;
  const reason = vrm.relocate ? ineligible(mm, src) : null;
  if (vrm.mustRelocate && reason !== null && reason !== 'unfaulted') return mustRelocate(mm, `the memory cannot be relocated: ${reason}`, addr);
  const copied = copyVma(mm, src, addr, newAddr, newLen, dontUnmap, vrm.relocate && reason === null);
  if (copied === null) return noVmaLeft(mm);
  const whole: Destination = { src: copied.src, parts: [{ dst: copied.dst, needRmapLocks: copied.needRmapLocks, old: addr, to: newAddr, pages: oldLen }], relocated: null };
  if (!copied.relocates) {
    if (vrm.relocate) mm.recorder.relocation = reason === null ? relocation('merged') : relocation('plain', { why: reason });
    return whole;
  }
  const range: Range = { src: copied.src, dst: copied.dst, addr, newAddr, pages: oldLen };
  const done = mm.effects.relocate(range);
  if (done.failed === null) {
    mm.recorder.relocation = relocation('relocated', { folios: done.folios, skipped: done.skipped });
    return { ...whole, relocated: range };
  }
  return mm.behaviours.on_failure === 'split' && !vrm.mustRelocate && done.failed.at > addr
    ? splitThere(mm, vrm, range, done, done.failed)
    : fallBack(mm, vrm, range, done, done.failed);
}

type Failure = NonNullable<Relocated['failed']>;

/** undo_relocate_anon_folios(), and then a plain move; or an error, where the caller would have nothing else. */
function fallBack(mm: Mm, vrm: Vrm, range: Range, done: Relocated, { at, why }: Failure): Destination | Refused {
  const { addr, oldLen, newLen, dontUnmap } = vrm;
  const undone = mm.effects.undoRelocation(range, addr, at);
  mm.effects.endRelocation(range);
  mm.effects.part('undo_relocated');
  mm.remove(range.dst);
  const told = { why, folios: done.folios, undone };
  if (vrm.mustRelocate) {
    mm.recorder.relocation = relocation('failed', told);
    return mustRelocate(mm, why, at);
  }
  const plain = copyVma(mm, range.src, addr, range.newAddr, newLen, dontUnmap);
  if (plain === null) return noVmaLeft(mm);
  mm.recorder.relocation = relocation('plain', told);
  return { src: plain.src, parts: [{ dst: plain.dst, needRmapLocks: plain.needRmapLocks, old: addr, to: range.newAddr, pages: oldLen }], relocated: null };
}

/** As proposed in the review: what was relocated stays so, in a VMA of its own. */
function splitThere(mm: Mm, vrm: Vrm, range: Range, done: Relocated, { at, why }: Failure): Destination | Refused {
  const { addr, oldLen, newLen, dontUnmap } = vrm;
  const first = at - addr;
  const dst = { ...range.dst, end: range.newAddr + first };
  mm.effects.part('split_relocated');
  mm.replace([range.dst], [dst]);
  const rest = copyVma(mm, range.src, at, range.newAddr + first, newLen - first, dontUnmap);
  if (rest === null) {
    mm.effects.undoRelocation(range, addr, at);
    mm.effects.endRelocation(range);
    mm.effects.part('undo_relocated');
    mm.remove(dst);
    return noVmaLeft(mm);
  }
  mm.recorder.step(mm.functions.relocateAnon, 'done', 'relocate.split', 'split the destination where relocation failed: the rest moves as usual', () => [
    atPage(mm, 'at', at),
    text('why', why),
  ]);
  mm.recorder.relocation = relocation('split', { why, folios: done.folios, skipped: done.skipped });
  const relocated: Range = { ...range, dst, pages: first };
  return {
    src: range.src,
    parts: [
      { dst, needRmapLocks: false, old: addr, to: range.newAddr, pages: first },
      { dst: rest.dst, needRmapLocks: rest.needRmapLocks, old: at, to: range.newAddr + first, pages: oldLen - first },
    ],
    relocated,
  };
}

/** Once all has moved: what counts its pages from its own address may fit its neighbours (vma_merge_existing_range()). */
export function mergeRelocated(mm: Mm, { newAddr }: Range): void {
  const dst = mm.lookup(newAddr);
  if (dst === undefined) return;
  const merged = modifyVma(mm, dst, dst.start, dst.end, dst.flags);
  if (isRefused(merged) || (merged.start === dst.start && merged.end === dst.end)) return;
  mm.recorder.step(mm.functions.relocateAnon, 'done', 'relocate.merged', 'the relocated VMA merged with its neighbours', () => [
    atPage(mm, 'vm_start', merged.start),
    atPage(mm, 'vm_end', merged.end),
  ]);
}

/**
 * The move of the page tables fell short, and its entries are back: their folios follow. As posted the
 * undo walks on from where the move had come to, before the entries are back, and misses what is before.
 */
export function unrelocate(mm: Mm, range: Range, moved: Pages): void {
  const from = mm.behaviours.relocate_undo === 'cursor' ? Math.min(range.pages, moved) : 0;
  const undone = mm.effects.undoRelocation(range, range.addr + from, range.addr + range.pages);
  mm.effects.endRelocation(range);
  const told = mm.recorder.relocation;
  if (told !== null) mm.recorder.relocation = { ...told, outcome: 'failed', why: 'no memory for page tables', undone };
}

const noVmaLeft = (mm: Mm): Refused => refuse(mm, mm.functions.copyVma, 'ENOMEM', 'mremap.vma_alloc', 'no memory for another VMA');

const mustRelocate = (mm: Mm, why: string, at: Vpn): Refused =>
  refuse(mm, mm.functions.relocateAnon, 'EFAULT', 'mremap.must_relocate', `MREMAP_MUST_RELOCATE_ANON: ${why}`, [atPage(mm, 'at', at)]);
