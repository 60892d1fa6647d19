/** Sends what code writes to the process's stdout and stderr to the cell it belongs to. */
import { currentCell } from './context.js';
import { plainError, type CellError } from './error.js';
import type { StreamName } from './stream.js';

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
  const tell = (e: unknown): void => {
    const error = thrownError(e);
    process.stderr.write(`${error.traceback.join('\n')}\n`);
  };
  process.on('uncaughtException', tell);
  process.on('unhandledRejection', tell);
}

/** Whatever was thrown, as a cell error. */
export function thrownError(e: unknown): CellError {
  if (!(e instanceof Error) && !isErrorLike(e)) return plainError('Error', `thrown: ${String(e)}`);
  return plainError(e.name, e.message, ...userFrames(e.stack));
}

// Errors of another realm (a vm context) are no instances of this realm's Error.
const isErrorLike = (e: unknown): e is Error => typeof e === 'object' && e !== null && 'message' in e && 'name' in e;

const CELL_FILE = 'evalmachine.<anonymous>';

/** The frames of the user's own code. Positions in a cell are those of the compiled text, so they are left out. */
function userFrames(stack: string | undefined): string[] {
  const frames = (stack ?? '').split('\n').filter((line) => /^\s+at /.test(line));
  return frames
    .filter((line) => !line.includes('node:') && !line.includes('/tslab/dist/') && !line.includes('/dist/kernel/'))
    .map((line) => (line.includes(CELL_FILE) ? `${line.replace(/\s*\(?evalmachine\.<anonymous>:\d+:\d+\)?/, '')} (cell)`.replace(/at \(cell\)$/, 'at the cell') : line));
}
