/** What was raced so far. */
import type { RaceReport, Schedule } from '../../machine/index.js';

/** The races of a session: the latest is judged, and every schedule shown can be replayed. */
export class Races {
  latest: { readonly report: RaceReport; readonly names: readonly (readonly (string | undefined)[])[] } | undefined;
  readonly schedules = new Map<string, Schedule>();

  /** Names that conditions can use for what came of the threads' calls. */
  get names(): readonly string[] {
    return this.latest?.names.flat().filter((n) => n !== undefined) ?? [];
  }
}
