/** __split_vma(), mm/mmap.c and mm/vma.c */
import type { Vpn } from '../../machine/index.js';
import { refuse, type Refused } from '../refusal.js';
import { atPage, number } from '../values.js';
import type { Mm } from './mm.js';
import { lowerPart, upperPart, type VmArea } from './vm-area.js';

/** Cuts a VMA in two at `at`; the parts share the anon_vma. */
export function splitVma(mm: Mm, vma: VmArea, at: Vpn): { lower: VmArea; upper: VmArea } {
  const lower = lowerPart(vma, at);
  const upper = upperPart(vma, at);
  mm.replace([vma], [lower, upper]);
  mm.recorder.step(mm.functions.splitVma, 'done', 'split.done', 'split the VMA', () => [atPage(mm, 'vm_start', vma.start), atPage(mm, 'at', at), atPage(mm, 'vm_end', vma.end)]);
  return { lower, upper };
}

/** vm_area_dup(): where the allocation of the second VMA is one that is to fail. */
export function refuseAllocation(mm: Mm): Refused | null {
  return mm.kernel.failures.fails('vma_alloc') ? refuse(mm, mm.functions.splitVma, 'ENOMEM', 'split.vma_alloc', 'no memory for another VMA') : null;
}

/** A hole in the middle of a VMA leaves one more than before: not beyond vm.max_map_count. */
export function refuseHole(mm: Mm): Refused | null {
  if (mm.mapCount < mm.limits.maxMapCount) return null;
  return refuse(mm, mm.functions.gather, 'ENOMEM', 'munmap.map_count', 'a hole would split the VMA and exceed vm.max_map_count', [
    number('map_count', mm.mapCount),
    number('max_map_count', mm.limits.maxMapCount),
  ]);
}
