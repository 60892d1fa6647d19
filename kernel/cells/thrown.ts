/** Whatever code throws, as a cell error. */
import { inspect } from 'node:util';
import { plainError, type CellError } from './error.js';
import { userFrames } from './ts-frames.js';

export function thrownError(e: unknown): CellError {
  if (!isErrorLike(e)) return plainError('Error', `thrown: ${inspect(e)}`);
  return plainError(e.name, e.message, ...userFrames(e.stack));
}

// By shape: an error of another realm is no instance of this realm's Error.
const isErrorLike = (e: unknown): e is Error => typeof e === 'object' && e !== null && 'message' in e && 'name' in e && 'stack' in e;
