/** mseal(2): do_mseal(), mm/mseal.c; can_modify_vma(), mm/vma.h. */
import type { MsealCall } from '../../machine/index.js';
import { isRefused, refuse, type Outcome, type Refused } from '../refusal.js';
import { atByte, atPage, bytes, text } from '../values.js';
import type { Mm } from './mm.js';
import { modifyVma } from './modify.js';
import { alignUp } from './page-align.js';
import type { VmArea } from './vm-area.js';
import { VM } from './vm-flags.js';

export function sysMseal(mm: Mm, call: MsealCall): Outcome {
  const where = mm.functions.mseal;
  if (mm.behaviours.mseal === 'no') return refuse(mm, where, 'ENOSYS', 'mseal.absent', 'this kernel has no mseal');
  const page = 1n << BigInt(mm.geometry.pageShift);
  if (call.flags !== 0) return refuse(mm, where, 'EINVAL', 'mseal.flags', 'mseal has no flags yet: the third argument is 0', [text('flags', `0x${call.flags.toString(16)}`)]);
  if (call.addr % page !== 0n) return refuse(mm, where, 'EINVAL', 'mseal.misaligned', 'the address must be page aligned', [atByte('addr', call.addr)]);
  const pages = alignUp(mm.geometry, call.length);
  const start = Number(call.addr / page);
  const end = start + pages;
  if ((call.length !== 0n && pages === 0) || end > 2 ** (64 - mm.geometry.pageShift)) {
    return refuse(mm, where, 'EINVAL', 'mseal.wraps', 'the range reaches beyond the end of 64 bits', [atByte('addr', call.addr), bytes('length', call.length)]);
  }
  // The whole range first: a hole leaves nothing sealed.
  for (let at = start; at < end;) {
    const vma = mm.lookup(at);
    if (vma === undefined) return refuse(mm, where, 'ENOMEM', 'mseal.hole', 'part of the range is not mapped', [atPage(mm, 'at', at)]);
    at = vma.end;
  }
  for (let at = start; at < end;) {
    const vma = mm.lookup(at);
    if (vma === undefined) break;
    const to = Math.min(end, vma.end);
    if ((vma.flags & VM.SEALED) === 0) {
      const sealed = modifyVma(mm, vma, at, to, vma.flags | VM.SEALED);
      if (isRefused(sealed)) return sealed;
    }
    at = to;
  }
  return { value: 0n };
}

/** A sealed VMA cannot be unmapped, moved, resized or given another protection. */
export function refuseSealed(mm: Mm, vma: VmArea): Refused | null {
  if ((vma.flags & VM.SEALED) === 0) return null;
  return refuse(mm, mm.functions.canModifyVma, 'EPERM', 'vma.sealed', 'the mapping is sealed', [atPage(mm, 'vm_start', vma.start), atPage(mm, 'vm_end', vma.end)]);
}
