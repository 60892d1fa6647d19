/** How far a long sweep has come: one line on a terminal's stderr, written over and over, gone when it is over. */
import { count, duration } from '../../machine/index.js';

/** What is over sooner needs no line. */
const SHOWN_AFTER_MS = 1000;
const UPDATED_AFTER_MS = 100;
const CLEAR = '\r\x1b[K';

export class ProgressLine {
  private began: number | undefined;
  private saidAt = 0;
  private shown = false;

  /** @param stream where it goes, if that is a terminal; anybody else is not told */
  constructor(
    private readonly stream: Pick<NodeJS.WriteStream, 'isTTY' | 'columns' | 'write'>,
    private readonly now = () => performance.now(),
  ) {}

  at(done: number, total: number): void {
    if (this.stream.isTTY !== true) return;
    const now = this.now();
    // Another sweep begins.
    if (this.began === undefined || done <= 1) [this.began, this.saidAt] = [now, now];
    const elapsed = now - this.began;
    if (done >= total) return this.clear();
    if (elapsed < SHOWN_AFTER_MS || (this.shown && now - this.saidAt < UPDATED_AFTER_MS)) return;
    this.stream.write(`${CLEAR}${progressText(done, total, elapsed).slice(0, (this.stream.columns ?? 80) - 1)}`);
    this.shown = true;
    this.saidAt = now;
  }

  /** Before anything else is written to the terminal. */
  clear(): void {
    if (this.shown) this.stream.write(CLEAR);
    this.shown = false;
  }
}

/** `1,200 of 65,536 points, 412 a second, 156 s left` */
export function progressText(done: number, total: number, elapsedMs: number): string {
  const rate = done / (elapsedMs / 1000);
  return `${count(done)} of ${count(total)} points, ${count(Math.round(rate))} a second, ${duration(((total - done) / rate) * 1e9)} left`;
}
