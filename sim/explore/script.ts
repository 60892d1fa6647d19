/**
 * What an operation does to what others can see, written down instead of done: the other side of the
 * port that operations act through (vma/effects.ts). The operation itself decides, on an `Mm` that was
 * lifted out of the cells (lift.ts); then its acts are carried out in fine steps (actors/carry-out.ts).
 *
 * Where an operation goes on differently for what it meets on the way (relocation may have to give up),
 * it is decided anew from the same start, with the answers known so far.
 */
import { SetupError, type Pages, type Vpn } from '../../machine/index.js';
import type { Effects, PagetableMove, Part, Region, Relocated, RelocatedRange } from '../vma/effects.js';
import type { Mm } from '../vma/mm.js';
import type { VmArea } from '../vma/vm-area.js';
import { needsCopy } from '../pagetable/copy.js';
import { NotEnough } from './room.js';
import type { Shape } from './world.js';

/** A VMA that is new, changed, on its way out, or gone. */
export interface VmaChange {
  readonly id: number;
  /** As it is now; of one that leaves, as it was. */
  readonly shape: Shape;
  readonly anonVma: number;
  readonly chain: number;
  readonly isNew: boolean;
  /** Detached: out of the tree, but found by reverse-map walks until its pages are gone. */
  readonly fate: 'stays' | 'detached' | 'gone';
  /** Whether it covers other pages than before, or counts them otherwise. */
  readonly moved: boolean;
}

export const FIGURES = ['mapCount', 'totalVm', 'lockedVm', 'committed', 'leaked', 'lockedLeaked'] as const;
export type Figure = (typeof FIGURES)[number];
export type FigureChange = { readonly mm: number; readonly figure: Figure; readonly by: number };

export interface VmaAct {
  readonly kind: 'vmas';
  readonly part: Part | null;
  readonly vmas: readonly VmaChange[];
  /** anon_vmas that are allocated, with their parents; -1 for none. */
  readonly made: readonly { readonly id: number; readonly parent: number }[];
  readonly figures: readonly FigureChange[];
}

export interface RelocateAct {
  readonly kind: 'relocate';
  readonly range: RelocatedRange;
  readonly from: { readonly anonVma: number };
  readonly to: { readonly anonVma: number };
}

export type Act =
  | VmaAct
  | { readonly kind: 'start_write'; readonly vma: number }
  | { readonly kind: 'unmap'; readonly vmas: readonly number[]; readonly from: Vpn; readonly to: Vpn; readonly tables: Tables; readonly moved: boolean; readonly unlocks: boolean }
  | { readonly kind: 'free_tables'; readonly tables: Tables }
  | { readonly kind: 'discard'; readonly from: Vpn; readonly to: Vpn; readonly reclaims: boolean }
  | { readonly kind: 'protect'; readonly from: Vpn; readonly to: Vpn; readonly writable: boolean }
  | { readonly kind: 'give_up'; readonly from: Vpn; readonly to: Vpn }
  | { readonly kind: 'move'; readonly from: Vpn; readonly to: Vpn; readonly pages: Pages; readonly file: number; readonly anonVma: number; readonly needRmapLocks: boolean }
  | RelocateAct
  | { readonly kind: 'undo'; readonly from: Vpn; readonly to: Vpn; readonly by: RelocateAct }
  | { readonly kind: 'end_relocation'; readonly by: RelocateAct }
  | { readonly kind: 'copy_pages'; readonly child: number; readonly vma: number; readonly from: Vpn; readonly to: Vpn }
  | { readonly kind: 'flush' };

/** Which tables go: those of the ranges that lie between floor and ceiling. */
export interface Tables {
  readonly ranges: readonly { readonly start: Vpn; readonly end: Vpn }[];
  readonly floor: Vpn;
  readonly ceiling: Vpn;
}

/** All went well; else how many pages from the start the relocation had to give up. */
export const ALL = -1;

/** Thrown where the operation needs an answer that only its carrying out can give. */
export class Suspended extends Error {}

/** What a script must know of the world. */
export interface Ground {
  readonly fileOf: (vma: VmArea) => number;
  /** Numbers for VMAs that are made; they come in the order in which they are asked for. */
  readonly nextVma: () => number;
  /** The number of the address space that a fork makes. */
  readonly child: number;
  /** What relocations came to, in order. */
  readonly answers: readonly number[];
}

interface Pending {
  readonly id: number;
  readonly isNew: boolean;
  vma: VmArea;
  mm: number;
  fate: VmaChange['fate'];
  moved: boolean;
}

/** One of the address spaces that an operation works on. */
interface Side {
  readonly number: number;
  /** Numbers of VMAs, by where they start; -1 for those that are no part of the race. */
  readonly ids: Map<Vpn, number>;
  figures: Readonly<Record<Figure, number>>;
}

const figuresOf = (mm: Mm): Record<Figure, number> => ({
  mapCount: mm.mapCount,
  totalVm: mm.totalVm,
  lockedVm: mm.lockedVm,
  committed: mm.committed,
  leaked: mm.chargedForNothing,
  lockedLeaked: mm.lockedForNothing,
});

export class Script {
  readonly acts: Act[] = [];
  private readonly sides = new Map<Mm, Side>();
  private readonly pending = new Map<number, Pending>();
  private part: Part | null = null;
  private answered = 0;
  private madeUpTo = 0;
  private relocating: RelocateAct | null = null;
  private running = false;
  private kernel: Mm['kernel'] | null = null;

  constructor(private readonly ground: Ground) {}

  /** From now on what is done to these address spaces is written down. */
  begin(sides: readonly { readonly mm: Mm; readonly number: number; readonly ids: Map<Vpn, number> }[]): void {
    for (const { mm, number, ids } of sides) this.sides.set(mm, { number, ids, figures: figuresOf(mm) });
    this.kernel = sides[0]?.mm.kernel ?? null;
    this.madeUpTo = this.kernel?.anonVmas.next ?? 0;
    this.running = true;
  }

  /** The operation is over; what figures changed since the last act. */
  end(): FigureChange[] {
    this.flush();
    return this.changedFigures();
  }

  effectsOf(mm: Mm): Effects<Mm> {
    return {
      part: (part) => this.enter(part),
      vmasChanged: (old, changed) => {
        if (this.running) this.vmasChanged(this.sideOf(mm), old, changed);
      },
      startWrite: (vma) => this.act({ kind: 'start_write', vma: this.idOf(mm, vma) }),
      unmapRegion: (region) => this.unmapRegion(region),
      freeTables: (range, floor, ceiling) => this.act({ kind: 'free_tables', tables: { ranges: [range], floor, ceiling } }),
      discard: (from, to) => this.act({ kind: 'discard', from, to, reclaims: false }),
      reclaimTables: (from, to) => this.reclaim(from, to),
      moveTables: (move, down) => this.moveTables(mm, move, down),
      protect: (from, to, writable) => this.act({ kind: 'protect', from, to, writable }),
      giveUp: (from, to) => this.act({ kind: 'give_up', from, to }),
      unshareKsm: () => {
        throw new SetupError('memory that KSM may have merged is not modelled in races', 'leave MADV_MERGEABLE out, or take it back before the race');
      },
      relocate: (range) => this.relocate(range),
      undoRelocation: (_, from, to) => {
        if (this.relocating !== null) this.act({ kind: 'undo', from, to, by: this.relocating });
        return 0;
      },
      endRelocation: () => {
        if (this.relocating !== null) this.act({ kind: 'end_relocation', by: this.relocating });
        this.relocating = null;
      },
      populate: () => {
        throw new SetupError('growth of locked memory is not modelled in races', 'unlock it before, or do not let it grow');
      },
      copyPages: (child, vma, copy) => {
        if (vma.image || !needsCopy(vma, copy)) return;
        this.act({ kind: 'copy_pages', child: this.sideOf(child).number, vma: this.idOf(child, copy), from: vma.start, to: vma.end });
      },
      flush: () => this.act({ kind: 'flush' }),
    };
  }

  private act(act: Act): void {
    this.flush();
    this.acts.push(act);
  }

  private enter(part: Part): void {
    if (part !== this.part) this.flush();
    this.part = part;
  }

  /** A process that was not there before is the child. */
  private sideOf(mm: Mm): Side {
    const known = this.sides.get(mm);
    if (known !== undefined) return known;
    const side: Side = { number: this.ground.child, ids: new Map(), figures: { mapCount: 0, totalVm: 0, lockedVm: 0, committed: 0, leaked: 0, lockedLeaked: 0 } };
    this.sides.set(mm, side);
    return side;
  }

  private idOf(mm: Mm, vma: VmArea): number {
    const id = this.sideOf(mm).ids.get(vma.start);
    if (id === undefined || id < 0) throw new NotEnough({ vma: vma.start });
    return id;
  }

  /**
   * Which of the changed VMAs is which of the old ones: who begins where it began, else who ends where
   * it ended, else who covers part of what it covered. What is left over is new, or gone.
   */
  private vmasChanged(side: Side, old: readonly VmArea[], changed: readonly VmArea[]): void {
    const before = old.map((vma) => {
      const id = side.ids.get(vma.start);
      if (id === undefined || id < 0) throw new NotEnough({ vma: vma.start });
      return { vma, id, taken: false };
    });
    const become = new Map<VmArea, (typeof before)[number]>();
    const match = (fits: (o: VmArea, v: VmArea) => boolean): void => {
      for (const v of changed) {
        if (become.has(v)) continue;
        const o = before.find((x) => !x.taken && fits(x.vma, v));
        if (o === undefined) continue;
        o.taken = true;
        become.set(v, o);
      }
    };
    match((o, v) => o.start === v.start);
    match((o, v) => o.end === v.end);
    match((o, v) => o.start < v.end && v.start < o.end);
    for (const { vma } of before) side.ids.delete(vma.start);
    for (const o of before) if (!o.taken) this.note(side, o.id, o.vma, 'gone', true);
    for (const v of changed) {
      const o = become.get(v);
      const id = o?.id ?? this.ground.nextVma();
      side.ids.set(v.start, id);
      this.note(side, id, v, 'stays', o === undefined || o.vma.start !== v.start || o.vma.end !== v.end || o.vma.pgoff !== v.pgoff, o === undefined);
    }
  }

  private note(side: Side, id: number, vma: VmArea, fate: VmaChange['fate'], moved: boolean, isNew = false): void {
    const known = this.pending.get(id);
    this.pending.set(id, { id, isNew: known?.isNew ?? isNew, vma, mm: side.number, fate, moved: moved || known?.moved === true });
  }

  private unmapRegion({ vmas, floor, ceiling, moved, unlocks }: Region): void {
    const [first, last] = [vmas[0], vmas.at(-1)];
    if (first === undefined || last === undefined) return;
    const leaving = [...this.pending.values()].filter((p) => p.fate === 'gone' && vmas.some((v) => v.start === p.vma.start));
    for (const p of leaving) p.fate = 'detached';
    this.act({ kind: 'unmap', vmas: leaving.map(({ id }) => id), from: first.start, to: last.end, tables: { ranges: vmas, floor, ceiling }, moved, unlocks });
  }

  /** Tables go with the entries that were in them, under one flush. */
  private reclaim(from: Vpn, to: Vpn): void {
    const last = this.acts.pop();
    if (last?.kind === 'discard') this.acts.push({ ...last, from, to, reclaims: true });
    else if (last !== undefined) this.acts.push(last);
  }

  private moveTables(mm: Mm, move: PagetableMove, down: Pages): Pages {
    const { src } = move;
    // A source that is out of reach has no pages that matter.
    this.idOf(mm, src);
    this.act({
      kind: 'move',
      from: move.old - down,
      to: move.new - down,
      pages: move.pages + down,
      file: src.file === null ? -1 : this.ground.fileOf(src),
      anonVma: src.anonVma ?? -1,
      needRmapLocks: move.needRmapLocks,
    });
    return move.pages;
  }

  private relocate(range: RelocatedRange): Relocated {
    const act: RelocateAct = { kind: 'relocate', range, from: { anonVma: range.src.anonVma ?? -1 }, to: { anonVma: range.dst.anonVma ?? -1 } };
    this.act(act);
    this.relocating = act;
    const answer = this.ground.answers[this.answered++];
    if (answer === undefined) throw new Suspended();
    return { folios: 0, skipped: 0, failed: answer === ALL ? null : { at: range.addr + answer, why: 'a page is pinned or locked' } };
  }

  /** What changed since the last act becomes one act: nobody can see half of it. */
  private flush(): void {
    if (this.pending.size === 0) return;
    const made = this.madeAnonVmas();
    const vmas = [...this.pending.values()]
      .filter((p) => !(p.isNew && p.fate === 'gone'))
      .map((p): VmaChange => {
        const { vma } = p;
        const shape: Shape = {
          mm: p.mm,
          start: vma.start,
          end: vma.end,
          pgoff: vma.pgoff,
          anonPgoff: vma.anonPgoff,
          file: vma.file === null ? -1 : this.ground.fileOf(vma),
          flags: vma.flags,
          image: vma.image,
        };
        return {
          id: p.id,
          shape,
          anonVma: vma.anonVma ?? -1,
          chain: vma.chain.reduce((bits, id) => bits | (1 << id), 0), // prettier-ignore
          isNew: p.isNew,
          fate: p.fate,
          moved: p.moved,
        };
      });
    this.pending.clear();
    this.acts.push({ kind: 'vmas', part: this.part, vmas, made, figures: this.changedFigures() });
  }

  private madeAnonVmas(): VmaAct['made'] {
    const made: { id: number; parent: number }[] = [];
    const anonVmas = this.kernel?.anonVmas;
    for (; anonVmas !== undefined && this.madeUpTo < anonVmas.next; this.madeUpTo++) {
      const parent = anonVmas.parentOf(this.madeUpTo);
      // One that is gone already was nobody's business.
      if (parent !== undefined) made.push({ id: this.madeUpTo, parent: parent === this.madeUpTo ? -1 : parent });
    }
    return made;
  }

  private changedFigures(): FigureChange[] {
    const changes: FigureChange[] = [];
    for (const [mm, side] of this.sides) {
      const now = figuresOf(mm);
      for (const figure of FIGURES) if (now[figure] !== side.figures[figure]) changes.push({ mm: side.number, figure, by: now[figure] - side.figures[figure] });
      side.figures = now;
    }
    return changes;
  }
}
