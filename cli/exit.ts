/** What the exit status says; of several files the worst. */
export const EXIT = {
  ok: 0,
  /** A claim or an expectation failed, or the script went wrong while running. */
  failed: 1,
  /** A file could not be read, parsed or checked, or bad usage. */
  unusable: 2,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

export const worst = (codes: readonly ExitCode[]): ExitCode => codes.reduce<ExitCode>((a, b) => (b > a ? b : a), EXIT.ok);
