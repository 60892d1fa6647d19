/** Collects what one operation does, while it does it. */
import type { KernelFn } from './models/kernel-functions.js';
import type {
  LevelName,
  MoveCall,
  MoveCounters,
  MoveKind,
  MoveStretch,
  OpRecord,
  Pages,
  Relocation,
  Step,
  StepValue,
  Stray,
  TableChange,
  RmapVisit,
  UffdEvent,
  Vpn,
  VrmState,
} from '../machine/index.js';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

export const NO_MOVES: MoveCounters = Object.freeze({
  calls: 0,
  rmap: 0,
  iter: 0,
  moveback: 0,
  pte: 0,
  move_ptes: 0,
  pmd: 0,
  pmd_fail: 0,
  pud: 0,
  pud_fail: 0,
  huge_pmd: 0,
  huge_pmd_fail: 0,
  split: 0,
  huge_pud: 0,
  skip_pud: 0,
  skip_pmd: 0,
  realign: 0,
  realign_bytes: 0n,
  alloc_pud: 0,
  alloc_pmd: 0,
  alloc_pte: 0,
  flush: 0,
  flush_bytes: 0n,
  huge_flush: 0,
});

/** What most operations have: nothing of the kind. Shared, so that such an operation costs no memory. */
const NONE: readonly never[] = Object.freeze([]);
const NO_TABLES: TableChange = Object.freeze({ allocated: Object.freeze({}), freed: Object.freeze({}) });

type Counts = Partial<Record<LevelName, number>>;

export class Recorder {
  readonly faults = { read: 0, write: 0 };
  /** The state that an mremap of v6.15 and later carries; asked for at every step that is kept. */
  vrm: (() => VrmState) | null = null;
  /** What became of a request to relocate. */
  relocation: Relocation | null = null;
  /** What a walk of the reverse map looked at. */
  visits: readonly RmapVisit[] | undefined;
  private ownCounters: Mutable<MoveCounters> | null = null;
  private ownMoves: MoveStretch[] | null = null;
  private ownStrays: Stray[] | null = null;
  private ownLog: string[] | null = null;
  private ownEvents: UffdEvent[] | null = null;
  private ownSteps: Step[] | null = null;
  private ownCalls: MoveCall[] | null = null;
  private allocated: Counts | null = null;
  private freed: Counts | null = null;

  /** @param keepsSteps whether anybody will look at the path of the call */
  constructor(readonly keepsSteps: boolean) {}

  get counters(): Mutable<MoveCounters> {
    return (this.ownCounters ??= { ...NO_MOVES });
  }

  get moves(): MoveStretch[] {
    return (this.ownMoves ??= []);
  }

  get strays(): Stray[] {
    return (this.ownStrays ??= []);
  }

  get log(): string[] {
    return (this.ownLog ??= []);
  }

  get events(): UffdEvent[] {
    return (this.ownEvents ??= []);
  }

  /** Notes a step of the path, under its stable name; `values` is only called when steps are kept. */
  step(where: KernelFn, verdict: Step['verdict'], code: string, text: string, values: () => readonly StepValue[] = () => []): void {
    if (!this.keepsSteps) return;
    const vrm = this.vrm?.();
    (this.ownSteps ??= []).push({ fn: where.fn, file: where.file, code, text, verdict, values: values(), ...(vrm === undefined ? {} : { vrm }) });
  }

  moveCall(call: () => MoveCall): void {
    if (this.keepsSteps) (this.ownCalls ??= []).push(call());
  }

  move(kind: MoveKind, old: Vpn, to: Vpn, pages: Pages, steps: number, entries: number): void {
    this.moves.push({ kind, old, new: to, pages, steps, entries });
  }

  tablesAllocated(level: LevelName, n: number): void {
    if (n > 0) this.allocated = { ...this.allocated, [level]: (this.allocated?.[level] ?? 0) + n };
  }

  tablesFreed(level: LevelName, n: number): void {
    if (n > 0) this.freed = { ...this.freed, [level]: (this.freed?.[level] ?? 0) + n };
  }

  /** What the operation did, for its record. */
  record(): Pick<OpRecord, 'moved' | 'moves' | 'tables' | 'faults' | 'strays' | 'relocation' | 'events' | 'visits' | 'log' | 'steps' | 'moveCalls'> {
    return {
      moved: this.ownCounters ?? NO_MOVES,
      moves: this.ownMoves ?? NONE,
      tables: this.allocated === null && this.freed === null ? NO_TABLES : { allocated: this.allocated ?? {}, freed: this.freed ?? {} },
      faults: this.faults,
      strays: this.ownStrays ?? NONE,
      ...(this.relocation !== null && { relocation: this.relocation }),
      events: this.ownEvents ?? NONE,
      log: this.ownLog ?? NONE,
      steps: this.ownSteps ?? NONE,
      moveCalls: this.ownCalls ?? NONE,
      ...(this.visits !== undefined && { visits: this.visits }),
    };
  }
}
