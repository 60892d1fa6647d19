/**
 * From cells to an address space that operations can work on. Whoever has the mmap lock for writing
 * may look at every VMA: all that is read is read through the cells, so that the search sees it. What is
 * read is a row of numbers, and stands for the address space: what was decided for it once is known.
 */
import type { Vpn } from '../../machine/index.js';
import { Kernel } from '../kernel.js';
import type { SharedObject } from '../pagetable/shared-object.js';
import { Mm } from '../vma/mm.js';
import { isDataMapping, pagesOf, type VmArea } from '../vma/vm-area.js';
import type { Cells } from './cells.js';
import type { Actor } from './program.js';
import { NotEnough } from './room.js';
import { FIGURES, Script } from './script.js';
import { DETACHED, LIVE, UNUSED, type World } from './world.js';

/** What of the machine a lifted address space has besides the cells. */
export interface Backdrop {
  readonly mm: Mm;
  readonly files: readonly SharedObject[];
  /** The VMAs of the process that are no part of the race, with anon_vmas as the cells have them. */
  readonly rest: readonly VmArea[];
}

/** How much of the address space is read. */
export interface Reach {
  /** One VMA, for whoever has no more than its lock; all of them by default. */
  readonly only?: number;
  /** Whether anon_vmas and figures matter, which faults change beside readers of the mmap lock. */
  readonly layoutOnly?: boolean;
}

/** What was read, in the order in which it is put together again. */
export type Taken = readonly number[];

const SKIPPED = -1;
const ANON = ['state', 'root', 'parent', 'children'] as const;

export class Lifter {
  constructor(
    private readonly w: World,
    private readonly backdrop: Backdrop,
  ) {}

  read(c: Cells, { only, layoutOnly = false }: Reach = {}): Taken {
    const { w } = this;
    const taken: number[] = [];
    for (let v = 0; v < w.sizes.vmas; v++) {
      if (only !== undefined && v !== only) {
        taken.push(SKIPPED);
        continue;
      }
      const state = c.get(w.vma(v, 'state'));
      taken.push(state);
      if (state !== LIVE && state < DETACHED) continue;
      taken.push(c.get(w.vma(v, 'shape')));
      if (layoutOnly) taken.push(0, 0, 0);
      else taken.push(c.get(w.vma(v, 'anonVma')), c.get(w.vma(v, 'chain')), c.get(w.vma(v, 'order')));
    }
    if (layoutOnly) return taken;
    for (let a = 0; a < w.sizes.anonVmas; a++) for (const field of ANON) taken.push(c.get(w.anon(a, field)));
    for (let m = 0; m < w.sizes.mms; m++) for (const figure of FIGURES) taken.push(c.get(w.mm(m, figure)));
    return taken;
  }

  /**
   * The address space of process 0, as it was read, with all that shares its kernel.
   * @param answers what relocations came to so far
   * @returns the script that its operations write
   */
  build(taken: Taken, actor: Actor, child: number, answers: readonly number[]): { mm: Mm; script: Script } {
    const { w } = this;
    const { mm: machine, files, rest } = this.backdrop;
    const kernel = new Kernel<Mm>(machine.geometry, machine.behaviours, machine.functions);
    const vmas: { readonly id: number; readonly mm: number; readonly live: boolean; readonly vma: VmArea }[] = [];
    let at = 0;
    const next = (): number => taken[at++] ?? 0;
    let freeVma = -1;
    const { vma: pool, anonVma: anonPool } = actor.pool;
    for (let v = 0; v < w.sizes.vmas; v++) {
      const state = next();
      if (state === UNUSED && freeVma < 0 && v >= pool.from && v < pool.from + pool.count) freeVma = v;
      if (state !== LIVE && state < DETACHED) continue;
      const shape = w.shape(next());
      const [anonVma, chain, order] = [next(), next(), next()];
      vmas.push({
        id: v,
        mm: shape.mm,
        live: state === LIVE,
        vma: {
          start: shape.start,
          end: shape.end,
          pgoff: shape.pgoff,
          anonPgoff: shape.anonPgoff,
          flags: shape.flags,
          file: files[shape.file] ?? null,
          anonVma: anonVma === 0 ? null : anonVma - 1,
          chain: Array.from({ length: w.sizes.anonVmas }, (_, a) => a).filter((a) => (chain & (1 << a)) !== 0),
          queue: order,
          uffd: null,
          image: shape.image,
        },
      });
    }
    let freeAnon = anonPool.from + anonPool.count;
    for (let a = 0; a < w.sizes.anonVmas && at < taken.length; a++) {
      const [state, root, parent, numChildren] = [next(), next(), next(), next()];
      if (state === LIVE) kernel.anonVmas.restore(a, { root, parent, numChildren });
      if (state === UNUSED && a >= anonPool.from && a < freeAnon) freeAnon = a;
    }
    kernel.anonVmas.countFrom(freeAnon);
    const script = new Script({
      fileOf: (vma) => files.findIndex((f) => f === vma.file),
      nextVma: () => {
        if (freeVma < 0 || freeVma >= pool.from + pool.count) throw new NotEnough({ kind: 'vma' });
        return freeVma++;
      },
      child,
      answers,
    });
    const sides = Array.from({ length: w.sizes.mms }, (_, number) => number)
      .filter((number) => number !== child)
      .map((number) => {
        const mm = new Mm(kernel, { limits: machine.limits, mmapBase: machine.mmapBase, startBrk: machine.startBrk, effects: (m) => script.effectsOf(m) });
        const ids = new Map<Vpn, number>();
        for (const { id, vma } of vmas.filter((v) => v.live && v.mm === number)) {
          put(mm, vma);
          ids.set(vma.start, id);
        }
        if (number === 0) for (const vma of rest) put(mm, vma);
        return { mm, number, ids };
      });
    // Walks find them still: they keep their anon_vmas.
    for (const { vma } of vmas.filter((v) => !v.live)) kernel.anonVmas.link(vma);
    for (let m = 0; m < w.sizes.mms && at < taken.length; m++) {
      const mm = sides.find((s) => s.number === m)?.mm;
      const figures = FIGURES.map(() => w.number(next()));
      const [, totalVm, lockedVm, committed, chargedForNothing, lockedForNothing] = figures;
      if (mm !== undefined) Object.assign(mm, { totalVm, lockedVm, committed, chargedForNothing, lockedForNothing });
    }
    const mm = (sides[0] as (typeof sides)[number]).mm;
    mm.brk = machine.brk;
    mm.defFlags = machine.defFlags;
    for (const [fd, object] of machine.files) mm.files.set(fd, object);
    script.begin(sides);
    return { mm, script };
  }

  /** What an anon_vma made in a decision must not exceed. */
  checkAnonVma(id: number, actor: Actor): void {
    const { from, count } = actor.pool.anonVma;
    if (id >= from + count) throw new NotEnough({ kind: 'anonVma' });
  }
}

function put(mm: Mm, vma: VmArea): void {
  mm.anonVmas.link(vma);
  mm.vmas.set(vma.start, vma);
  if (isDataMapping(vma.flags)) mm.dataVm += pagesOf(vma);
}
