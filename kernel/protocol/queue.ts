/** Requests of the shell channel, one after the other, in the order in which they came. */
export class SerialQueue<T> {
  private readonly waiting: T[] = [];
  private running = false;

  constructor(private readonly work: (item: T) => Promise<void>) {}

  push(item: T): void {
    this.waiting.push(item);
    if (!this.running) void this.run();
  }

  /** The requests that have arrived and not begun. */
  pending(): readonly T[] {
    return this.waiting;
  }

  private async run(): Promise<void> {
    this.running = true;
    try {
      for (let item = this.waiting.shift(); item !== undefined; item = this.waiting.shift()) await this.work(item);
    } finally {
      this.running = false;
    }
  }
}
