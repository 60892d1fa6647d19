/** From a system call to the function of the kernel that carries it out. */
import type { SyscallOp } from '../machine/index.js';
import type { Outcome } from './refusal.js';
import { execStack } from './exec-stack.js';
import { createMemfd, sysClose, sysFtruncate } from './file.js';
import { sysMremap } from './mremap/mremap.js';
import { sysUffd, sysUffdRange } from './uffd.js';
import { sysNameVma } from './vma/anon-name.js';
import { sysBrk } from './vma/brk.js';
import { sysMadvise } from './vma/madvise.js';
import { sysMlock, sysMlock2, sysMlockall, sysMunlockall } from './vma/mlock.js';
import { sysMincore } from './vma/mincore.js';
import { sysMmap } from './vma/mmap.js';
import { sysMprotect } from './vma/mprotect.js';
import { sysMseal } from './vma/mseal.js';
import { sysMunmap } from './vma/munmap.js';
import type { Mm } from './vma/mm.js';

export function call(mm: Mm, op: Exclude<SyscallOp, { name: 'fork' | 'reap' | 'switch' }>): Outcome {
  switch (op.name) {
    case 'mmap':
      return sysMmap(mm, op);
    case 'munmap':
      return sysMunmap(mm, op);
    case 'mremap':
      return sysMremap(mm, op);
    case 'mprotect':
      return sysMprotect(mm, op);
    case 'madvise':
      return sysMadvise(mm, op);
    case 'mlock':
    case 'munlock':
      return sysMlock(mm, op);
    case 'mlock2':
      return sysMlock2(mm, op);
    case 'mlockall':
      return sysMlockall(mm, op);
    case 'munlockall':
      return sysMunlockall(mm);
    case 'mseal':
      return sysMseal(mm, op);
    case 'name_vma':
      return sysNameVma(mm, op);
    case 'mincore':
      return sysMincore(mm, op);
    case 'brk':
      return sysBrk(mm, op);
    case 'memfd':
      return createMemfd(mm, op);
    case 'ftruncate':
      return sysFtruncate(mm, op);
    case 'close':
      return sysClose(mm, op);
    case 'exec_stack':
      return execStack(mm, op);
    case 'userfaultfd':
    case 'uffd_close':
      return sysUffd(mm, op);
    case 'uffd_register':
    case 'uffd_unregister':
    case 'uffd_writeprotect':
      return sysUffdRange(mm, op);
    case 'getrlimit':
      return { value: 0n };
    case 'setrlimit':
      mm.limits.rlimits[op.resource] = op.limit === null ? Infinity : Number(op.limit) / 2 ** mm.geometry.pageShift;
      return { value: 0n };
  }
}
