/** brk(2), mm/mmap.c: the heap grows and shrinks at its upper end. */
import { toBytes, type BrkCall, type Bytes } from '../../machine/index.js';
import { populateIgnoringErrors } from '../pagetable/populate.js';
import type { Outcome } from '../refusal.js';
import { atByte, atPage } from '../values.js';
import { enoughMemory, mayExpandVm, mlockFutureOk } from './limits.js';
import { mergeNewRange } from './merge.js';
import type { Mm } from './mm.js';
import { munmapPages } from './munmap.js';
import { alignUp } from './page-align.js';
import { guardGapBelow } from './stack.js';
import { VM } from './vm-flags.js';

/** When it fails, the kernel's brk returns the old break; the C library turns that into ENOMEM. */
export function sysBrk(mm: Mm, call: BrkCall): Outcome {
  const where = mm.functions.brk;
  if (call.place !== undefined) beginHeap(mm, call.place);
  const old = mm.brk;
  const unchanged = (why: string): Outcome => {
    mm.recorder.step(where, 'refused', 'brk.stays', `the break stays: ${why}`, () => [atByte('brk', call.addr), atByte('mm->brk', old)]);
    return { value: old };
  };
  if (call.addr < toBytes(mm.geometry, mm.startBrk)) return call.addr === 0n ? { value: old } : unchanged('below the start of the heap');
  // check_data_rlimit(), which shrinking has to pass too
  if (call.addr - toBytes(mm.geometry, mm.startBrk) > limitBytes(mm)) return unchanged('RLIMIT_DATA is less than the heap would be');
  const oldEnd = alignUp(mm.geometry, old);
  const newEnd = alignUp(mm.geometry, call.addr);
  if (newEnd > mm.geometry.taskPages) return unchanged('above the user address space');
  if (newEnd < oldEnd) {
    if (mm.intersection(newEnd, oldEnd) === undefined) return unchanged('nothing of the heap is mapped there');
    const refused = munmapPages(mm, newEnd, oldEnd - newEnd);
    if (refused !== null) return unchanged(refused.refusal.why);
  } else if (newEnd > oldEnd) {
    const why = grow(mm, oldEnd, newEnd);
    if (why !== null) return unchanged(why);
  }
  mm.brk = call.addr;
  return { value: call.addr };
}

/** arch_randomize_brk(): execve chooses where the heap begins; a heap that has grown stays. */
function beginHeap(mm: Mm, place: Bytes): void {
  if (mm.brk !== toBytes(mm.geometry, mm.startBrk)) return;
  mm.startBrk = Number(place >> BigInt(mm.geometry.pageShift));
  mm.brk = place;
}

/** RLIMIT_DATA in bytes. */
const limitBytes = (mm: Mm): Bytes | number => (mm.limits.rlimits.RLIMIT_DATA === Infinity ? Infinity : toBytes(mm.geometry, mm.limits.rlimits.RLIMIT_DATA));

/** do_brk_flags(); returns why it cannot be. */
function grow(mm: Mm, from: number, to: number): string | null {
  const pages = to - from;
  const flags = VM.READ | VM.WRITE | VM.MAYREAD | VM.MAYWRITE | VM.MAYEXEC | VM.ACCOUNT | mm.defFlags;
  // A page stays free above the heap, and the guard gap of a stack that grows down to it.
  const inTheWay = mm.findVma(from);
  if (inTheWay !== undefined && to + 1 > inTheWay.start - guardGapBelow(inTheWay)) {
    mm.recorder.step(mm.functions.brk, 'refused', 'brk.occupied', 'something is mapped above the heap', () => [atPage(mm, 'vm_start', inTheWay.start)]);
    return 'something is mapped above the heap';
  }
  if (!mlockFutureOk(mm, flags, pages)) return 'RLIMIT_MEMLOCK leaves no room';
  if (!mayExpandVm(mm, flags, pages)) return 'RLIMIT_AS or RLIMIT_DATA leaves no room';
  if (mm.mapCount > mm.limits.maxMapCount) return 'the process has too many mappings';
  if (!enoughMemory(mm, pages)) return 'the commit limit leaves no room';
  mm.committed += pages;
  const range = { start: from, end: to, pgoff: from, anonPgoff: from, flags: flags | VM.SOFTDIRTY, file: null, anonVma: null, uffd: null };
  if (mergeNewRange(mm, range, (v) => v.end > mm.startBrk) === null) mm.insert({ ...range, chain: [], image: false });
  mm.account(flags, pages);
  if (flags & VM.LOCKED) {
    mm.lockedVm += pages;
    populateIgnoringErrors(mm, from, to);
  }
  return null;
}
