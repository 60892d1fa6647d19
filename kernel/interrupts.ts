/**
 * What the main thread and the control thread share about interrupts. Code of a `%%ts` cell looks at
 * the flag at every turn of a loop (cells/loop-guard.ts): inside such a loop the main thread hears
 * nothing else, and to end it from outside is not safe once it runs in a callback (a terminated
 * callback takes Node's own bookkeeping, and the promises that were about to go on, with it).
 */
const memory = new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT);
const flag = new Int32Array(memory);

/** For the control thread, which raises it at once. */
export const interruptMemory: SharedArrayBuffer = memory;

export const raiseInterrupt = (shared = memory): void => void Atomics.store(new Int32Array(shared), 0, 1);

export const clearInterrupt = (): void => void Atomics.store(flag, 0, 0);

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
  if (flag[0] !== 0 || cell.interrupted) throw new CellInterrupted();
};

interface SignalWatcher {
  onsignal: () => void;
  start(signal: number): number;
  unref(): void;
  close(): void;
}

/**
 * In the control thread: raises the flag when a signal comes from outside, which the main thread's
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
    watcher.onsignal = () => raiseInterrupt(shared);
    watcher.start(signal);
    return () => watcher.close();
  } catch {
    return () => undefined;
  } finally {
    process.noDeprecation = quiet;
  }
}
