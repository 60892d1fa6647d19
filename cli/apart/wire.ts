/** What the command line and the thread that runs a script say to each other. */
import type { Input } from '../input.js';
import type { FileReport, PlacedDiagnostic } from '../report/file-report.js';
import type { FileOptions } from '../run-options.js';

export interface Job {
  readonly input: Extract<Input, { kind: 'script' }>;
  readonly options: Omit<FileOptions, 'reporter'>;
  /** One number, the characters that were said and have not been written yet: whoever writes slowly is waited for. */
  readonly waiting: SharedArrayBuffer;
}

export type Said =
  /** What it needs is loaded: its time begins. */
  | { readonly type: 'begun' }
  | { readonly type: 'say'; readonly text: string }
  | { readonly type: 'progress'; readonly done: number; readonly total: number }
  | { readonly type: 'diagnose'; readonly diagnostic: PlacedDiagnostic; readonly source: string }
  | { readonly type: 'report'; readonly report: FileReport }
  /** A mistake of the user's set-up. */
  | { readonly type: 'refused'; readonly message: string; readonly hint: string }
  | { readonly type: 'failed'; readonly error: Error };

export const MOST_WAITING = 8 << 20;
