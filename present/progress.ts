/** How far something long has come: when a line about it is due, and what it says. */
import { count } from '../machine/index.js';

/** Runs that end sooner show no progress, in milliseconds. */
const SHOWN_AFTER_MS = 1000;

/** `done`: how many of `total` there are by now; the first call of a run has 0 or 1. */
export class Pace {
  private began: number | undefined;
  private saidAt = 0;
  private shown = false;

  /** @param everyMs how long a line stands at least before the next takes its place */
  constructor(
    private readonly everyMs: number,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** Milliseconds since the run began; another one begins with its first point. */
  elapsed(done: number): number {
    const now = this.now();
    if (this.began === undefined || done <= 1) [this.began, this.saidAt, this.shown] = [now, now, false];
    return now - this.began;
  }

  /** Whether a line is due now; whoever says one tells by `said`. */
  isDue(elapsed: number): boolean {
    return elapsed >= SHOWN_AFTER_MS && (!this.shown || this.now() - this.saidAt >= this.everyMs);
  }

  said(): void {
    this.shown = true;
    this.saidAt = this.now();
  }
}

/** `1,200 of 65,536 points, 412 a second, 156 s left` */
export function progressText(done: number, total: number, elapsedMs: number): string {
  const rate = done / (elapsedMs / 1000);
  const end = done >= total ? `done in ${elapsedText(elapsedMs)}` : `${elapsedText(((total - done) / rate) * 1000)} left`;
  return `${count(done)} of ${count(total)} points, ${count(Math.round(rate))} a second, ${end}`;
}

/** Three digits, in the unit that fits. */
export function elapsedText(ms: number): string {
  if (ms < 1) return `${(ms * 1000).toFixed(0)} us`;
  if (ms < 1000) return `${ms.toPrecision(3)} ms`;
  const seconds = ms / 1000;
  if (seconds < 60) return `${seconds.toPrecision(3)} s`;
  const whole = Math.round(seconds);
  return `${Math.floor(whole / 60)} min ${whole % 60} s`;
}
