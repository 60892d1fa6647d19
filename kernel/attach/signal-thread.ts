/** Beside a session without a control thread: SIGINT raises the flag that loops look at, also while the main thread is inside one. */
import { constants } from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';
import { watchSignal } from '../interrupts.js';

watchSignal(workerData as SharedArrayBuffer, constants.signals.SIGINT);
// Keeps the thread alive: a signal handler alone does not.
parentPort?.on('message', () => undefined);
