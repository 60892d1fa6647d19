/** fork(2): dup_mmap() (kernel/fork.c) and anon_vma_fork() (mm/rmap.c); and the end of a process, exit_mmap(). */
import { dropPins } from './gup.js';
import { zapRange } from './pagetable/zap.js';
import { forkUffd } from './uffd.js';
import { Mm } from './vma/mm.js';
import { isAccounted, pagesOf, type VmArea } from './vma/vm-area.js';
import { LOCKED_MASK, VM } from './vma/vm-flags.js';

/** A child that shares what its parent maps, as far as the VMAs say. */
export function dupMmap(parent: Mm): Mm {
  const child = new Mm(parent.kernel, {
    limits: { ...parent.limits, rlimits: { ...parent.limits.rlimits }, capabilities: new Set(parent.limits.capabilities) },
    mmapBase: parent.mmapBase,
    startBrk: parent.startBrk,
    effects: parent.setup.effects,
  });
  child.brk = parent.brk;
  child.rmapBroken = parent.rmapBroken;
  child.advisedHuge = parent.advisedHuge;
  child.rmapBroken = parent.rmapBroken;
  for (const [fd, object] of parent.files) child.files.set(fd, object);
  for (const vma of parent.vmas.values()) {
    if (parent.behaviours.fork_vma_lock === 'yes') parent.effects.startWrite(vma);
    if (vma.flags & VM.DONTCOPY) continue;
    child.effects.part('dup_mmap');
    const copy = anonVmaFork(parent, forkUffd({ ...vma, flags: vma.flags & ~LOCKED_MASK }));
    child.insert(copy);
    child.account(copy.flags, pagesOf(copy));
    if (isAccounted(copy)) child.committed += pagesOf(copy);
    parent.effects.copyPages(child, vma, copy);
  }
  parent.effects.flush();
  return child;
}

/** anon_vma_fork(): the child's VMA keeps the links to its ancestors and gets an anon_vma of its own. */
function anonVmaFork(parent: Mm, vma: VmArea): VmArea {
  if (vma.flags & VM.WIPEONFORK) return { ...vma, anonVma: null, chain: [] };
  if (vma.anonVma === null) return vma;
  // One whose VMAs are all gone and that has no descendants but one is used again (anon_vma_clone()).
  const idle = vma.chain.find((id) => {
    const a = parent.anonVmas.get(id);
    return id !== vma.anonVma && a !== undefined && a.numActiveVmas === 0 && a.numChildren < 2;
  });
  if (idle !== undefined) return { ...vma, anonVma: idle };
  const own = parent.anonVmas.createChild(vma.anonVma);
  return { ...vma, anonVma: own, chain: [...vma.chain, own] };
}

/** exit_mmap(): the process is gone. */
export function exitMmap(mm: Mm): void {
  dropPins(mm);
  zapRange(mm, 0, mm.geometry.taskPages + 1);
  mm.removeAll([...mm.vmas.values()]);
  mm.kernel.mms.delete(mm);
}
