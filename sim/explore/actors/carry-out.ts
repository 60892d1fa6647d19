/** The acts of an operation (script.ts) as steps that others can come between: lock, act, flush, unlock, in the kernel's order. */
import type { Part } from '../../vma/effects.js';
import { downgrade } from '../locks.js';
import { flushTlb } from '../memory.js';
import type { Label, Register } from '../program.js';
import type { Act, VmaAct } from '../script.js';
import { changeVmas, endWriteAll, startWrite } from '../vmas.js';
import { changeProtection, giveUpPages } from './change-entries.js';
import { copyPages } from './copy-page-range.js';
import type { Kit } from './kit.js';
import { movePageTables } from './move-page-tables.js';
import { endRelocation, relocateFolios, undoRelocation, type Held } from './relocate.js';
import { freeTables, unmapRegion } from './unmap.js';
import { finishGather, zapSteps } from './zap.js';

/** What lasts from one act of an operation to later ones. */
export interface Carried {
  /** The mmap lock is held for reading only by now. */
  downgraded: boolean;
  /** What a relocation holds until it is over. */
  held: Held;
}

/**
 * Writes the steps of some acts.
 * @param resume writes what follows a relocation, whose outcome the operation waits for: a label for each
 */
export function carryOut(kit: Kit, acts: readonly Act[], carried: Carried, resume: (answer: number) => Label): void {
  acts.forEach((act, i) => carryOutOne(kit, act, carried, resume, acts[i + 1]));
}

function carryOutOne(kit: Kit, act: Act, carried: Carried, resume: (answer: number) => Label, following: Act | undefined): void {
  const { b, w, mm } = kit;
  switch (act.kind) {
    case 'vmas': {
      const { fn, say } = told(kit, act, following);
      b.step(fn, say, (c) => changeVmas(w, c, act));
      return;
    }
    case 'start_write':
      if (w.behaviours.per_vma_locks === 'yes') b.step('vma_start_write', `write-lock the ${kit.op.name === 'mremap' ? 'source ' : ''}VMA`, (c) => startWrite(w, c, act.vma));
      return;
    case 'unmap':
      if (act.unlocks) {
        carried.downgraded = true;
        b.step('mmap_write_downgrade', 'unlock the VMAs; keep the mmap lock for reading', (c) => {
          endWriteAll(w, c);
          downgrade(c, w.mmapLock(mm));
        });
      }
      unmapRegion(kit, act);
      return;
    case 'free_tables':
      freeTables(kit, act.tables);
      return;
    case 'discard': {
      const tables: Register[] = [];
      const gathered = zapSteps(kit, act.from, act.to, { keepsMarkers: true, ...(act.reclaims && { reclaimed: tables }) });
      finishGather(kit, act.from, act.to, gathered, tables);
      return;
    }
    case 'protect':
      changeProtection(kit, act.from, act.to, act.writable);
      return;
    case 'give_up':
      giveUpPages(kit, act.from, act.to);
      return;
    case 'move':
      movePageTables(kit, act);
      return;
    case 'relocate':
      relocateFolios(kit, act, carried.held, resume);
      return;
    case 'undo':
      undoRelocation(kit, act, carried.held);
      return;
    case 'end_relocation':
      endRelocation(kit, act.by, carried.held);
      return;
    case 'copy_pages':
      copyPages(kit, act);
      return;
    case 'flush':
      b.step('dup_mmap', 'flush the TLBs of the parent', (c) => flushTlb(w, c, mm, 0, Infinity));
  }
}

/** What a change of VMAs is called in a schedule. */
function told({ w, op }: Kit, { part, vmas }: VmaAct, following: Act | undefined): { fn: string; say: string } {
  const hex = (at: number | undefined): string => (at === undefined ? '' : w.hex(at));
  const leaving = vmas.filter((v) => v.fate === 'detached').map((v) => v.shape);
  const texts: Readonly<Record<Part, () => [string, string]>> = {
    gather: () => ['vms_gather_munmap_vmas', leaving.length === 0 ? 'split the VMA' : `take the VMAs of [${hex(leaving[0]?.start)}, ${hex(leaving.at(-1)?.end)}) out of the mm`],
    copy_vma: () =>
      following?.kind === 'relocate'
        ? ['vma_relocate_anon', 'may its folios be relocated? a VMA at the new offset, with an anon_vma of its own']
        : ['copy_vma', `a VMA for ${hex(following?.kind === 'move' ? following.to : undefined)}: a neighbour that grows, or a new one`],
    split_relocated: () => ['vma_relocate_anon', 'end the new VMA where relocation failed; the rest moves as usual, to a VMA of its own'],
    undo_relocated: () => ['undo_relocate_anon', 'unmap the new VMA: its anon_vma goes with it'],
    dontunmap: () => ['dontunmap_complete', 'the source stays, empty: unlink its anon_vmas if all of it moved'],
    stack_covers: () => ['shift_arg_pages', 'the VMA covers the old place and the new one'],
    stack_stands: () => ['shift_arg_pages', 'the VMA ends where the stack does now, and is like any other'],
    dup_mmap: () => ['dup_mmap', 'a VMA of the child, with an anon_vma of its own'],
  };
  const [fn, say] = part === null ? [op.name, 'the VMAs change'] : texts[part]();
  return { fn, say };
}
