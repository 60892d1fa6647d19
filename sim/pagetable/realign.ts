/**
 * try_realign_addr() and can_align_down(), mm/mremap.c, v6.7: a move whose two starts share their
 * offset in a PMD may begin at the PMD boundary below, where nothing is mapped, so that its first
 * table can be moved whole. The end is never rounded.
 */
import { atPage, sizeOf, text } from '../values.js';
import type { Mm } from '../vma/mm.js';
import type { PagetableMove } from './move.js';

/** How many pages further down the move may start; 0 where it may not. */
export function tryRealign(mm: Mm, move: PagetableMove): number {
  if (mm.behaviours.realign === 'none') {
    mm.recorder.step(mm.functions.movePageTables, 'passed', 'this kernel starts a move where it was asked to: it has no realignment', () => [atPage(mm, 'old_addr', move.old), atPage(mm, 'new_addr', move.new)]);
    return 0;
  }
  const pmd = mm.pageTables.tableSpan(0);
  const offset = move.old % pmd;
  const where = mm.functions.tryRealign;
  const offsets = () => [sizeOf(mm, 'offset of old in its PMD', offset), sizeOf(mm, 'offset of new in its PMD', move.new % pmd), sizeOf(mm, 'PMD_SIZE', pmd)];
  if (move.pages < pmd - offset) {
    mm.recorder.step(mm.functions.movePageTables, 'refused', 'no realignment: the range does not reach the next PMD boundary', () => [sizeOf(mm, 'len', move.pages), ...offsets()]);
    return 0;
  }
  if (offset === 0) {
    mm.recorder.step(where, 'passed', 'the source already starts on a PMD boundary', offsets);
    return 0;
  }
  if (offset !== move.new % pmd) {
    mm.recorder.step(where, 'refused', 'no realignment: source and destination differ in their offset within a PMD', offsets);
    return 0;
  }
  if (!canAlignDown(mm, move, 'source', offset)) return 0;
  if (!canAlignDown(mm, move, 'destination', offset)) return 0;
  mm.recorder.step(where, 'done', 'the move starts lower, on a PMD boundary', () => [
    atPage(mm, 'old_addr', move.old - offset),
    atPage(mm, 'new_addr', move.new - offset),
    sizeOf(mm, 'down by', offset),
  ]);
  return offset;
}

/** Whether [masked, at) below a start is free of mappings, so that its entries can move along. */
function canAlignDown(mm: Mm, move: PagetableMove, side: 'source' | 'destination', offset: number): boolean {
  const [vma, at] = side === 'source' ? [move.src, move.old] : [move.dst, move.new];
  const where = mm.functions.canAlignDown;
  const masked = at - offset;
  const asked = () => [text('vma', side), atPage(mm, 'addr_to_align', at), atPage(mm, 'addr_masked', masked), atPage(mm, 'vm_start', vma.start)];
  if (vma.start !== at) {
    mm.recorder.step(where, 'refused', `no realignment: the ${side} is not the first byte of its VMA`, asked);
    return false;
  }
  const inTheWay = mm.intersection(masked, vma.start);
  if (inTheWay !== undefined) {
    // The usual reason: copy_vma() has put the destination there already.
    const what = inTheWay.start === move.dst.start ? 'the new mapping itself' : inTheWay.start === move.src.start ? 'the old mapping itself' : 'another mapping';
    mm.recorder.step(where, 'refused', `no realignment: ${what} lies between the PMD boundary and the ${side}`, () => [
      ...asked(),
      atPage(mm, 'in the way: vm_start', inTheWay.start),
      atPage(mm, 'in the way: vm_end', inTheWay.end),
    ]);
    return false;
  }
  mm.recorder.step(where, 'passed', `nothing is mapped between the PMD boundary and the ${side}`, asked);
  return true;
}
