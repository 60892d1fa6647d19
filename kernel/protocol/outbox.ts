/**
 * One send queue for each socket. zeromq.js accepts one send at a time: after some hundred in a row one becomes
 * asynchronous, and a send that does not wait for it is refused with EBUSY and lost.
 */
import { log } from '../log.js';
import type { Frames } from './wire.js';

interface Sender {
  send(frames: Uint8Array[]): Promise<void>;
}

export class Outbox {
  private waiting: Frames[] = [];
  private pumping: Promise<void> | undefined;

  constructor(
    private readonly name: string,
    private readonly socket: Sender,
  ) {}

  send(frames: Frames): void {
    this.waiting.push(frames);
    this.pumping ??= this.pump();
  }

  /** Resolves when everything handed in so far has been taken by ZeroMQ. */
  async drained(): Promise<void> {
    await this.pumping;
  }

  private async pump(): Promise<void> {
    while (this.waiting.length > 0) {
      const batch = this.waiting;
      this.waiting = [];
      for (const frames of batch) {
        try {
          await this.socket.send([...frames]);
        } catch (e) {
          log('kernel.wire', () => `${this.name}: a message could not be sent: ${String(e)}`);
        }
      }
    }
    this.pumping = undefined;
  }
}
