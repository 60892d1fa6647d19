/**
 * get_unmapped_area(): where a mapping goes (mm/mmap.c, arch/x86/kernel/sys_x86_64.c; top-down layout). What
 * nobody asked to have above the map window stays below it, on machines whose address space goes on there.
 */
import { toBytes, toVpn, type Bytes, type Pages, type Vpn } from '../../machine/index.js';
import { refuse, type Refused } from '../refusal.js';
import { atByte, atPage, sizeOf } from '../values.js';
import { has } from './limits.js';
import type { Mm } from './mm.js';
import { guardGapBelow } from './stack.js';

export interface PlacementRequest {
  /** The address asked for, in bytes; a fixed one may be misaligned. 0 for none. */
  readonly hint: Bytes;
  readonly pages: Pages;
  readonly fixed: boolean;
  /** The address that the kernel is to choose, if it is free to choose. */
  readonly place?: Bytes;
  /** Files and shared memory keep to the packed placement: they have a search of their own. */
  readonly packed?: boolean;
  /** Pages that the start must be a multiple of: those of a huge page for hugetlb. */
  readonly align?: Pages;
  /** MAP_32BIT: in the low 2 GiB, from the bottom up. */
  readonly low?: boolean;
}

export function getUnmappedArea(mm: Mm, request: PlacementRequest): { at: Vpn } | Refused {
  const { pages, hint } = request;
  const top = mm.geometry.taskPages;
  if (pages > top) {
    return refuse(mm, mm.functions.getUnmappedArea, 'ENOMEM', 'placement.too_large', 'the mapping is larger than the address space', [
      sizeOf(mm, 'length', pages),
      sizeOf(mm, 'TASK_SIZE', top),
    ]);
  }
  if (request.fixed) return fixedArea(mm, request);
  if (request.place !== undefined) {
    const at = toVpn(mm.geometry, request.place);
    if (isAligned(mm, request.place) && isFree(mm, at, pages, top)) return { at };
  }
  const hinted = toVpn(mm.geometry, hint);
  if (request.low === true) return lowArea(mm, request, hinted);
  // arch_get_mmap_end(): a hint above the map window, not one at it, opens what lies beyond.
  const above = hinted > mm.geometry.mapWindow;
  const end = above ? top : mm.geometry.mapWindow;
  if (hinted !== 0 && isFree(mm, hinted, pages, end)) return refuseLow(mm, hinted) ?? { at: hinted };
  const base = above ? mm.mmapBase + (top - mm.geometry.mapWindow) : mm.mmapBase;
  const at =
    (request.packed !== true && hint === 0n ? wholePmds(mm, pages) : undefined) ?? highestHole(mm, pages, base, request.align) ?? lowestHole(mm, pages, end, request.align);
  if (at !== undefined) return { at };
  return refuse(mm, mm.functions.getUnmappedArea, 'ENOMEM', 'placement.no_hole', 'no hole of the address space is large enough', [sizeOf(mm, 'length', pages)]);
}

/** find_start_end(), arch/x86/kernel/sys_x86_64.c: 1 GiB for code that reaches 2 GiB around itself. */
const LOW_START = 0x40000;
const LOW_END = 0x80000;

/** arch_get_unmapped_area() with MAP_32BIT. A hint counts where it leaves room below the end. */
function lowArea(mm: Mm, { pages, packed, align }: PlacementRequest, hinted: Vpn): { at: Vpn } | Refused {
  if (hinted !== 0 && isFree(mm, hinted, pages, LOW_END)) return { at: hinted };
  const pmd = mm.pageTables.tableSpan(0);
  const whole = mm.behaviours.thp_placement === 'yes' && packed !== true && hinted === 0 && pages >= pmd && pages % pmd === 0;
  const at = (whole ? lowestHole(mm, pages, LOW_END, pmd, LOW_START) : undefined) ?? lowestHole(mm, pages, LOW_END, align, LOW_START);
  if (at !== undefined) return { at };
  return refuse(mm, mm.functions.getUnmappedArea, 'ENOMEM', 'placement.no_hole', 'MAP_32BIT leaves no hole that is large enough: 1 GiB below 2 GiB', [sizeOf(mm, 'length', pages)]);
}

const pageMask = (mm: Mm): bigint => (1n << BigInt(mm.geometry.pageShift)) - 1n;
const isAligned = (mm: Mm, at: Bytes): boolean => (at & pageMask(mm)) === 0n;

function fixedArea(mm: Mm, { hint, pages }: PlacementRequest): { at: Vpn } | Refused {
  const at = toVpn(mm.geometry, hint);
  const top = mm.geometry.taskPages;
  // In bytes, and before the alignment is looked at.
  if (hint > toBytes(mm.geometry, top - pages)) {
    return refuse(mm, mm.functions.getUnmappedArea, 'ENOMEM', 'placement.beyond_task_size', 'the mapping would end above the user address space', [
      atByte('addr', hint),
      sizeOf(mm, 'length', pages),
      atPage(mm, 'TASK_SIZE', top),
    ]);
  }
  if (!isAligned(mm, hint)) {
    return refuse(mm, mm.functions.getUnmappedArea, 'EINVAL', 'placement.misaligned', 'a fixed address must be page aligned', [atByte('addr', hint)]);
  }
  return refuseLow(mm, at) ?? { at };
}

/** security_mmap_addr() */
function refuseLow(mm: Mm, at: Vpn): Refused | null {
  if (at >= mm.limits.mmapMinAddr || has(mm, 'CAP_SYS_RAWIO')) return null;
  return refuse(mm, mm.functions.getUnmappedArea, 'EPERM', 'placement.below_min_addr', 'only CAP_SYS_RAWIO may map below vm.mmap_min_addr', [
    atPage(mm, 'addr', at),
    atPage(mm, 'mmap_min_addr', mm.limits.mmapMinAddr),
  ]);
}

function isFree(mm: Mm, at: Vpn, pages: Pages, end: Vpn): boolean {
  if (at > end - pages) return false;
  const next = mm.findVma(at);
  return next === undefined || at + pages <= next.start - guardGapBelow(next);
}

/** thp_get_unmapped_area(), v6.7: the highest PMD boundary in the highest hole with a PMD to spare. */
function wholePmds(mm: Mm, pages: Pages): Vpn | undefined {
  const pmd = mm.pageTables.tableSpan(0);
  const placed = mm.behaviours.thp_placement;
  if (placed === 'no' || pages < pmd || (placed === 'yes' && pages % pmd !== 0)) return undefined;
  const hole = highestHole(mm, pages + pmd, mm.mmapBase) ?? lowestHole(mm, pages + pmd, mm.geometry.mapWindow);
  return hole === undefined ? undefined : Math.floor((hole + pmd) / pmd) * pmd;
}

/** vm_unmapped_area(), top down: the start of the highest `pages` that end at or below `limit`. */
function highestHole(mm: Mm, pages: Pages, limit: Vpn, align = 1): Vpn | undefined {
  for (let end = limit; end > mm.limits.mmapMinAddr;) {
    const below = mm.previous(end);
    const floor = Math.max(below?.end ?? 0, mm.limits.mmapMinAddr);
    const start = end - pages - ((end - pages) % align);
    if (start < floor) {
      if (below === undefined) return undefined;
      end = below.start;
      continue;
    }
    // Only the VMA right above the hole keeps a gap below it, not one further up whose gap is filled.
    const above = mm.next(end);
    const free = above === undefined ? end : above.start - guardGapBelow(above);
    if (free >= end) return start;
    end = free;
  }
  return undefined;
}

/** The bottom-up search that follows when top-down finds nothing: from TASK_UNMAPPED_BASE to where the search from above would have ended. */
function lowestHole(mm: Mm, pages: Pages, end: Vpn, align = 1, from = mm.geometry.unmappedBase): Vpn | undefined {
  const aligned = (start: Vpn): Vpn => Math.ceil(start / align) * align;
  let at = aligned(from);
  for (let vma = mm.findVma(at); vma !== undefined && at < end; vma = mm.findVma(at)) {
    if (Math.min(end, vma.start - guardGapBelow(vma)) - at >= pages) return at;
    at = aligned(vma.end);
  }
  return at + pages <= end ? at : undefined;
}
