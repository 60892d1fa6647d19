/** The result of replaying a log of a real program, ready to be shown. */
import type { Errno } from './constants.js';
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
  /** The call as strace printed it, without pid, time and result. */
  readonly call: string;
  /** old_size */
  readonly size: Bytes;
  /** The cost if no page was touched; null if that run was not made or contradicts the log. */
  readonly least: LogCost | null;
  /** The cost if every page was touched; null likewise. */
  readonly most: LogCost | null;
}

/** One reason the kernel may have had to refuse a call. */
export interface LogCause {
  /** Stable name: `map_count`, `overcommit`, `seccomp`. */
  readonly cause: string;
  /** A sentence with the numbers of the moment. */
  readonly why: string;
  /** Where to look to know. */
  readonly tell: string;
}

/** A call that the kernel refused, for a reason that the log does not show or that lies outside the call. */
export interface LogRefusal {
  readonly line: number;
  readonly pid: number;
  readonly call: string;
  readonly errno: Errno;
  /** The likeliest first. */
  readonly causes: readonly LogCause[];
}

/** What became of each line; together they are all of them. */
export interface LogAccount {
  /** Carried out, with the answer that the model gives too. */
  readonly replayed: number;
  /** System calls that change no address space, and calls that claim nothing. */
  readonly others: number;
  /** What strace says itself, first halves of calls, signals, comments, text around the log. */
  readonly notices: number;
  /** Refused by the kernel, allowed by the model. */
  readonly explained: number;
  /** Allowed by the kernel, for something that the log does not show. */
  readonly assumptions: number;
  /** Contradicted, not read, or not modelled. */
  readonly doubts: number;
}
/** How a log was read and replayed: what became of each line, and the moves that cost most. */
export interface LogSummary {
  readonly lines: number;
  readonly account: LogAccount;
  /** Calls that were carried out, or tried. */
  readonly replayed: number;
  /** Calls that change no address space. */
  readonly skipped: number;
  /** Lines that should have been read and were not. */
  readonly unread: number;
  /** Ranges that must have been mapped before the log began. */
  readonly assumed: number;
  /** Refused calls with the causes there may be; the first ones, of a log with many. */
  readonly explained: readonly LogRefusal[];
  readonly claims: { readonly held: number; readonly placed: number; readonly contradicted: number };
  readonly processes: { readonly programs: number; readonly forks: number; readonly threads: number };
  readonly mremaps: number;
  /** The dearest first. */
  readonly dearest: readonly LogMove[];
  /** What the log does not say and the replay had to assume, a sentence each. */
  readonly notes: readonly string[];
}
