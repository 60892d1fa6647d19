/**
 * Which cell the running code belongs to. It follows timers and promises, so late output goes to
 * the cell that caused it and not to the one that happens to run.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import type { CellOutput } from './output.js';

export interface CellContext {
  readonly output: CellOutput;
  readonly signal: AbortSignal;
}

export const currentCell = new AsyncLocalStorage<CellContext>();
