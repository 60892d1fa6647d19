/**
 * What the main thread and the control thread share about interrupts. Code of a `%%ts` cell looks at
 * their count at every turn of a loop (cells/loop-guard.ts): inside such a loop the main thread hears
 * nothing else, and to end it from outside is not safe once it runs in a callback (a terminated
 * callback takes Node's own bookkeeping, and the promises that were about to go on, with it).
 */
/** How often somebody asked, by the way in which: as a message, as a signal. */
const WAYS = { message: 0, signal: 1 } as const;
export type Way = keyof typeof WAYS;

const memory = new SharedArrayBuffer(Object.keys(WAYS).length * Int32Array.BYTES_PER_ELEMENT);
const raised = new Int32Array(memory);

/** For the control thread, which counts up at once. */
export const interruptMemory: SharedArrayBuffer = memory;

export const raiseInterrupt = (way: Way, shared = memory): void => void Atomics.add(new Int32Array(shared), WAYS[way], 1);

/** What the main thread has heard of them, a message or a handler each. */
const heard = { message: 0, signal: 0 };

/** Called where the main thread hears of one. */
export const heardInterrupt = (way: Way): void => void heard[way]++;

/** How many interrupts have been dealt with: they do not concern what runs from now on. */
let heeded = 0;

export function heedInterrupts(): void {
  heeded = Atomics.load(raised, WAYS.message) + Atomics.load(raised, WAYS.signal);
}

const MOST_TURNS = 200;

/** Resolves when the main thread has heard of all that was raised: what begins then was not meant by any of them. */
export async function interruptsHeard(): Promise<void> {
  const behind = (): boolean => heard.message < Atomics.load(raised, WAYS.message) || heard.signal < Atomics.load(raised, WAYS.signal);
  for (let turn = 0; turn < MOST_TURNS && (turn === 0 || behind()); turn++) await new Promise((next) => setImmediate(next));
  // One that is never heard of, as of a thread that ends, holds up one cell and no other.
  heard.message = Math.max(heard.message, Atomics.load(raised, WAYS.message));
  heard.signal = Math.max(heard.signal, Atomics.load(raised, WAYS.signal));
}

/** What a guard throws. */
export class CellInterrupted extends Error {
  override readonly name = 'Interrupted';
  constructor() {
    super('the cell was interrupted');
  }
}

/**
 * The guard of one cell. What was interrupted stays so: its timers may still come, when other cells
 * run. The counts are read plainly: that costs a loop nothing, where an atomic read makes the shortest
 * ten times slower.
 */
export const guardOf = (cell: { readonly interrupted: boolean }) => (): void => {
  const count = (raised[0] as number) + (raised[1] as number);
  if (count === heeded && !cell.interrupted) return;
  ended = count;
  throw new CellInterrupted();
};

/** The count at which a guard last ended something. */
let ended = 0;

/** Whether what was raised last has ended code already, such as a callback of a cell that is over. */
export const interruptEndedCode = (): boolean => ended !== heeded && ended === Atomics.load(raised, WAYS.message) + Atomics.load(raised, WAYS.signal);

interface SignalWatcher {
  onsignal: () => void;
  start(signal: number): number;
  unref(): void;
  close(): void;
}

/**
 * In the control thread: counts a signal when it comes from outside, which the main thread's
 * own handler cannot while a loop runs. Threads are not given `process.on('SIGINT')`; what that
 * stands on works in them. Where a later Node has it no more, such a loop hears messages only.
 */
export function watchSignal(shared: SharedArrayBuffer, signal: number): () => void {
  const quiet = process.noDeprecation;
  try {
    process.noDeprecation = true;
    const { Signal } = (process as unknown as { binding(name: string): { Signal: new () => SignalWatcher } }).binding('signal_wrap');
    const watcher = new Signal();
    watcher.unref();
    watcher.onsignal = () => raiseInterrupt('signal', shared);
    watcher.start(signal);
    return () => watcher.close();
  } catch {
    return () => undefined;
  } finally {
    process.noDeprecation = quiet;
  }
}
