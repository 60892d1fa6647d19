/** What a session says, on a terminal or into a pipe: plain text of what a notebook would draw. */
import { harmless } from '../harmless.js';
import type { Content } from '../../session/index.js';
import { block } from '../report/block.js';

export interface Sink {
  out(text: string): void;
  err(text: string): void;
  readonly colour: boolean;
  /** Whether a line can be written over. */
  readonly tty: boolean;
}

const ERASE = '\r\x1b[2K';

export class Screen {
  /** The display whose one line is the last on the screen, and may still change. */
  private live: string | undefined;

  constructor(private readonly sink: Sink) {}

  /** Takes in one message about a cell; those that are nothing to see change nothing. */
  show(type: string, content: Content): void {
    switch (type) {
      case 'stream':
        return content['name'] === 'stderr' ? this.say('err', String(content['text'])) : this.say('out', String(content['text']));
      case 'execute_result':
      case 'display_data':
        return this.display(content);
      case 'update_display_data':
        return this.update(content);
      case 'error':
        return this.error(content);
      case 'clear_output':
        if (this.live !== undefined) this.sink.out(ERASE);
        this.live = undefined;
        return;
    }
  }

  /** What a reply brings along: pages, and what a notebook would put into a cell. */
  pages(reply: Content): void {
    const { payload } = reply;
    if (!Array.isArray(payload)) return;
    for (const { data, source, text: next } of payload as { data?: Content; source?: unknown; text?: unknown }[]) {
      const text = source === 'set_next_input' ? next : data?.['text/plain'];
      if (typeof text === 'string') this.say('out', block(text));
    }
  }

  say(stream: 'out' | 'err', text: string): void {
    this.settle();
    this.sink[stream](harmless(text, this.sink.colour));
  }

  /** What comes next begins on a line of its own. */
  settle(): void {
    if (this.live !== undefined) this.sink.out('\n');
    this.live = undefined;
  }

  private display(content: Content): void {
    const text = plainOf(content);
    if (text === undefined) return;
    const id = idOf(content);
    if (id === undefined || !this.sink.tty || text.includes('\n')) return this.say('out', block(text));
    this.settle();
    this.sink.out(harmless(text, this.sink.colour));
    this.live = id;
  }

  private update(content: Content): void {
    const text = plainOf(content);
    // A display that is further up on the screen, or in a file, keeps its first state.
    if (text === undefined || this.live === undefined || this.live !== idOf(content)) return;
    this.sink.out(`${ERASE}${harmless(text, this.sink.colour)}`);
    if (text.includes('\n')) this.settle();
  }

  private error({ traceback, ename, evalue }: Content): void {
    const lines = Array.isArray(traceback) && traceback.length > 0 ? traceback.map(String) : [`${String(ename)}: ${String(evalue)}`];
    this.say('err', `${lines.join('\n')}\n`);
  }
}

function plainOf({ data }: Content): string | undefined {
  const text = (data as Content | undefined)?.['text/plain'];
  return typeof text === 'string' ? text : undefined;
}

function idOf({ transient }: Content): string | undefined {
  const id = (transient as Content | undefined)?.['display_id'];
  return typeof id === 'string' ? id : undefined;
}
