/** Whether a VMA may be resized or moved at all: check_prep_vma(), resize_is_valid(), vma_to_resize(), mm/mremap.c. */
import type { Pages } from '../../machine/index.js';
import type { KernelFn } from '../models/kernel-functions.js';
import { refuse, type Refused } from '../refusal.js';
import { atPage, bytes, sizeOf } from '../values.js';
import type { Mm } from '../vma/mm.js';
import { isShared, type VmArea } from '../vma/vm-area.js';
import { remapType, type Vrm } from './vrm.js';

export const noVma = (mm: Mm, vrm: Vrm, where: KernelFn = mm.functions.mremapLookup): Refused =>
  refuse(mm, where, 'EFAULT', 'mremap.no_vma', 'nothing is mapped at old_address', [atPage(mm, 'old_address', vrm.addr)]);

export function checkResize(mm: Mm, vrm: Vrm, vma: VmArea): Refused | null {
  const where = mm.functions.mremapResize;
  if (vrm.oldLen === 0 && !isShared(vma)) {
    mm.recorder.log.push('mremap attempted to duplicate a private mapping. This is not supported.');
    return refuse(mm, where, 'EINVAL', 'mremap.duplicate_private', 'old_size 0 duplicates a mapping, and only a shared one can be duplicated', [bytes('old_size', 0n)]);
  }
  const inside = vma.end - vrm.addr;
  const needed = spanNeeded(mm, vrm);
  if (needed > inside) {
    return refuse(mm, where, 'EFAULT', 'mremap.spans_vmas', 'the old range reaches beyond the VMA that holds old_address', [
      atPage(mm, 'old_address', vrm.addr),
      sizeOf(mm, 'old_len', needed),
      atPage(mm, 'vm_end', vma.end),
    ]);
  }
  mm.recorder.step(where, 'passed', 'the range lies within one VMA', () => [atPage(mm, 'vm_start', vma.start), atPage(mm, 'vm_end', vma.end)]);
  return null;
}

/** Kernels that check early have not unmapped the tail of a shrinking range yet: what will be left of it counts. */
const spanNeeded = (mm: Mm, vrm: Vrm): Pages => (mm.behaviours.mremap_checks === 'early' && remapType(vrm) === 'shrink' ? vrm.newLen : vrm.oldLen);
