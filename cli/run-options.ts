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
  /** For a notebook: written with small pictures in place of charts. */
  readonly slim?: boolean;
  readonly timeout?: number;
  /** For a notebook: values for its parameters. */
  readonly parameters?: readonly Parameter[];
  /** For scenarios: a file with the times of the steps of a move. */
  readonly costs?: string;
  /** For a log: replay only this bound. */
  readonly touched?: Touched;
  /** For a log: the machine that it comes from. */
  readonly machine?: MachineSpec;
  /** Of a log: whether what the model would have answered otherwise fails. */
  readonly strict?: boolean;
  /** For a log: whether every move is reported, not only the most expensive ones. */
  readonly keepsMoves?: boolean;
  /** Of scenarios: how far races are explored where they do not say it themselves. */
  readonly races?: Partial<RaceLimits>;
  /** Whether anybody hears what is said along the way. */
  readonly speaks?: boolean;
  readonly reporter: Reporter;
}
