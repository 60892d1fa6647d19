/** What `run` was asked for, of one file. */
import type { Reporter } from './report/reporter.js';

export interface FileOptions {
  readonly kernel?: string;
  readonly out?: string;
  readonly checkOutputs?: boolean;
  readonly timeout?: number;
  readonly reporter: Reporter;
}
