/** What one row of the table of behaviours says. */

/** A release in which a behaviour got another value. */
export interface Change {
  /** The mainline release that came out with it, `6.7`; null for what only stable trees did. */
  readonly release: string | null;
  readonly value: string;
  /** That brought it; where it is not known, the release is the first one that was seen to have it. */
  readonly commit?: string;
  /** Stable series that took it over, each with the first point release that has it: `{ '6.12': 11 }`. */
  readonly stable?: Readonly<Record<string, number>>;
}

export interface Behaviour {
  readonly values: readonly [string, ...string[]];
  /** What `without NAME` means, for behaviours that can be taken away. */
  readonly off: string | null;
  /** The value of every release before the first change; what only a posting has stays at it. */
  readonly initially: string;
  /** In the order of releases. */
  readonly changes?: readonly Change[];
  readonly summary: string;
  /** Values that no release has: as a patch was posted, or what nobody ever wrote. Everything else is in some release. */
  readonly standing?: Readonly<Record<string, 'as posted' | 'what if'>>;
  /** Kernel function and file. */
  readonly where: string;
  /** Commit, release or patch posting that introduced the newer value. */
  readonly source: string;
}
