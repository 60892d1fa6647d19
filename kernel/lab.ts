/**
 * The session as a `%%ts` cell sees it, under the name `lab`. Cells get these types from the
 * compiled declarations of this file (cells/lab-types.ts).
 */
import type { RunResult, Shown } from '../dsl/api.js';
import type { AddressSpace, OpRecord } from '../machine/index.js';

export interface Lab {
  /** The model in use: `6.12 with realign=none`. */
  readonly model: string;
  /** Every call made since the process started, in order. */
  readonly records: readonly OpRecord[];
  /** The address space as it is now. */
  space(): AddressSpace;
  /** The value bound to a name; undefined when it is unbound. */
  lookup(name: string): Shown | undefined;
  /**
   * Runs text of the mremap language here; what it prints and shows appears in this cell. A run
   * that fails throws, unless `check` is false: then ask `ok` and `diagnostics`.
   */
  run(text: string, options?: { readonly check?: boolean }): Promise<RunResult>;
  /** Displays a value: a Vega-Lite specification as a chart, anything else as text. What it returns can replace it in place, also from a later cell. */
  display(value: unknown): Display;
  /** Clears what this cell displayed; with `wait` not before something new comes. */
  clearOutput(wait?: boolean): void;
}

/** Something that is on display. */
export interface Display {
  update(value: unknown): void;
}

/** A scenario run through `lab.run` failed. */
export class ScenarioFailed extends Error {
  override readonly name = 'ScenarioFailed';
  constructor(
    message: string,
    readonly result: RunResult,
    /** As the notebook shows it. */
    readonly shown: { readonly ename: string; readonly evalue: string; readonly traceback: readonly string[] },
  ) {
    super(message);
  }
}
