/** Everything one cell says, in order, under the header of the request that ran it; also long after that. */
import type { Content } from '../protocol/message.js';
import type { Bundle } from './bundle.js';
import type { CellError } from './error.js';
import { StreamBuffer, type StreamName } from './stream.js';

export type Publish = (type: string, content: Content) => void;

export class CellOutput {
  private readonly buffer: StreamBuffer;
  private readonly waiting: (() => Promise<void> | void)[] = [];
  private draining: Promise<void> | undefined;
  private readonly failures: unknown[] = [];
  private over = false;

  constructor(private readonly publish: Publish) {
    this.buffer = new StreamBuffer((name, text) => publish('stream', { name, text }));
  }

  stream(name: StreamName, text: string): void {
    this.inOrder(() => this.buffer.write(name, text));
  }

  display(bundle: Bundle, displayId?: string): void {
    this.say('display_data', { ...bundle, transient: displayId === undefined ? {} : { display_id: displayId } });
  }

  updateDisplay(bundle: Bundle, displayId: string): void {
    this.say('update_display_data', { ...bundle, transient: { display_id: displayId } });
  }

  /** Adds a display that takes a while to draw. The cell runs on; what it says next is held back until then. */
  draw(drawing: () => Promise<Bundle>, { id, update = false }: { readonly id?: string; readonly update?: boolean } = {}): void {
    this.waiting.push(async () => {
      this.buffer.flush();
      try {
        this.publish(update ? 'update_display_data' : 'display_data', { ...(await drawing()), transient: id === undefined ? {} : { display_id: id } });
      } catch (e) {
        if (this.over) this.buffer.write('stderr', `cannot draw this: ${String(e)}\n`);
        else this.failures.push(e);
      }
    });
    this.draining ??= this.drain();
  }

  result(bundle: Bundle, executionCount: number): void {
    this.say('execute_result', { ...bundle, execution_count: executionCount });
  }

  error(error: CellError): void {
    this.say('error', { ...error });
  }

  clear(wait: boolean): void {
    this.say('clear_output', { wait });
  }

  /** Ends the cell when all it said has been published. @returns what failed to be drawn, or undefined */
  async settled(): Promise<unknown> {
    await this.draining;
    this.buffer.flush();
    this.over = true;
    return this.failures[0];
  }

  private say(type: string, content: Content): void {
    this.inOrder(() => {
      this.buffer.flush();
      this.publish(type, content);
    });
  }

  private inOrder(say: () => void): void {
    if (this.draining === undefined) say();
    else this.waiting.push(say);
  }

  private async drain(): Promise<void> {
    for (let say = this.waiting.shift(); say !== undefined; say = this.waiting.shift()) await say();
    this.draining = undefined;
  }
}
