/**
 * Races: what several CPUs do at the same time, and everything that can come of it. Exploring one
 * finds every final state, and the shortest schedule that leads to any of them.
 */
import type { Bytes } from './number.js';
import type { Op } from './op.js';
import type { AddressSpace } from './space.js';

/** One CPU of a race: what it does, in this order. */
export interface RaceThread {
  readonly name: string;
  readonly ops: readonly Op[];
}

/** Operations that are done at the same time, from one state of a machine. */
export interface Race {
  readonly name: string;
  readonly threads: readonly RaceThread[];
}

/** How far to explore. */
export interface RaceLimits {
  /** Give up, and say so, after so many steps, or states held at once. */
  readonly steps: number;
  readonly states: number;
  /** Try only schedules with at most this many preemptions: switches away from a CPU that could have gone on. */
  readonly preemptions?: number;
  /** The seed of the random schedules that are tried where a race is too large to explore. Default 1. */
  readonly seed?: number;
}

/** The limits where none are given. */
/** Why a search ended before everything was explored. */
export type RaceBound =
  | { readonly kind: 'states' | 'steps' | 'preemptions'; readonly limit: number }
  /** The exploration was stopped from outside. */
  | { readonly kind: 'interrupted' };

/** The limits where none are given. */
export const RACE_LIMITS: RaceLimits = { steps: 20_000_000, states: 250_000 };

/** A rule that must hold in every order of steps, with its name. */
export interface RaceInvariant {
  readonly name: string;
  readonly sentence: string;
}

/** The name that stands, in a condition, for any broken invariant. */
export const ANY_VIOLATION = 'violation';

/** How an operation of a thread ended; null when the thread never came so far. */
export type RaceResult =
  { readonly kind: 'value'; readonly value: bigint } | { readonly kind: 'errno'; readonly errno: string } | { readonly kind: 'signal'; readonly signal: string } | null;

/** One way in which a race can end. */
export interface FinalState {
  /** Names of the invariants that were broken on the way or are broken at the end. */
  readonly broken: readonly string[];
  /** By thread, by operation. */
  readonly results: readonly (readonly RaceResult[])[];
  /** The address space of the process that the race began in, with only those pages that the race touches. */
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

/** What an exploration found. */
export interface RaceReport {
  readonly race: Race;
  readonly model: string;
  readonly finals: readonly FinalState[];
  /** How many runs were made; each ends in a final state, or in a state that was seen before. */
  readonly schedules: number;
  readonly states: number;
  readonly steps: number;
  /** Not everything was explored; null when it was. */
  readonly bound: RaceBound | null;
  /** The pages that are modelled: those that the race touches. */
  readonly pages: readonly Bytes[];
  /** The schedule with the fewest switches, and then the fewest steps; null when none was found within the limits. */
  shortest(wanted: Wanted): Generator<void, Schedule | null, void>;
}

/** How far an exploration has come; the counts only rise. */
export interface RaceProgress {
  readonly schedules: number;
  readonly states: number;
  readonly finals: number;
}

/** An exploration under way: each turn tells how far it has come, the last one what it found. */
/** Sent `true` it ends, with what was found until then. */
export type Exploration = Generator<RaceProgress, RaceReport, boolean | undefined>;
