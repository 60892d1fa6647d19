/** madvise(2): do_madvise() and madvise_walk_vmas(), mm/madvise.c. */
import { MADV, toBytes, type MadviseCall, type Vpn } from '../../machine/index.js';
import { punchHole } from '../file.js';
import { firstPinned } from '../khugepaged.js';
import { anonVmaPrepare } from '../pagetable/fault-anon.js';
import { faultRange } from '../pagetable/fault.js';
import { installGuards, removeGuards } from '../pagetable/guard.js';
import { collapseBlock } from '../pagetable/collapse.js';
import { hugetlbPages, isHugeAligned, isHugetlb } from '../pagetable/hugetlb.js';
import { isFrame } from '../pagetable/page-tables.js';
import { zapRange } from '../pagetable/zap.js';
import { isRefused, refuse, type Outcome, type Refused } from '../refusal.js';
import { tell } from '../uffd.js';
import { atByte, atPage, number, sizeOf } from '../values.js';
import type { Mm } from './mm.js';
import { refuseSealed } from './mseal.js';
import { modifyVma } from './modify.js';
import { alignUp } from './page-align.js';
import { isAnonymous, pgoffAt, type VmArea } from './vm-area.js';
import { VM } from './vm-flags.js';

/** Advice that only sets and clears flags (madvise_vma_behavior()). */
const FLAG_ADVICE: Readonly<Record<number, { set: number; clear: number }>> = {
  [MADV.MADV_NORMAL]: { set: 0, clear: VM.SEQ_READ | VM.RAND_READ },
  [MADV.MADV_SEQUENTIAL]: { set: VM.SEQ_READ, clear: VM.RAND_READ },
  [MADV.MADV_RANDOM]: { set: VM.RAND_READ, clear: VM.SEQ_READ },
  [MADV.MADV_DONTFORK]: { set: VM.DONTCOPY, clear: 0 },
  [MADV.MADV_DOFORK]: { set: 0, clear: VM.DONTCOPY },
  [MADV.MADV_WIPEONFORK]: { set: VM.WIPEONFORK, clear: 0 },
  [MADV.MADV_KEEPONFORK]: { set: 0, clear: VM.WIPEONFORK },
  [MADV.MADV_DONTDUMP]: { set: VM.DONTDUMP, clear: 0 },
  [MADV.MADV_DODUMP]: { set: 0, clear: VM.DONTDUMP },
  [MADV.MADV_MERGEABLE]: { set: VM.MERGEABLE, clear: 0 },
  [MADV.MADV_UNMERGEABLE]: { set: 0, clear: VM.MERGEABLE },
  [MADV.MADV_HUGEPAGE]: { set: VM.HUGEPAGE, clear: VM.NOHUGEPAGE },
  [MADV.MADV_NOHUGEPAGE]: { set: VM.NOHUGEPAGE, clear: VM.HUGEPAGE },
};

/** is_madv_discard(): what throws contents away, now or in a child, and so respects a seal. */
const DISCARDS: readonly number[] = [
  MADV.MADV_FREE,
  MADV.MADV_DONTNEED,
  MADV.MADV_DONTNEED_LOCKED,
  MADV.MADV_REMOVE,
  MADV.MADV_DONTFORK,
  MADV.MADV_WIPEONFORK,
  MADV.MADV_GUARD_INSTALL,
];

const KNOWN_ADVICE: ReadonlySet<number> = new Set(Object.values(MADV));

/** Advice that not every release has. */
const NEWER_ADVICE: Readonly<Record<number, 'madv_populate' | 'madv_dontneed_locked' | 'madv_collapse' | 'guard_regions'>> = {
  [MADV.MADV_POPULATE_READ]: 'madv_populate',
  [MADV.MADV_POPULATE_WRITE]: 'madv_populate',
  [MADV.MADV_DONTNEED_LOCKED]: 'madv_dontneed_locked',
  [MADV.MADV_COLLAPSE]: 'madv_collapse',
  [MADV.MADV_GUARD_INSTALL]: 'guard_regions',
  [MADV.MADV_GUARD_REMOVE]: 'guard_regions',
};

export function sysMadvise(mm: Mm, call: MadviseCall): Outcome {
  const where = mm.functions.madvise;
  const page = 1n << BigInt(mm.geometry.pageShift);
  const newer = NEWER_ADVICE[call.advice];
  const known = KNOWN_ADVICE.has(call.advice) && (newer === undefined || mm.behaviours[newer] === 'yes');
  if (!known) return refuse(mm, where, 'EINVAL', 'madvise.advice', 'this kernel does not know the advice', [number('advice', call.advice)]);
  if (call.addr % page !== 0n) return refuse(mm, where, 'EINVAL', 'madvise.misaligned', 'the address must be page aligned', [atByte('addr', call.addr)]);
  const pages = alignUp(mm.geometry, call.length);
  const start = Number(call.addr / page);
  const end = start + pages;
  if ((call.length !== 0n && pages === 0) || end > 2 ** (64 - mm.geometry.pageShift)) {
    return refuse(mm, where, 'EINVAL', 'madvise.wraps', 'the range reaches beyond the end of 64 bits', [atByte('addr', call.addr), sizeOf(mm, 'length', pages)]);
  }
  if (call.advice === MADV.MADV_POPULATE_READ || call.advice === MADV.MADV_POPULATE_WRITE) return populate(mm, start, end, call.advice === MADV.MADV_POPULATE_WRITE);

  let hole: Vpn | null = null;
  for (let at = start; at < end;) {
    const vma = mm.findVma(at);
    if (vma === undefined || vma.start > at) {
      hole ??= at;
      at = vma?.start ?? end;
      continue;
    }
    const to = Math.min(end, vma.end);
    const refused = advise(mm, vma, at, to, call.advice);
    if (refused !== null) return refused;
    at = to;
  }
  return hole === null
    ? { value: 0n }
    : refuse(mm, where, 'ENOMEM', 'madvise.hole', 'part of the range is not mapped; the advice was given for the rest', [atPage(mm, 'at', hole)]);
}

/** madvise_vma_behavior() on the part of one VMA. */
function advise(mm: Mm, vma: VmArea, start: Vpn, end: Vpn, advice: number): Refused | null {
  if (DISCARDS.includes(advice) && isAnonymous(vma) && (vma.flags & VM.WRITE) === 0) {
    const sealed = refuseSealed(mm, vma);
    if (sealed !== null) return sealed;
  }
  const change = FLAG_ADVICE[advice];
  if (change !== undefined) return changeFlags(mm, vma, start, end, advice, (vma.flags & ~change.clear) | change.set);
  switch (advice) {
    case MADV.MADV_DONTNEED:
    case MADV.MADV_DONTNEED_LOCKED:
      return (
        (advice === MADV.MADV_DONTNEED ? refuseLocked(mm, vma) : null) ??
        refuseMisalignedHuge(mm, vma, start) ??
        dontNeed(mm, start, isHugetlb(vma) ? end - (end % hugetlbPages(mm)) : end)
      );
    case MADV.MADV_FREE:
      return isAnonymous(vma)
        ? (refuseLocked(mm, vma) ?? free(mm, start, end))
        : refuse(mm, mm.functions.madvise, 'EINVAL', 'madvise.free_shared', 'MADV_FREE is for private anonymous memory', [atPage(mm, 'vm_start', vma.start)]);
    case MADV.MADV_COLD:
      return refuseLocked(mm, vma);
    case MADV.MADV_PAGEOUT:
      return refuseLocked(mm, vma) ?? pageOut(mm, start, end);
    case MADV.MADV_GUARD_INSTALL: {
      const refused = refuseLocked(mm, vma) ?? (vma.flags & VM.DONTEXPAND ? refuseSpecial(mm, vma) : null) ?? refuseGuards(mm, vma);
      if (refused !== null) return refused;
      const marked = mm.behaviours.guard_flag === 'yes';
      if (marked) mm.replace([vma], [{ ...vma, flags: vma.flags | VM.MAYBE_GUARD }]);
      if (!marked || isAnonymous(vma)) anonVmaPrepare(mm, mm.lookup(start) ?? vma);
      installGuards(mm, start, end);
      return null;
    }
    case MADV.MADV_GUARD_REMOVE: {
      const refused = refuseGuards(mm, vma);
      if (refused === null) removeGuards(mm, start, end);
      return refused;
    }
    case MADV.MADV_COLLAPSE:
      return collapse(mm, vma, start, end);
    case MADV.MADV_REMOVE:
      return refuseLocked(mm, vma) ?? remove(mm, vma, start, end);
    default:
      return null;
  }
}

/** is_valid_guard_vma() */
function refuseGuards(mm: Mm, vma: VmArea): Refused | null {
  if (isAnonymous(vma) || mm.behaviours.guard_files === 'yes') return null;
  return refuse(mm, mm.functions.madvise, 'EINVAL', 'madvise.guard_file', 'this kernel installs guards in private anonymous memory only', [atPage(mm, 'vm_start', vma.start)]);
}

function changeFlags(mm: Mm, vma: VmArea, start: Vpn, end: Vpn, advice: number, flags: number): Refused | null {
  if (advice === MADV.MADV_DODUMP && vma.flags & VM.DONTEXPAND && !isHugetlb(vma)) return refuseSpecial(mm, vma);
  if (advice === MADV.MADV_WIPEONFORK && vma.file !== null && !vma.file.special) {
    return refuse(mm, mm.functions.madvise, 'EINVAL', 'madvise.wipeonfork_shared', 'MADV_WIPEONFORK is for private anonymous memory', [atPage(mm, 'vm_start', vma.start)]);
  }
  if (vma.flags & VM.DROPPABLE && (advice === MADV.MADV_KEEPONFORK || advice === MADV.MADV_DODUMP)) {
    return refuse(mm, mm.functions.madvise, 'EINVAL', 'madvise.droppable', 'what may be dropped at any time comes empty to a child, and is in no dump', [
      atPage(mm, 'vm_start', vma.start),
    ]);
  }
  // vma_ksm_compatible(): KSM has no use for memory that is shared or droppable, and says nothing.
  if (advice === MADV.MADV_MERGEABLE && vma.flags & (VM.MAYSHARE | VM.DROPPABLE)) return null;
  if (advice === MADV.MADV_HUGEPAGE) mm.advisedHuge = true;
  if (advice === MADV.MADV_UNMERGEABLE && vma.flags & VM.MERGEABLE) mm.effects.unshareKsm(start, end);
  if (flags === vma.flags) return null;
  const changed = modifyVma(mm, vma, start, end, flags);
  return isRefused(changed) ? changed : null;
}

/** madvise_collapse(): every whole block of the range. */
function collapse(mm: Mm, vma: VmArea, start: Vpn, end: Vpn): Refused | null {
  const block = mm.pageTables.tableSpan(0);
  const refused = (why: string): Refused => refuse(mm, mm.functions.madvise, 'EINVAL', 'madvise.collapse', why, [atPage(mm, 'vm_start', vma.start)]);
  if (vma.file !== null && collapsesNothing(vma, start, end, block)) return null;
  // Without an anon_vma nothing was ever faulted in (__thp_vma_allowable_orders()).
  if (!isAnonymous(vma) || vma.anonVma === null || vma.flags & VM.NOHUGEPAGE) return refused('the mapping cannot have huge pages');
  const first = Math.ceil(start / block) * block;
  if (Math.ceil(vma.start / block) * block + block > vma.end || first > end) return refused('no whole block of a huge page lies there');
  let all = true;
  for (let at = first; at + block <= end; at += block) {
    // An entry that is none stops the walk (SCAN_PMD_NONE); a table missing above it does not (SCAN_PMD_NULL).
    const none = mm.pageTables.hasTable(1, at) && !mm.pageTables.hasTable(0, at) && mm.pageTables.hugeAt(at) === undefined;
    if (none) return refused('a block of the range has no page table');
    const pinned = firstPinned(mm, at, at + block);
    if (pinned !== undefined)
      return refuse(mm, mm.functions.madvise, 'EAGAIN', 'madvise.collapse_pinned', 'a page of the range is pinned: it has more references than mappings', [
        atPage(mm, 'at', pinned),
      ]);
    all = collapseBlock(mm, mm.lookup(at) ?? vma, at) && all;
  }
  return all ? null : refused('a block of the range has no page table');
}

/**
 * A memory file whose mapping could have huge pages, asked for a range without a whole block, has
 * nothing to do. Huge pages of files themselves are not modelled: collapsing one is refused.
 */
function collapsesNothing(vma: VmArea, start: Vpn, end: Vpn, block: number): boolean {
  if (vma.file?.special === true || isHugetlb(vma) || vma.flags & VM.NOHUGEPAGE) return false;
  // thp_vma_suitable_order(): the block must lie in the file as it lies in memory.
  if ((vma.start - vma.pgoff) % block !== 0 || Math.ceil(vma.start / block) * block + block > vma.end) return false;
  const first = Math.ceil(start / block) * block;
  return first <= end && first + block > end;
}

/** madvise_remove(): the pages leave the object, and so everybody who maps them. */
function remove(mm: Mm, vma: VmArea, start: Vpn, end: Vpn): Refused | null {
  const refused = (errno: 'EINVAL' | 'EACCES'): Refused =>
    refuse(mm, mm.functions.madvise, errno, 'madvise.remove_private', 'MADV_REMOVE is for shared memory', [atPage(mm, 'vm_start', vma.start)]);
  if (vma.file === null) return refused('EINVAL');
  if ((vma.flags & VM.SHARED) === 0) return refused('EACCES');
  tellRemove(mm, start, end);
  punchHole(mm, vma.file, pgoffAt(vma, start), pgoffAt(vma, end));
  return null;
}

function refuseLocked(mm: Mm, vma: VmArea): Refused | null {
  if ((vma.flags & VM.LOCKED) === 0) return null;
  return refuse(mm, mm.functions.madvise, 'EINVAL', 'madvise.locked', 'the mapping is locked', [atPage(mm, 'vm_start', vma.start), atPage(mm, 'vm_end', vma.end)]);
}

const refuseSpecial = (mm: Mm, vma: VmArea): Refused =>
  refuse(mm, mm.functions.madvise, 'EINVAL', 'madvise.special', 'the advice is not for special mappings', [atPage(mm, 'vm_start', vma.start)]);

function refuseMisalignedHuge(mm: Mm, vma: VmArea, start: Vpn): Refused | null {
  if (!isHugetlb(vma) || isHugeAligned(mm, start)) return null;
  return refuse(mm, mm.functions.madvise, 'EINVAL', 'madvise.hugetlb', 'the address of hugetlb memory must be aligned to its huge pages', [atPage(mm, 'start', start)]);
}

/** userfaultfd_remove() */
function tellRemove(mm: Mm, start: Vpn, end: Vpn): void {
  if (mm.lookup(start)?.uffd?.features.has('EVENT_REMOVE')) tell(mm, { event: 'remove', start: toBytes(mm.geometry, start), end: toBytes(mm.geometry, end) });
}

function dontNeed(mm: Mm, start: Vpn, end: Vpn): null {
  tellRemove(mm, start, end);
  mm.effects.discard(start, end);
  if (mm.behaviours.pt_reclaim === 'yes') mm.effects.reclaimTables(start, end);
  return null;
}

/** madvise_free_single_vma(): pages that may be taken under memory pressure; until then, and once stored to again, they stay as they are. */
function free(mm: Mm, start: Vpn, end: Vpn): null {
  tellRemove(mm, start, end);
  mm.effects.giveUp(start, end);
  return null;
}

/**
 * madvise_pageout(), without swap, of pages that are mapped only here: anonymous ones stay, unless
 * MADV_FREE gave them up; those of an object lose their entry and stay in the page cache.
 */
function pageOut(mm: Mm, start: Vpn, end: Vpn): null {
  for (const run of mm.pageTables.entries.list(start, end)) {
    if (!isFrame(run.value)) continue;
    for (const folios of mm.memory.runs(run.value.pfn, run.count)) {
      const { mapping, mapcount, lazyFree } = folios.value;
      if (mapcount !== 1 || !('object' in mapping || (lazyFree === true && !mm.memory.isPinned(folios.start)))) continue;
      const at = run.start + (folios.start - run.value.pfn);
      zapRange(mm, at, at + folios.count);
    }
  }
  return null;
}

/** madvise_populate() */
function populate(mm: Mm, start: Vpn, end: Vpn, write: boolean): Outcome {
  const where = mm.functions.madvise;
  for (let at = start; at < end;) {
    const vma = mm.lookup(at);
    if (vma === undefined) return refuse(mm, where, 'ENOMEM', 'madvise.hole', 'part of the range is not mapped', [atPage(mm, 'at', at)]);
    if ((vma.flags & (write ? VM.WRITE : VM.READ)) === 0) {
      return refuse(mm, where, 'EINVAL', 'madvise.populate_access', 'the mapping does not allow the access', [atPage(mm, 'vm_start', vma.start)]);
    }
    const to = Math.min(end, vma.end);
    const stop = faultRange(mm, at, to, write);
    if (stop !== null) return refuse(mm, where, 'EFAULT', 'madvise.populate_fault', 'a page of the range cannot be faulted in', [atPage(mm, 'at', stop.at)]);
    at = to;
  }
  return { value: 0n };
}
