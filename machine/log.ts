/** What replaying a log of a real program came to: what `show` is to a scenario. */
import type { Bytes } from './number.js';

/** Entries moved, by level. */
export interface LogCost {
  readonly pte: number;
  readonly pmd: number;
  readonly pud: number;
}

/** One mremap of a log. Logs do not say which pages were touched: the cost lies between two bounds. */
export interface LogMove {
  readonly line: number;
  /** As strace printed it, without what it puts before and behind. */
  readonly call: string;
  /** old_size */
  readonly size: Bytes;
  /** With nothing touched; null where that run was not made, or contradicts the log. */
  readonly least: LogCost | null;
  /** With everything touched, likewise. */
  readonly most: LogCost | null;
}

export interface LogSummary {
  readonly lines: number;
  readonly replayed: number;
  /** Calls that change no address space. */
  readonly skipped: number;
  /** Lines that should have been read and were not. */
  readonly unread: number;
  /** Ranges that must have been mapped before the log began. */
  readonly assumed: number;
  readonly claims: { readonly held: number; readonly placed: number; readonly contradicted: number };
  readonly processes: { readonly programs: number; readonly forks: number; readonly threads: number };
  readonly mremaps: number;
  /** The dearest first. */
  readonly dearest: readonly LogMove[];
  /** What the run had to make up, a sentence each. */
  readonly notes: readonly string[];
}
