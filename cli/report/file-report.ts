/** What a run of one file came to: what every format is written from. */
import type { Diagnostic, Judgement, RaceVerdict } from '../../dsl/api.js';
import type { MovedLine } from '../../dsl/logs/index.js';
import type { LogSummary, SetupError } from '../../machine/index.js';
import type { SiteEntry } from '../../notebook/index.js';
import { EXIT, type ExitCode } from '../exit.js';

/** A diagnostic with the cell (`In [n]`) it is in, where the file is a notebook. */
export type PlacedDiagnostic = Diagnostic & { readonly cell?: number };

export type PlacedJudgement = Judgement & { readonly cell?: number };

/** What a test report counts: a script's expectation, a notebook's cell. */
export interface Case {
  readonly name: string;
  readonly status: 'passed' | 'failed' | 'error' | 'skipped';
  /** Why it did not pass: a line, and all there is to say. */
  readonly message?: string;
  readonly details?: string;
}

/** As the design of the command line fixes it. */
export type LogCounts = Pick<LogSummary, 'lines' | 'account' | 'replayed' | 'skipped' | 'unread' | 'assumed' | 'explained' | 'claims'> & { readonly mremaps: readonly MovedLine[] };

export interface FileReport {
  readonly file: string;
  readonly ok: boolean;
  readonly exit: ExitCode;
  readonly statements: number;
  readonly expectations: { readonly held: number; readonly failed: number; readonly undecided?: number };
  /** Every claim and expectation with its verdict, in order. */
  readonly judgements: readonly PlacedJudgement[];
  readonly diagnostics: readonly PlacedDiagnostic[];
  /** Verdicts on explored interleavings, one a judgement. */
  readonly races: readonly RaceVerdict[];
  /** For a log: what became of its lines. */
  readonly log?: LogCounts;
  readonly cases: readonly Case[];
  /** The last line about the file: what happened, in words. */
  readonly summary: string;
  /** A notebook's page, where one was written. */
  readonly page?: string;
  /** Its place among several. */
  readonly entry?: SiteEntry;
}

/** The report of a file that could not be run at all. */
export function unusable(file: string, error: SetupError): FileReport {
  const diagnostic = { code: 'unusable-file', severity: 'error', message: error.message, hint: error.hint } as const;
  return {
    file,
    ok: false,
    exit: EXIT.unusable,
    statements: 0,
    expectations: { held: 0, failed: 0 },
    judgements: [],
    diagnostics: [{ ...diagnostic, span: { start: 0, end: 0 }, line: 1, column: 1, phase: 'check' }],
    races: [],
    cases: [{ name: 'can be run', status: 'error', message: error.message, details: error.hint }],
    summary: error.message,
  };
}
