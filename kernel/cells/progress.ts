/** How far a long run has come: one line that is updated in place, with its rate and the time that is left. */
import { randomUUID } from 'node:crypto';
import type { Bundle } from './bundle.js';
import type { CellOutput } from './output.js';
import { duration } from './time.js';

/** Runs that end sooner show no progress, in milliseconds. */
const SHOWN_AFTER_MS = 1000;
const UPDATED_AFTER_MS = 250;

/** The mark, in the metadata of such a display, that says it differs from run to run. */
export const VOLATILE = { mremap_lab: { volatile: true } } as const;

export class ProgressLine {
  private began: number | undefined;
  private id: string | undefined;
  private saidAt = 0;

  constructor(
    private readonly output: CellOutput,
    private readonly now = () => performance.now(),
  ) {}

  at(done: number, total: number): void {
    const now = this.now();
    // Something new begins: a second sweep in the cell.
    if (this.began === undefined || done <= 1) [this.began, this.id, this.saidAt] = [now, undefined, now];
    const elapsed = now - this.began;
    const over = done >= total;
    if (this.id === undefined) {
      if (over || elapsed < SHOWN_AFTER_MS) return;
      this.id = randomUUID();
      this.output.display(line(done, total, elapsed), this.id);
    } else if (over || now - this.saidAt >= UPDATED_AFTER_MS) {
      this.output.updateDisplay(line(done, total, elapsed), this.id);
    } else return;
    this.saidAt = now;
  }
}

function line(done: number, total: number, elapsed: number): Bundle {
  const rate = done / (elapsed / 1000);
  const parts = [`${count(done)} of ${count(total)} points`, `${count(Math.round(rate))} a second`];
  parts.push(done >= total ? `done in ${duration(elapsed)}` : `${duration(((total - done) / rate) * 1000)} left`);
  return { data: { 'text/plain': parts.join(', ') }, metadata: VOLATILE };
}

const count = (n: number): string => n.toLocaleString('en-US');
