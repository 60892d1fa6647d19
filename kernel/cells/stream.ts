/**
 * Collects what a cell writes, so that 20,000 prints are a handful of messages: it goes out after
 * 10 ms or at 64 kB, and at once when anything else has to come after it.
 */
export type StreamName = 'stdout' | 'stderr';

const WAIT_MS = 10;
const LIMIT = 64 * 1024;

export class StreamBuffer {
  private name: StreamName = 'stdout';
  private pieces: string[] = [];
  private length = 0;
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly publish: (name: StreamName, text: string) => void) {}

  write(name: StreamName, text: string): void {
    if (text === '') return;
    if (name !== this.name) this.flush();
    this.name = name;
    this.pieces.push(text);
    this.length += text.length;
    if (this.length >= LIMIT) this.flush();
    else this.timer ??= setTimeout(() => this.flush(), WAIT_MS);
  }

  flush(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    if (this.length === 0) return;
    const text = this.pieces.join('');
    this.pieces = [];
    this.length = 0;
    this.publish(this.name, text);
  }
}
