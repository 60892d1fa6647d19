/** How far a long run has come: one line that is updated in place, with its rate and the time that is left. */
import { randomUUID } from 'node:crypto';
import { Pace, progressText } from '../../present/progress.js';
import type { Bundle } from './bundle.js';
import type { CellOutput } from './output.js';

const UPDATED_AFTER_MS = 250;

/** The mark, in the metadata of such a display, that says it differs from run to run. */
export const VOLATILE = { mremap_lab: { volatile: true } } as const;

export class ProgressLine {
  private readonly pace: Pace;
  private id: string | undefined;

  constructor(
    private readonly output: CellOutput,
    now?: () => number,
  ) {
    this.pace = new Pace(UPDATED_AFTER_MS, now);
  }

  at(done: number, total: number): void {
    const elapsed = this.pace.elapsed(done);
    // Something new begins: a second sweep in the cell.
    if (done <= 1) this.id = undefined;
    const over = done >= total;
    if (this.id === undefined ? over || !this.pace.isDue(elapsed) : !over && !this.pace.isDue(elapsed)) return;
    const bundle: Bundle = { data: { 'text/plain': progressText(done, total, elapsed) }, metadata: VOLATILE };
    if (this.id === undefined) this.output.display(bundle, (this.id = randomUUID()));
    else this.output.updateDisplay(bundle, this.id);
    this.pace.said();
  }
}
