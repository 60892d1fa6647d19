/**
 * Races: what several CPUs do at the same time, and everything that can come of it. A machine that
 * can explore one answers with every final state, and shows any of them by its shortest schedule.
 */
import type { Bytes } from './number.js';
import type { Op } from './op.js';
import type { AddressSpace } from './space.js';

export interface RaceThread {
  readonly name: string;
  readonly ops: readonly Op[];
}

export interface Race {
  readonly name: string;
  readonly threads: readonly RaceThread[];
}

export interface RaceLimits {
  /** Give up, and say so, after so many steps, or states held at once. */
  readonly steps: number;
  readonly states: number;
  /** Only schedules with at most so many switches away from a CPU that could have gone on. */
  readonly preemptions?: number;
  /** What cannot be explored is sampled: the schedules drawn follow from this number. Default 1. */
  readonly seed?: number;
}

export const RACE_LIMITS: RaceLimits = { steps: 20_000_000, states: 250_000 };

/** What must never happen, by name. */
export interface RaceInvariant {
  readonly name: string;
  readonly sentence: string;
}

/** In a condition, the name of any invariant at all. */
export const ANY_VIOLATION = 'violation';

/** How an operation of a thread ended; null when the thread never came so far. */
export type RaceResult =
  { readonly kind: 'value'; readonly value: bigint } | { readonly kind: 'errno'; readonly errno: string } | { readonly kind: 'signal'; readonly signal: string } | null;

export interface FinalState {
  /** Names of the invariants that were broken on the way, or are now. */
  readonly broken: readonly string[];
  /** By thread, by operation. */
  readonly results: readonly (readonly RaceResult[])[];
  /** The address space that the race began in; only what the race touches is there. */
  space(): AddressSpace;
}

/** A step of a schedule, as a row of a table with a column for each CPU. */
export interface ScheduleRow {
  /** Whose step it is, by its place among the threads. */
  readonly cpu: number;
  readonly fn: string;
  readonly say: string;
  /** Invariants that this step breaks. */
  readonly breaks: readonly string[];
  /** What it changed, a line each: `PTE 0x200000: frame 1 -> none`. */
  readonly changes: readonly string[];
  /** Locks that it took and dropped, by name. */
  readonly takes: readonly string[];
  readonly drops: readonly string[];
}

/** One schedule, replayed. */
export interface Schedule {
  /** Short and always the same for the same race on the same model: `a7f3`. */
  readonly id: string;
  readonly race: string;
  readonly model: string;
  readonly threads: readonly string[];
  readonly rows: readonly ScheduleRow[];
  /** Invariants that do not hold where it ends, with their sentences. */
  readonly broken: readonly RaceInvariant[];
  /** Threads that wait for ever. */
  readonly stuck: readonly string[];
}

/** What is looked for: an invariant broken, or one of some final states. */
export type Wanted = { readonly broken: string } | { readonly finals: readonly number[] };

export interface RaceReport {
  readonly race: Race;
  readonly model: string;
  readonly finals: readonly FinalState[];
  /** Runs that were made: each up to a final state, or to a state that was known already. */
  readonly schedules: number;
  readonly states: number;
  readonly steps: number;
  /** Not everything was explored. */
  readonly bounded: boolean;
  /** The pages that the race was cut down to. */
  readonly pages: readonly Bytes[];
  /** The schedule with the fewest switches, and then the fewest steps; null when none was found within the limits. */
  shortest(wanted: Wanted): Generator<void, Schedule | null, void>;
}

export interface RaceProgress {
  readonly schedules: number;
  readonly states: number;
  readonly finals: number;
}

export type Exploration = Generator<RaceProgress, RaceReport, void>;
