/** mprotect(2): do_mprotect_pkey() and mprotect_fixup(), mm/mprotect.c. */
import { PROT, type MprotectCall, type Vpn } from '../../machine/index.js';
import { ARCH_CLEAR, archProtFlags, knownProt, mayBeTagged } from '../arch/prot.js';
import { populateRange } from '../pagetable/populate.js';
import { isRefused, refuse, type Outcome, type Refused } from '../refusal.js';
import { atByte, atPage, sizeOf, text } from '../values.js';
import { enoughMemory, mayExpandVm, refuseCommit } from './limits.js';
import type { Mm } from './mm.js';
import { modifyVma } from './modify.js';
import { alignUp } from './page-align.js';
import { refuseSealed } from './mseal.js';
import { isAnonymous, isFiller, type VmArea } from './vm-area.js';
import { ACCESS, VM } from './vm-flags.js';

export function sysMprotect(mm: Mm, call: MprotectCall): Outcome {
  const where = mm.functions.mprotect;
  const page = 1n << BigInt(mm.geometry.pageShift);
  if (call.addr % page !== 0n) return refuse(mm, where, 'EINVAL', 'mprotect.misaligned', 'the address must be page aligned', [atByte('addr', call.addr)]);
  if (call.length === 0n) return { value: 0n };
  const pages = alignUp(mm.geometry, call.length);
  const start = Number(call.addr / page);
  if (pages === 0 || start + pages >= 2 ** (64 - mm.geometry.pageShift)) {
    return refuse(mm, where, 'ENOMEM', 'mprotect.wraps', 'the range reaches beyond the end of 64 bits', [atByte('addr', call.addr), sizeOf(mm, 'length', pages)]);
  }
  const grows = call.prot & GROWS;
  if (grows === GROWS) return refuse(mm, where, 'EINVAL', 'mprotect.grows_both', 'nothing grows down and up at once', [text('prot', `0x${(call.prot >>> 0).toString(16)}`)]);
  if ((call.prot & ~(knownProt(mm.geometry) | GROWS)) !== 0)
    return refuse(mm, where, 'EINVAL', 'mprotect.prot', 'the protection has unknown bits', [text('prot', `0x${(call.prot >>> 0).toString(16)}`)]);

  const end = start + pages;
  const first = grows === 0 ? start : startOfGrowth(mm, start, end, grows);
  if (typeof first === 'object') return first;
  const access = (call.prot & PROT.PROT_READ ? VM.READ : 0) | (call.prot & PROT.PROT_WRITE ? VM.WRITE : 0) | (call.prot & PROT.PROT_EXEC ? VM.EXEC : 0);
  const asked = access | archProtFlags(mm.geometry, call.prot);
  let at = first;
  for (let vma = mm.lookup(at); at < end; vma = mm.lookup(at)) {
    if (vma === undefined || isFiller(vma)) return refuse(mm, where, 'ENOMEM', 'mprotect.hole', 'part of the range is not mapped', [atPage(mm, 'at', at)]);
    const to = Math.min(end, vma.end);
    const refused = checkMay(mm, vma, access) ?? refuseTags(mm, vma, asked) ?? protect(mm, vma, at, to, (vma.flags & ~(ACCESS | ARCH_CLEAR)) | asked);
    if (refused !== null) return refused;
    at = to;
  }
  return { value: 0n };
}

const GROWS = PROT.PROT_GROWSDOWN | PROT.PROT_GROWSUP;

/** PROT_GROWSDOWN: from where the stack begins by now, of which the caller knows the end. Nothing grows up on these machines. */
function startOfGrowth(mm: Mm, start: Vpn, end: Vpn, grows: number): Vpn | Refused {
  const where = mm.functions.mprotect;
  const vma = mm.findVma(start);
  if (vma === undefined || (grows === PROT.PROT_GROWSDOWN ? vma.start >= end : vma.start > start)) {
    return refuse(mm, where, 'ENOMEM', 'mprotect.hole', 'part of the range is not mapped', [atPage(mm, 'at', start)]);
  }
  if (grows === PROT.PROT_GROWSDOWN && (vma.flags & VM.GROWSDOWN) !== 0) return vma.start;
  return refuse(mm, where, 'EINVAL', 'mprotect.grows', 'the mapping does not grow that way', [atPage(mm, 'vm_start', vma.start)]);
}

/** The protections that mprotect may not give this VMA: VM_MAYREAD, VM_MAYWRITE and VM_MAYEXEC say which it may. */
function checkMay(mm: Mm, vma: VmArea, access: number): Refused | null {
  const may = (vma.flags & VM.MAYREAD ? VM.READ : 0) | (vma.flags & VM.MAYWRITE ? VM.WRITE : 0) | (vma.flags & VM.MAYEXEC ? VM.EXEC : 0);
  return (access & ~may) === 0
    ? null
    : refuse(mm, mm.functions.mprotect, 'EACCES', 'mprotect.access', 'the mapping can never have this protection', [atPage(mm, 'vm_start', vma.start)]);
}

/** arch_validate_flags() */
function refuseTags(mm: Mm, vma: VmArea, asked: number): Refused | null {
  if ((asked & VM.MTE) === 0 || mayBeTagged(vma)) return null;
  return refuse(mm, mm.functions.mprotect, 'EINVAL', 'mprotect.mte', 'PROT_MTE is for memory that can hold tags: anonymous memory and memory files', [
    atPage(mm, 'vm_start', vma.start),
  ]);
}

/** mprotect_fixup() of the part of one VMA. */
function protect(mm: Mm, vma: VmArea, start: Vpn, end: Vpn, asked: number): Refused | null {
  const sealed = refuseSealed(mm, vma);
  if (sealed !== null) return sealed;
  if (asked === vma.flags) return null;
  const pages = end - start;
  const where = mm.functions.mprotectFixup;
  let flags = asked;
  let charged = false;
  if (asked & VM.WRITE) {
    if (!mayExpandVm(mm, asked, pages) && mayExpandVm(mm, vma.flags, pages)) {
      return refuse(mm, where, 'ENOMEM', 'mprotect.rlimit_data', 'RLIMIT_DATA leaves no room for more writable private memory', [
        sizeOf(mm, 'data_vm', mm.dataVm),
        sizeOf(mm, 'pages', pages),
      ]);
    }
    if ((vma.flags & (VM.ACCOUNT | VM.WRITE | VM.HUGETLB | VM.SHARED | VM.NORESERVE)) === 0) {
      if (!enoughMemory(mm, pages)) return refuseCommit(mm, 'mprotect.commit', pages);
      flags |= VM.ACCOUNT;
      charged = true;
    }
  } else if (mm.behaviours.mprotect_uncharge === 'yes' && isAnonymous(vma) && vma.anonVma === null) {
    flags &= ~VM.ACCOUNT;
  }
  mm.effects.startWrite(vma);
  const changed = modifyVma(mm, vma, start, end, flags);
  if (isRefused(changed)) return changed;
  mm.effects.protect(start, end, (flags & VM.WRITE) !== 0);
  if (charged) mm.committed += pages;
  if (vma.flags & VM.ACCOUNT && !(flags & VM.ACCOUNT)) mm.committed -= pages;
  mm.account(vma.flags, -pages);
  mm.account(flags, pages);
  mm.recorder.step(where, 'done', 'mprotect.changed', 'changed the protection', () => [atPage(mm, 'start', start), atPage(mm, 'end', end)]);
  // Locked private memory that becomes writable is copied at once, so that a store cannot fault.
  if ((vma.flags & (VM.WRITE | VM.SHARED | VM.LOCKED)) === VM.LOCKED && flags & VM.WRITE) populateRange(mm, start, end);
  return null;
}
