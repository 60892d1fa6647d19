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

/** What `process.exit` throws in a cell: the kernel ends in good order when its cell has been told. */
class KernelEnded extends Error {
  override readonly name = 'KernelEnded';
}

/** @param end ends the process as it should end, with the status that a cell asked for */
export function endInGoodOrder(end: (status: number) => void): void {
  const exit = process.exit.bind(process);
  process.exit = ((code?: number | string | null): never => {
    if (currentCell.getStore() === undefined) return exit(code);
    const asked = Number(code ?? process.exitCode ?? 0);
    const status = Number.isInteger(asked) ? asked & 0xff : 1;
    setTimeout(() => end(status), TELL_MS);
    throw new KernelEnded(`the cell ended the kernel: process.exit(${status})`);
  }) as typeof process.exit;
}

/** For the reply of the cell to be on its way. */
const TELL_MS = 100;

/** A timer or a promise of a cell that is over fails: its cell says so, the kernel lives on. */
export function surviveStrayErrors(): void {
  const tell = (e: unknown): void => void process.stderr.write(`${thrownError(e).traceback.join('\n')}\n`);
  process.on('uncaughtException', tell);
  process.on('unhandledRejection', tell);
}
