/**
 * The stack that execve moves: shift_arg_pages(), fs/exec.c, relocate_vma_down(), mm/vma_exec.c. It
 * is built at the top of the address space and then moved down within its own VMA, overlapping
 * itself: the one caller of move_page_tables() for which source and destination are one VMA.
 */
import { toBytes, toVpn, type ExecStackOp, type Vpn } from '../machine/index.js';
import { faultRange } from './pagetable/fault.js';
import { movePageTables } from './pagetable/move.js';
import { refuse, type Outcome } from './refusal.js';
import { atPage, sizeOf } from './values.js';
import type { Mm } from './vma/mm.js';
import { lowerPart, pagesOf, type VmArea } from './vma/vm-area.js';
import { VM } from './vma/vm-flags.js';

/** VM_STACK_INCOMPLETE_SETUP: rmap walks leave such a VMA alone, whose pages are not where its offset says. */
const INCOMPLETE = VM.SEQ_READ | VM.RAND_READ;

/** The stack of a new program, while it is set up. */
export const STACK_FLAGS = VM.READ | VM.WRITE | VM.MAYREAD | VM.MAYWRITE | VM.MAYEXEC | VM.GROWSDOWN | VM.ACCOUNT | VM.SOFTDIRTY | INCOMPLETE;

export function execStack(mm: Mm, op: ExecStackOp): Outcome {
  const where = mm.functions.shiftArgPages;
  const [start, end, shift] = [op.start, op.end, op.shift].map((x) => toVpn(mm.geometry, x)) as [Vpn, Vpn, Vpn];
  if (start >= end || shift > start || [op.start, op.end, op.shift].some((x) => x % toBytes(mm.geometry, 1) !== 0n)) {
    return refuse(mm, where, 'EINVAL', 'exec_stack.range', 'start, end and shift must be page aligned, start below end, and shift no more than start', [
      atPage(mm, 'start', start),
      atPage(mm, 'end', end),
      sizeOf(mm, 'shift', shift),
    ]);
  }
  const stack = mm.lookup(start) ?? build(mm, start, end);
  if (stack.start !== start || stack.end !== end) {
    return refuse(mm, where, 'EFAULT', 'exec_stack.not_alone', 'something else is mapped where the stack is', [
      atPage(mm, 'vm_start', stack.start),
      atPage(mm, 'vm_end', stack.end),
    ]);
  }
  if (shift === 0) return { value: toBytes(mm.geometry, end) };
  const first = mm.findVma(start - shift);
  if (first !== stack) {
    return refuse(mm, where, 'EFAULT', 'exec_stack.in_the_way', 'the stack is not the first mapping at or above its new start', [
      atPage(mm, 'new_start', start - shift),
      atPage(mm, 'in the way: vm_start', first?.start ?? 0),
    ]);
  }

  // The VMA covers both places while the tables move. Its page offset stays, so that only walkers
  // who do not know better look for its pages in the wrong place.
  const both: VmArea = { ...stack, start: start - shift };
  mm.effects.part('stack_covers');
  mm.replace([stack], [both]);
  mm.account(both.flags, shift);
  const moved = movePageTables(mm, { src: both, dst: both, old: start, new: start - shift, pages: end - start, needRmapLocks: false, forStack: true });
  if (moved < end - start) return refuse(mm, where, 'ENOMEM', 'exec_stack.short', 'not all page tables could be moved: execve fails', [sizeOf(mm, 'moved', moved)]);

  const newEnd = end - shift;
  const freed = { start: Math.max(newEnd, start), end };
  mm.effects.freeTables(freed, newEnd, mm.next(end)?.start ?? Infinity);
  const done = { ...lowerPart(both, newEnd), flags: both.flags & ~INCOMPLETE };
  mm.effects.part('stack_stands');
  mm.replace([both], [done]);
  mm.account(both.flags, -shift);
  mm.recorder.step(where, 'done', 'exec_stack.settled', 'the stack stands where it will stay', () => [atPage(mm, 'vm_start', done.start), atPage(mm, 'vm_end', done.end)]);
  return { value: toBytes(mm.geometry, newEnd) };
}

/** What setup_arg_pages() finds: the arguments and the environment, written. */
function build(mm: Mm, start: Vpn, end: Vpn): VmArea {
  const flags = STACK_FLAGS;
  const vma: VmArea = { start, end, pgoff: start, anonPgoff: start, flags, file: null, anonVma: null, chain: [], uffd: null, image: false };
  const inTheWay = mm.intersection(start, end);
  if (inTheWay !== undefined) return inTheWay;
  mm.insert(vma);
  mm.account(flags, pagesOf(vma));
  mm.committed += pagesOf(vma);
  faultRange(mm, start, end, true);
  return mm.lookup(start) ?? vma;
}
