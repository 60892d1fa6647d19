/** prctl(PR_SET_VMA, PR_SET_VMA_ANON_NAME): prctl_set_vma(), kernel/sys.c, and madvise_set_anon_name(), mm/madvise.c (CONFIG_ANON_VMA_NAME). */
import type { NameVmaCall } from '../../machine/index.js';
import { isRefused, refuse, type Outcome } from '../refusal.js';
import { atByte, atPage } from '../values.js';
import type { Mm } from './mm.js';
import { modifyVma } from './modify.js';
import { alignUp } from './page-align.js';
import { isAnonymous } from './vm-area.js';

export function sysNameVma(mm: Mm, { addr, length, called }: NameVmaCall): Outcome {
  const where = mm.functions.madvise;
  const page = 1n << BigInt(mm.geometry.pageShift);
  if (addr % page !== 0n) return refuse(mm, where, 'EINVAL', 'name.misaligned', 'the address must be page aligned', [atByte('addr', addr)]);
  const start = Number(addr / page);
  const end = start + alignUp(mm.geometry, length);
  let hole: number | null = null;
  for (let at = start; at < end;) {
    const vma = mm.findVma(at);
    if (vma === undefined || vma.start > at) {
      hole ??= at;
      at = vma?.start ?? end;
      continue;
    }
    if (!isAnonymous(vma) && vma.file?.kind !== 'shm')
      return refuse(mm, where, 'EBADF', 'name.file', 'only anonymous memory has a name of its own', [atPage(mm, 'vm_start', vma.start)]);
    const to = Math.min(end, vma.end);
    const name = called === '' ? null : called;
    if ((vma.name ?? null) !== name) {
      const changed = modifyVma(mm, vma, at, to, vma.flags, vma.uffd, name);
      if (isRefused(changed)) return changed;
    }
    at = to;
  }
  return hole === null ? { value: 0n } : refuse(mm, where, 'ENOMEM', 'name.hole', 'part of the range is not mapped; the rest has its name', [atPage(mm, 'at', hole)]);
}
