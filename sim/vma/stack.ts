/** A fault below a VM_GROWSDOWN mapping extends it: expand_stack(), expand_downwards() and acct_stack_growth(), mm/mmap.c. */
import type { Vpn } from '../../machine/index.js';
import { anonVmaPrepare } from '../pagetable/fault-anon.js';
import { atPage, sizeOf } from '../values.js';
import { enoughMemory, lowestHint, mayExpandVm, mlockFutureOk } from './limits.js';
import type { Mm } from './mm.js';
import type { VmArea } from './vm-area.js';
import { ACCESS, VM } from './vm-flags.js';

/** stack_guard_gap: pages kept free below a mapping that grows down. */
const STACK_GUARD_GAP = 256;

/** The pages below a VMA that nothing new may take. */
export const guardGapBelow = (vma: VmArea | undefined): number => (vma !== undefined && vma.flags & VM.GROWSDOWN ? STACK_GUARD_GAP : 0);

/** @returns the VMA that holds the page now, or undefined when there is none that may grow so far */
export function growStack(mm: Mm, at: Vpn): VmArea | undefined {
  const found = mm.findVma(at);
  if (found === undefined || (found.flags & VM.GROWSDOWN) === 0 || found.start <= at || at < lowestHint(mm)) return undefined;
  const below = mm.previous(found.start);
  const needsGap = below !== undefined && (below.flags & VM.GROWSDOWN) === 0 && ((below.flags & ACCESS) !== 0 || below.image);
  if (needsGap && at - below.end < STACK_GUARD_GAP) return undefined;
  if (below !== undefined && at < below.end) return undefined;

  // The anon_vma's lock is what serialises growth, so there has to be one.
  anonVmaPrepare(mm, found);
  const vma = mm.lookup(found.start) ?? found;
  const grow = vma.start - at;
  if (grow > vma.pgoff) return undefined;
  if (!mayExpandVm(mm, vma.flags, grow) || vma.end - at > mm.limits.rlimits.RLIMIT_STACK || !mlockFutureOk(mm, vma.flags, grow) || !enoughMemory(mm, grow)) return undefined;
  const grown: VmArea = { ...vma, start: at, pgoff: vma.pgoff - grow, anonPgoff: vma.anonPgoff - grow };
  mm.replace([vma], [grown]);
  mm.account(vma.flags, grow);
  if (vma.flags & VM.ACCOUNT) mm.committed += grow;
  if (vma.flags & VM.LOCKED) mm.lockedVm += grow;
  mm.recorder.step(mm.functions.expandStack, 'done', 'stack.grown', 'the stack grew down to the fault', () => [atPage(mm, 'vm_start', at), sizeOf(mm, 'grown by', grow)]);
  return grown;
}
