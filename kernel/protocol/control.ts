/** The main thread's end of control-thread.ts. */
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { interruptMemory } from '../interrupts.js';
import type { Connection } from './connection.js';
import type { FromControl, ToControl } from './control-thread.js';
import type { Frames } from './wire.js';

export interface ControlChannel {
  send(frames: Frames): void;
  /** Sends what is waiting, then ends the thread. */
  close(): Promise<void>;
}

const CLOSE_MS = 1500;

export function openControl(connection: Connection, received: (frames: Frames) => void): Promise<ControlChannel> {
  const worker = new Worker(new URL('./control-thread.js', import.meta.url), { workerData: { connection, interruptMemory } });
  const tell = (message: ToControl): void => worker.postMessage(message);
  const channel: ControlChannel = {
    send: (frames) => tell({ type: 'send', frames }),
    close: async () => {
      const gone = once(worker, 'exit');
      tell({ type: 'close' });
      await Promise.race([gone, new Promise((resolve) => setTimeout(resolve, CLOSE_MS))]);
    },
  };
  return new Promise((resolve, reject) => {
    worker.on('error', reject);
    worker.on('message', (message: FromControl) => {
      switch (message.type) {
        case 'bound':
          return resolve(channel);
        case 'failed':
          return reject(new Error(message.why));
        case 'received':
          return received(message.frames);
      }
    });
  });
}
