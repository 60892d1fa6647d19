/** Sends what code writes to the process's stdout and stderr to the cell it belongs to. */
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

/** A timer or a promise of a cell that is over fails: its cell says so, the kernel lives on. */
export function surviveStrayErrors(): void {
  const tell = (e: unknown): void => void process.stderr.write(`${thrownError(e).traceback.join('\n')}\n`);
  process.on('uncaughtException', tell);
  process.on('unhandledRejection', tell);
}
