/** How far a long sweep has come: one line on a terminal's stderr, written over and over, gone when it is over. */
import { Pace, progressText } from '../../present/progress.js';

const UPDATED_AFTER_MS = 100;
const CLEAR = '\r\x1b[K';

export class ProgressLine {
  private readonly pace: Pace;
  private shown = false;

  /** @param stream where it goes, if that is a terminal; anybody else is not told */
  constructor(
    private readonly stream: Pick<NodeJS.WriteStream, 'isTTY' | 'columns' | 'write'>,
    now?: () => number,
  ) {
    this.pace = new Pace(UPDATED_AFTER_MS, now);
  }

  at(done: number, total: number): void {
    if (this.stream.isTTY !== true) return;
    const elapsed = this.pace.elapsed(done);
    if (done >= total) return this.clear();
    if (!this.pace.isDue(elapsed)) return;
    this.stream.write(`${CLEAR}${progressText(done, total, elapsed).slice(0, (this.stream.columns ?? 80) - 1)}`);
    this.shown = true;
    this.pace.said();
  }

  /** Before anything else is written to the terminal. */
  clear(): void {
    if (this.shown) this.stream.write(CLEAR);
    this.shown = false;
  }
}
