/**
 * Charts as SVG, drawn in draw-thread.ts one after the other. A thread that goes wrong in any way (it throws where
 * nobody can catch it, takes too long, runs out of memory) is ended, and the next chart gets a fresh one.
 */
import { Worker } from 'node:worker_threads';
import { InvariantViolation, SetupError } from '../../machine/index.js';
import { cleanSpec } from '../../plot/foreign/clean.js';
import { built } from '../built.js';
import { messages } from './messages.js';

export interface ToDraw {
  readonly spec: object;
  readonly foreign: boolean;
}

export type Drawn = { readonly svg: string } | { readonly why: string };

export interface PaintOptions {
  /** The specification is not one of ours: whatever is wrong with it is not our mistake, and it may do less. */
  readonly foreign: boolean;
  /** Stops drawing when it is aborted. */
  readonly signal?: AbortSignal;
}

/** Charts of ours take well under a second; loading Vega is in it. */
const LONGEST_S = 20;
const MOST_MB = 768;
/** Characters of SVG. The largest of ours has under two million. */
const LARGEST = 32_000_000;

export class Painter {
  private thread: Worker | undefined;
  private last: Promise<unknown> = Promise.resolve();

  constructor(private readonly seconds = LONGEST_S) {}

  /** @returns an SVG @throws SetupError when a foreign chart cannot be drawn, InvariantViolation when one of ours cannot, the signal's reason when it was given up */
  draw(spec: object, options: PaintOptions): Promise<string> {
    const drawn = this.last.then(() => this.paint(spec, options));
    this.last = drawn.catch(() => undefined);
    return drawn;
  }

  close(): void {
    void this.thread?.terminate();
    this.thread = undefined;
  }

  private async paint(spec: object, { foreign, signal }: PaintOptions): Promise<string> {
    signal?.throwIfAborted();
    const drawn = await this.ask({ spec: foreign ? cleanSpec(spec) : spec, foreign }, signal);
    if ('svg' in drawn && drawn.svg.length <= LARGEST) return drawn.svg;
    const why = 'svg' in drawn ? `it has ${Math.round(drawn.svg.length / 1e6)} million characters as SVG` : drawn.why;
    throw foreign ? messages.undrawable(why) : new InvariantViolation(`a chart of ours cannot be drawn: ${why}`);
  }

  private ask(job: ToDraw, signal: AbortSignal | undefined): Promise<Drawn> {
    const thread = (this.thread ??= this.start());
    const { promise, resolve, reject } = withResolvers<Drawn>();
    const fail = (error: unknown): void => {
      this.close();
      reject(error);
    };
    const abort = (): void => fail(signal?.reason);
    const broken = (error: Error): void => {
      this.close();
      // Thrown where nothing of ours could catch it, or out of memory.
      resolve({ why: error.message });
    };
    const timer = setTimeout(() => fail(messages.tooSlow(this.seconds)), this.seconds * 1000);
    thread.once('message', resolve).once('error', broken);
    signal?.addEventListener('abort', abort, { once: true });
    thread.ref();
    try {
      thread.postMessage(job);
    } catch (error) {
      // What cannot be cloned: a function among the data.
      reject(new SetupError(error instanceof Error ? error.message : String(error), 'a specification is plain JSON'));
    }
    return promise.finally(() => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
      thread.off('message', resolve).off('error', broken);
      // A thread that was ended may still report how; nobody asks any more.
      thread.on('error', () => undefined);
      thread.unref();
    });
  }

  private start(): Worker {
    const thread = new Worker(built('kernel/drawing/draw-thread.js'), { resourceLimits: { maxOldGenerationSizeMb: MOST_MB }, stdout: true, stderr: true });
    thread.setMaxListeners(0);
    return thread;
  }
}

function withResolvers<T>(): { promise: Promise<T>; resolve: (value: T) => void; reject: (error: unknown) => void } {
  let resolve!: (value: T) => void;
  let reject!: (error: unknown) => void;
  const promise = new Promise<T>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { promise, resolve, reject };
}
