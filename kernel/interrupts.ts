/**
 * What the main thread and the control thread share about interrupts. Code of a `%%ts` cell looks at
 * the flag at every turn of a loop (cells/loop-guard.ts): inside such a loop the main thread hears
 * nothing else, and to end it from outside is not safe once it runs in a callback (a terminated
 * callback takes Node's own bookkeeping, and the promises that were about to go on, with it).
 */
import { MessageChannel, type MessagePort } from 'node:worker_threads';

const FLAG = 0;
/** Whether the control thread watches for SIGINT. */
const WATCHED = 1;

const memory = new SharedArrayBuffer(2 * Int32Array.BYTES_PER_ELEMENT);
const shared = new Int32Array(memory);
const { port1: port, port2: controlPort } = new MessageChannel();
port.unref();

/** The control thread's part. */
export interface InterruptLine {
  readonly memory: SharedArrayBuffer;
  readonly port: MessagePort;
}

export const interruptLine: InterruptLine = { memory, port: controlPort };

export const raiseInterrupt = (line = interruptLine): void => void Atomics.store(new Int32Array(line.memory), FLAG, 1);

export const clearInterrupt = (): void => void Atomics.store(shared, FLAG, 0);

/** What a guard throws. */
export class CellInterrupted extends Error {
  override readonly name = 'Interrupted';
  constructor() {
    super('the cell was interrupted');
  }
}

/**
 * The guard of one cell. What was interrupted stays so: its timers may still come, when other cells
 * run. The flag is read plainly: that costs a loop nothing, where an atomic read makes the shortest
 * ten times slower.
 */
export const guardOf = (cell: { readonly interrupted: boolean }) => (): void => {
  if (shared[FLAG] !== 0 || cell.interrupted) throw new CellInterrupted();
};

const ACK_MS = 2000;

/**
 * Runs what takes SIGINT over for itself, as `breakOnSigint` does. It gives the signal back to the
 * first who asks for it anew, and forgets those who had kept it: so nobody may have.
 */
export function withSignalFree<T>(run: () => T): T {
  if (Atomics.load(shared, WATCHED) === 0) return run();
  port.postMessage('pause');
  Atomics.wait(shared, WATCHED, 1, ACK_MS);
  try {
    return run();
  } finally {
    Atomics.store(shared, WATCHED, 1);
    port.postMessage('watch');
  }
}

interface SignalWatcher {
  onsignal: () => void;
  start(signal: number): number;
  unref(): void;
  stop(): void;
  close(): void;
}

/**
 * In the control thread: raises the flag when a signal comes from outside, which the main thread's
 * own handler cannot while a loop runs. Threads are not given `process.on('SIGINT')`; what that
 * stands on works in them. Where a later Node has it no more, such a loop hears messages only.
 */
export function watchSignal(line: InterruptLine, signal: number): () => void {
  const cells = new Int32Array(line.memory);
  let watcher: SignalWatcher;
  const quiet = process.noDeprecation;
  try {
    process.noDeprecation = true;
    const { Signal } = (process as unknown as { binding(name: string): { Signal: new () => SignalWatcher } }).binding('signal_wrap');
    watcher = new Signal();
  } catch {
    return () => undefined;
  } finally {
    process.noDeprecation = quiet;
  }
  watcher.unref();
  watcher.onsignal = () => raiseInterrupt(line);
  const pause = (): void => {
    watcher.stop();
    Atomics.store(cells, WATCHED, 0);
    Atomics.notify(cells, WATCHED);
  };
  line.port.on('message', (what: 'pause' | 'watch') => (what === 'pause' ? pause() : watcher.start(signal)));
  watcher.start(signal);
  Atomics.store(cells, WATCHED, 1);
  return () => {
    pause();
    watcher.close();
    line.port.close();
  };
}
