/** Collects what one operation does, while it does it. */
import type { KernelFn } from './models/kernel-functions.js';
import type { LevelName, MoveCounters, MoveKind, MoveStretch, Pages, Step, StepValue, Stray, TableChange, UffdEvent, Vpn } from '../machine/index.js';

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

export class Recorder {
  readonly counters: Mutable<MoveCounters> = { ...NO_MOVES };
  readonly moves: MoveStretch[] = [];
  readonly strays: Stray[] = [];
  readonly log: string[] = [];
  readonly events: UffdEvent[] = [];
  readonly steps: Step[] = [];
  readonly faults = { read: 0, write: 0 };
  private readonly allocated: Partial<Record<LevelName, number>> = {};
  private readonly freed: Partial<Record<LevelName, number>> = {};

  /** @param keepsSteps whether anybody will look at the path of the call */
  constructor(private readonly keepsSteps: boolean) {}

  /** Notes a step of the path; `values` is only called when steps are kept. */
  step(where: KernelFn, verdict: Step['verdict'], text: string, values: () => readonly StepValue[] = () => []): void {
    if (this.keepsSteps) this.steps.push({ fn: where.fn, file: where.file, text, verdict, values: values() });
  }

  move(kind: MoveKind, old: Vpn, to: Vpn, pages: Pages, steps: number, entries: number): void {
    this.moves.push({ kind, old, new: to, pages, steps, entries });
  }

  tablesAllocated(level: LevelName, n: number): void {
    if (n > 0) this.allocated[level] = (this.allocated[level] ?? 0) + n;
  }

  tablesFreed(level: LevelName, n: number): void {
    if (n > 0) this.freed[level] = (this.freed[level] ?? 0) + n;
  }

  tableChange(): TableChange {
    return { allocated: this.allocated, freed: this.freed };
  }
}
