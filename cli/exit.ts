/** What the exit status says; of several files the worst. */
import type { Diagnostic } from '../dsl/api.js';

export const EXIT = {
  ok: 0,
  /** A claim or an expectation failed, or the script went wrong while running. */
  failed: 1,
  /** A file could not be read, parsed or checked, or bad usage. */
  unusable: 2,
  /** Nothing failed, but a race was too large to be decided. */
  undecided: 3,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** The better first. */
const ORDER: readonly ExitCode[] = [EXIT.ok, EXIT.undecided, EXIT.failed, EXIT.unusable];

export const worst = (codes: readonly ExitCode[]): ExitCode => codes.reduce<ExitCode>((a, b) => (ORDER.indexOf(b) > ORDER.indexOf(a) ? b : a), EXIT.ok);

/** Whether all that is wrong is that something could not be decided. */
export const isUndecided = (diagnostics: readonly Diagnostic[]): boolean => {
  const errors = diagnostics.filter((d) => d.severity === 'error');
  return errors.length > 0 && errors.every((d) => d.code === 'race-undecided');
};
