/**
 * vma_modify(): gives [start, end) of a VMA other flags, by merging it into neighbours that have
 * them already, else by splitting it off (vma_merge_existing_range(), mm/vma.c; vma_merge(), mm/mmap.c).
 */
import type { Vpn } from '../../machine/index.js';
import { isHugeAligned, isHugetlb } from '../pagetable/hugetlb.js';
import { isRefused, refuse, type Refused } from '../refusal.js';
import type { Uffd } from '../uffd-ctx.js';
import { atPage, number } from '../values.js';
import { joinedBy } from './merge.js';
import { STICKY, type NewRange } from './merge-checks.js';
import type { Mm } from './mm.js';
import { refuseAllocation, splitVma } from './split.js';
import { anonPgoffAt, lowerPart, pgoffAt, upperPart, type VmArea } from './vm-area.js';

/** @returns the VMA that now covers the range, with its new flags */
export function modifyVma(mm: Mm, vma: VmArea, start: Vpn, end: Vpn, flags: number, uffd: Uffd | null = vma.uffd, name: string | null = vma.name ?? null): VmArea | Refused {
  const merged = mergeExisting(mm, vma, start, end, flags, uffd, name ?? undefined);
  if (merged !== null) return merged;
  let middle = vma;
  if (vma.start < start) {
    const split = splitChecked(mm, middle, start);
    if (isRefused(split)) return split;
    middle = split.upper;
  }
  if (middle.end > end) {
    const split = splitChecked(mm, middle, end);
    if (isRefused(split)) return split;
    middle = split.lower;
  }
  const changed = { ...middle, flags, uffd, name: name ?? undefined };
  mm.replace([middle], [changed]);
  return changed;
}

/** may_split(): nobody may part a huge page of the pool, nor, on most releases, a special mapping. */
export function refuseSplit(mm: Mm, vma: VmArea, at: Vpn): Refused | null {
  if (isHugetlb(vma)) {
    return isHugeAligned(mm, at)
      ? null
      : refuse(mm, mm.functions.splitVma, 'EINVAL', 'split.hugetlb', 'hugetlb memory can only be cut between its huge pages', [atPage(mm, 'at', at)]);
  }
  if (vma.file?.special !== true || mm.behaviours.special_split === 'yes') return null;
  return refuse(mm, mm.functions.splitVma, 'EINVAL', 'split.special', 'a special mapping cannot be split', [
    atPage(mm, 'vm_start', vma.start),
    atPage(mm, 'at', at),
    atPage(mm, 'vm_end', vma.end),
  ]);
}

/** split_vma(): refuses at vm.max_map_count. */
export function splitChecked(mm: Mm, vma: VmArea, at: Vpn): ReturnType<typeof splitVma> | Refused {
  if (mm.mapCount >= mm.limits.maxMapCount) {
    return refuse(mm, mm.functions.splitVma, 'ENOMEM', 'split.map_count', 'splitting the VMA would exceed vm.max_map_count', [
      number('map_count', mm.mapCount),
      number('max_map_count', mm.limits.maxMapCount),
    ]);
  }
  return refuseAllocation(mm) ?? refuseSplit(mm, vma, at) ?? splitVma(mm, vma, at);
}

function mergeExisting(mm: Mm, vma: VmArea, start: Vpn, end: Vpn, flags: number, uffd: Uffd | null, name: string | undefined): VmArea | null {
  const range: NewRange = { start, end, pgoff: pgoffAt(vma, start), anonPgoff: anonPgoffAt(vma, start), flags, file: vma.file, anonVma: vma.anonVma, uffd, name, modified: vma };
  const below = start === vma.start ? mm.previous(start) : undefined;
  const above = end === vma.end ? mm.next(end) : undefined;
  const { prev, next } = joinedBy(mm, range, below?.end === start ? below : undefined, above?.start === end ? above : undefined);
  if (prev === null && next === null) return null;

  const rest = [vma.start < start ? lowerPart(vma, start) : null, vma.end > end ? upperPart(vma, end) : null].filter((v) => v !== null);
  const survivor = prev ?? next ?? vma;
  const donor = [survivor, ...(prev !== null && next !== null ? [next] : []), vma].find((v) => v.anonVma !== null) ?? survivor;
  const merged: VmArea = {
    ...survivor,
    start: prev?.start ?? start,
    end: next?.end ?? end,
    pgoff: prev?.pgoff ?? range.pgoff,
    anonPgoff: prev?.anonPgoff ?? range.anonPgoff,
    flags: survivor.flags | ((flags | (next?.flags ?? 0)) & STICKY),
    anonVma: donor.anonVma,
    chain: donor.chain,
  };
  mm.replace(
    [prev, vma, next].filter((v) => v !== null),
    [...rest, merged],
  );
  return merged;
}
