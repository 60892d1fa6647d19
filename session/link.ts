/**
 * Messages in order and exactly once, over a connection that may drop. Each side numbers what it
 * sends and keeps it until the other has confirmed it; when the connection is there again, what was
 * not confirmed is sent again, and what arrives twice is known by its number and counts once.
 *
 * Long messages go in pieces, and only so much is on its way at a time: node-ipc puts a message
 * together from all that has arrived since the last pause, at a cost that grows with its square.
 */
import { EVENT } from './ipc.js';

export type Emit = (event: string, data: unknown) => void;

interface Frame {
  readonly n: number;
  /** A piece of the message's JSON. */
  readonly text: string;
  readonly last: boolean;
}

const PIECE = 48 * 1024;
const WINDOW = 4;

/** So many characters may wait for the other side before it counts as gone. */
export const MOST_WAITING = 256 * 1024 * 1024;

export class Link {
  private sent = 0;
  private got = 0;
  private pieces: string[] = [];
  /** Not confirmed; the first `onTheirWay` of them have been emitted. */
  private readonly frames: Frame[] = [];
  private onTheirWay = 0;
  private waiting = 0;
  private emit: Emit | undefined;

  constructor(private readonly deliver: (message: unknown) => void) {}

  /** The number of the last frame that came from the other side. */
  get received(): number {
    return this.got;
  }

  /** Characters that the other side has not confirmed. */
  get unconfirmed(): number {
    return this.waiting;
  }

  /** There is a connection, and the other side has everything up to frame `received`. */
  connect(emit: Emit, received: number): void {
    this.emit = emit;
    this.onTheirWay = 0;
    this.confirm(received);
  }

  disconnect(): void {
    this.emit = undefined;
  }

  send(message: object): void {
    const json = JSON.stringify(message);
    for (let at = 0; at < json.length; at += PIECE) {
      this.frames.push({ n: ++this.sent, text: json.slice(at, at + PIECE), last: at + PIECE >= json.length });
    }
    this.waiting += json.length;
    this.pump();
  }

  /** A frame or an acknowledgement from the other side; what is neither is passed over. */
  take(event: string, data: unknown): void {
    if (event === EVENT.ack) {
      if (typeof data === 'number') this.confirm(data);
      return;
    }
    if (!isFrame(data)) return;
    if (data.n === this.got + 1) {
      this.got = data.n;
      this.pieces.push(data.text);
    }
    this.emit?.(EVENT.ack, this.got);
    if (data.n !== this.got || !data.last || this.pieces.length === 0) return;
    const json = this.pieces.join('');
    this.pieces = [];
    const message = parsed(json);
    if (message !== undefined) this.deliver(message);
  }

  private confirm(n: number): void {
    while (this.frames[0] !== undefined && this.frames[0].n <= n) {
      this.waiting -= this.frames[0].text.length;
      this.frames.shift();
      this.onTheirWay = Math.max(0, this.onTheirWay - 1);
    }
    this.pump();
  }

  private pump(): void {
    while (this.emit !== undefined && this.onTheirWay < WINDOW) {
      const frame = this.frames[this.onTheirWay];
      if (frame === undefined) return;
      this.onTheirWay++;
      this.emit(EVENT.frame, frame);
    }
  }
}

function isFrame(data: unknown): data is Frame {
  const { n, text, last } = (data ?? {}) as Partial<Frame>;
  return typeof n === 'number' && typeof text === 'string' && typeof last === 'boolean';
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}
