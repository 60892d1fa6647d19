/** What `run` was asked for, of one file. */
import type { Touched } from '../dsl/logs/index.js';
import type { MachineSpec, RaceLimits } from '../machine/index.js';
import type { Parameter } from '../notebook/index.js';
import type { Reporter } from './report/reporter.js';

export interface FileOptions {
  readonly kernel?: string;
  readonly out?: string;
  /** The page of a notebook is one of several: an index leads to them. */
  readonly site?: boolean;
  readonly checkOutputs?: boolean;
  /** Of a notebook: written with small pictures in place of charts. */
  readonly slim?: boolean;
  readonly timeout?: number;
  /** Of a notebook: values for its parameters. */
  readonly parameters?: readonly Parameter[];
  /** Of scenarios: a file of what the steps of a move take. */
  readonly costs?: string;
  /** Of a log: one bound alone. */
  readonly touched?: Touched;
  /** Of a log: the machine that it is of. */
  readonly machine?: MachineSpec;
  /** Of a log: whether what the model would have answered otherwise fails. */
  readonly strict?: boolean;
  /** Of a log: whether every move is reported, not only the dearest. */
  readonly keepsMoves?: boolean;
  /** Of scenarios: how far races are explored where they do not say it themselves. */
  readonly races?: Partial<RaceLimits>;
  readonly reporter: Reporter;
}
