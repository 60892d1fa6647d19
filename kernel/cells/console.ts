/** Sends what code writes to the process's stdout and stderr to the cell it belongs to. */
import { SetupError } from '../../machine/index.js';
import { currentCell } from './context.js';
import type { StreamName } from './stream.js';
import { thrownError } from './thrown.js';

type Write = typeof process.stdout.write;

export function captureProcessOutput(): void {
  capture('stdout', process.stdout);
  capture('stderr', process.stderr);
}

function capture(name: StreamName, stream: NodeJS.WriteStream): void {
  const original = stream.write.bind(stream) as Write;
  stream.write = ((chunk: string | Uint8Array, encoding?: unknown, done?: unknown): boolean => {
    const cell = currentCell.getStore();
    if (cell === undefined) return original(chunk, encoding as BufferEncoding, done as () => void);
    const text = typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString('utf8');
    cell.output.stream(name, text);
    const callback = typeof encoding === 'function' ? encoding : done;
    if (typeof callback === 'function') process.nextTick(callback);
    return true;
  }) as Write;
}

/**
 * Jupyter's way to ask a user is a question on the stdin channel, which few front ends show while a
 * notebook runs from top to bottom, and a cell that reads the process's own stdin would wait for ever.
 */
export function refuseInput(): void {
  const original = Object.getOwnPropertyDescriptor(process, 'stdin');
  Object.defineProperty(process, 'stdin', {
    configurable: true,
    get(): unknown {
      if (currentCell.getStore() === undefined) return original?.get?.call(process) ?? original?.value;
      throw new SetupError('a cell of this kernel cannot ask for input', 'write the value into the cell, or read it from a file');
    },
  });
}

/** A timer or a promise of a cell that is over fails: its cell says so, the kernel lives on. */
export function surviveStrayErrors(): void {
  const tell = (e: unknown): void => void process.stderr.write(`${thrownError(e).traceback.join('\n')}\n`);
  process.on('uncaughtException', tell);
  process.on('unhandledRejection', tell);
}
