/**
 * The realign step of move_page_tables(), mm/mremap.c: a move whose two starts share their offset in
 * a PMD may begin at the PMD boundary below, so that its first table can be moved whole. The end is
 * never rounded. v6.7 has it; the postings that led there, and two proposals that were never
 * written, differ in what they ask of the mappings below.
 */
import type { Pages, Vpn } from '../../machine/index.js';
import { atPage, sizeOf, text } from '../values.js';
import type { Mm } from '../vma/mm.js';
import type { VmArea } from '../vma/vm-area.js';
import type { PagetableMove } from '../vma/effects.js';

/** How many pages further down the move may start; 0 where it may not. */
export function tryRealign(mm: Mm, move: PagetableMove): Pages {
  const where = mm.functions.movePageTables;
  switch (mm.behaviours.realign) {
    case 'none':
      mm.recorder.step(where, 'passed', 'realign.none', 'this kernel starts a move where it was asked to: it has no realignment', () => [
        atPage(mm, 'old_addr', move.old),
        atPage(mm, 'new_addr', move.new),
      ]);
      return 0;
    case 'v3':
      if (move.src.start === move.dst.start && !move.forStack) {
        mm.recorder.step(where, 'refused', 'realign.one_vma', 'no realignment: source and destination are one VMA', () => [atPage(mm, 'vm_start', move.src.start)]);
        return 0;
      }
      if (move.forStack) {
        mm.recorder.step(where, 'refused', 'realign.stack', 'no realignment: the stack moves within one VMA', () => [atPage(mm, 'vm_start', move.src.start)]);
        return 0;
      }
      return realignTo(mm, move, 'PMD', mm.pageTables.tableSpan(0));
    case 'pud':
      return realignTo(mm, move, 'PUD', mm.pageTables.tableSpan(1)) || realignTo(mm, move, 'PMD', mm.pageTables.tableSpan(0));
    case 'v2':
    case 'linus_review':
    case 'merged':
      return realignTo(mm, move, 'PMD', mm.pageTables.tableSpan(0));
  }
}

/** try_realign_addr() */
function realignTo(mm: Mm, move: PagetableMove, level: 'PMD' | 'PUD', span: Pages): Pages {
  const where = mm.functions.tryRealign;
  const offset = move.old % span;
  const offsets = () => [sizeOf(mm, `offset of old in its ${level}`, offset), sizeOf(mm, `offset of new in its ${level}`, move.new % span), sizeOf(mm, `${level}_SIZE`, span)];
  if (move.pages < span - offset) {
    mm.recorder.step(mm.functions.movePageTables, 'refused', 'realign.too_short', `no realignment: the range does not reach the next ${level} boundary`, () => [
      sizeOf(mm, 'len', move.pages),
      ...offsets(),
    ]);
    return 0;
  }
  if (offset === 0) {
    mm.recorder.step(where, 'passed', 'realign.aligned_already', `the source already starts on a ${level} boundary`, offsets);
    return 0;
  }
  if (offset !== move.new % span) {
    mm.recorder.step(where, 'refused', 'realign.offsets_differ', `no realignment: source and destination differ in their offset within a ${level}`, offsets);
    return 0;
  }
  if (!canAlignDown(mm, move, 'source', offset, level) || !canAlignDown(mm, move, 'destination', offset, level)) return 0;
  mm.recorder.step(where, 'done', 'realign.done', `the move starts lower, on a ${level} boundary`, () => [
    atPage(mm, 'old_addr', move.old - offset),
    atPage(mm, 'new_addr', move.new - offset),
    sizeOf(mm, 'down by', offset),
  ]);
  return offset;
}

/** What a release or posting found about one side: whether it may be rounded down, and why not. */
interface Verdict {
  readonly aligned: boolean;
  readonly code: string;
  readonly why: string;
  readonly inTheWay?: VmArea;
}

/** can_align_down() */
function canAlignDown(mm: Mm, move: PagetableMove, side: 'source' | 'destination', offset: Pages, level: 'PMD' | 'PUD'): boolean {
  const [vma, at] = side === 'source' ? [move.src, move.old] : [move.dst, move.new];
  const masked = mm.behaviours.realign_int === 'yes' ? truncated(mm, at - offset) : at - offset;
  const { aligned, code, why, inTheWay } = judge(mm, move, vma, at, masked, side, level);
  mm.recorder.step(mm.functions.canAlignDown, aligned ? 'passed' : 'refused', code, aligned ? why : `no realignment: ${why}`, () => [
    text('vma', side),
    atPage(mm, 'addr_to_align', at),
    masked === at - offset
      ? atPage(mm, 'addr_masked', masked)
      : text('addr_masked', `0x${BigInt.asUintN(64, BigInt(masked) << BigInt(mm.geometry.pageShift)).toString(16)}, cut to an int`),
    atPage(mm, 'vm_start', vma.start),
    ...(inTheWay === undefined ? [] : [atPage(mm, 'in the way: vm_start', inTheWay.start), atPage(mm, 'in the way: vm_end', inTheWay.end)]),
  ]);
  return aligned;
}

/** The masked address as v2 keeps it, in a C int: 32 bits, sign-extended. */
function truncated(mm: Mm, masked: Vpn): Vpn {
  const bytes = BigInt(masked) << BigInt(mm.geometry.pageShift);
  const int = BigInt.asIntN(32, bytes);
  return Number(BigInt.asUintN(64, int) >> BigInt(mm.geometry.pageShift));
}

function judge(mm: Mm, move: PagetableMove, vma: VmArea, at: Vpn, masked: Vpn, side: string, level: string): Verdict {
  switch (mm.behaviours.realign) {
    case 'v2':
    case 'v3':
      // Where the masked address lies in the VMA itself, v2 takes the room below for granted; v3 does not.
      if (vma.start <= masked) {
        return mm.behaviours.realign === 'v2'
          ? { aligned: true, code: 'realign.own_vma', why: `the ${level} boundary lies in the VMA of the ${side} itself` }
          : { aligned: false, code: 'realign.own_vma', why: `the ${level} boundary lies in the VMA of the ${side} itself` };
      }
      return previousEndsBelow(mm, vma, masked, side, true);
    case 'linus_review':
      return previousEndsBelow(mm, vma, masked, side, false);
    default:
      return nothingBelow(mm, move, vma, at, masked, side, level);
  }
}

/** Up to v3, and as proposed in the review of v2: only the mapping before counts, and not where in the VMA the move starts. */
function previousEndsBelow(mm: Mm, vma: VmArea, masked: Vpn, side: string, needsPrevious: boolean): Verdict {
  const previous = mm.previous(vma.start);
  if (previous === undefined) {
    return needsPrevious
      ? { aligned: false, code: 'realign.first_vma', why: `no mapping lies below the ${side}, which counts as one that does` }
      : { aligned: true, code: 'realign.first_vma', why: `no mapping lies below the ${side}` };
  }
  if (previous.end <= masked) return { aligned: true, code: 'realign.previous_vma', why: `the mapping before the ${side} ends below the boundary` };
  return { aligned: false, code: 'realign.previous_vma', why: `the mapping before the ${side} reaches over the boundary`, inTheWay: previous };
}

/** v6.7: the move starts with the VMA, and nothing at all is mapped from the boundary up to it; the stack may go on inside its VMA. */
function nothingBelow(mm: Mm, move: PagetableMove, vma: VmArea, at: Vpn, masked: Vpn, side: string, level: string): Verdict {
  if (!move.forStack && vma.start !== at) return { aligned: false, code: 'realign.inside_vma', why: `the ${side} is not the first byte of its VMA` };
  if (move.forStack && masked >= vma.start) return { aligned: true, code: 'realign.in_stack', why: `the ${level} boundary lies in the stack itself` };
  const inTheWay = mm.intersection(masked, vma.start);
  if (inTheWay === undefined) return { aligned: true, code: 'realign.nothing_below', why: `nothing is mapped between the ${level} boundary and the ${side}` };
  // The usual reason: copy_vma() has put the destination there already.
  const what = inTheWay.start === move.dst.start ? 'the new mapping itself' : inTheWay.start === move.src.start ? 'the old mapping itself' : 'another mapping';
  return { aligned: false, code: 'realign.something_below', why: `${what} lies between the ${level} boundary and the ${side}`, inTheWay };
}
