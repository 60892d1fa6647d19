/** brk(2), mm/mmap.c: the heap grows and shrinks at its upper end. */
import { toBytes, type BrkCall } from '../../machine/index.js';
import { populateIgnoringErrors } from '../pagetable/populate.js';
import type { Outcome } from '../refusal.js';
import { atByte, atPage } from '../values.js';
import { enoughMemory, mayExpandVm, mlockFutureOk } from './limits.js';
import { mergeNewRange } from './merge.js';
import type { Mm } from './mm.js';
import { munmapPages } from './munmap.js';
import { alignUp } from './page-align.js';
import { VM } from './vm-flags.js';

/** On any failure the kernel's brk returns the break as it was; the C library makes ENOMEM of it. */
export function sysBrk(mm: Mm, call: BrkCall): Outcome {
  const where = mm.functions.brk;
  const old = mm.brk;
  const unchanged = (why: string): Outcome => {
    mm.recorder.step(where, 'refused', `the break stays: ${why}`, () => [atByte('brk', call.addr), atByte('mm->brk', old)]);
    return { value: old };
  };
  if (call.addr < toBytes(mm.geometry, mm.startBrk)) return call.addr === 0n ? { value: old } : unchanged('below the start of the heap');
  const oldEnd = alignUp(mm.geometry, old);
  const newEnd = alignUp(mm.geometry, call.addr);
  if (newEnd > mm.geometry.taskPages) return unchanged('above the user address space');
  if (newEnd < oldEnd) {
    const refused = munmapPages(mm, newEnd, oldEnd - newEnd);
    if (refused !== null) return unchanged(refused.refusal.why);
  } else if (newEnd > oldEnd) {
    const why = grow(mm, oldEnd, newEnd);
    if (why !== null) return unchanged(why);
  }
  mm.brk = call.addr;
  return { value: call.addr };
}

/** do_brk_flags(); returns why it cannot be. */
function grow(mm: Mm, from: number, to: number): string | null {
  const pages = to - from;
  const flags = VM.READ | VM.WRITE | VM.MAYREAD | VM.MAYWRITE | VM.MAYEXEC | VM.ACCOUNT | mm.defFlags;
  const heap = to - mm.startBrk;
  if (heap > mm.limits.rlimits.RLIMIT_DATA) return 'RLIMIT_DATA is less than the heap would be';
  const inTheWay = mm.intersection(from, to + 1);
  if (inTheWay !== undefined) {
    mm.recorder.step(mm.functions.brk, 'refused', 'something is mapped above the heap', () => [atPage(mm, 'vm_start', inTheWay.start)]);
    return 'something is mapped above the heap';
  }
  if (!mlockFutureOk(mm, flags, pages)) return 'RLIMIT_MEMLOCK leaves no room';
  if (!mayExpandVm(mm, flags, pages)) return 'RLIMIT_AS or RLIMIT_DATA leaves no room';
  if (mm.mapCount > mm.limits.maxMapCount) return 'the process has too many mappings';
  if (!enoughMemory(mm, pages)) return 'the commit limit leaves no room';
  mm.committed += pages;
  const range = { start: from, end: to, pgoff: from, flags: flags | VM.SOFTDIRTY, file: null, anonVma: null, uffd: null };
  if (mergeNewRange(mm, range) === null) mm.insert({ ...range, chain: [], image: false });
  mm.account(flags, pages);
  if (flags & VM.LOCKED) {
    mm.lockedVm += pages;
    populateIgnoringErrors(mm, from, to);
  }
  return null;
}
