/** The five sockets of a kernel. Shell, stdin and iopub live in this thread, control and heartbeat in their own. */
import { rm } from 'node:fs/promises';
import { Publisher, Router } from 'zeromq';
import { SetupError } from '../../machine/index.js';
import { log } from '../log.js';
import { address, PORTS, type Connection } from './connection.js';
import { openControl } from './control.js';
import { Outbox } from './outbox.js';
import type { Frames } from './wire.js';

export interface Receivers {
  shell(frames: Frames): void;
  control(frames: Frames): void;
}

export interface Sockets {
  shell(frames: Frames): void;
  control(frames: Frames): void;
  iopub(frames: Frames): void;
  /** Sends what is waiting, then closes. */
  close(): Promise<void>;
}

const LINGER_MS = 1000;
/** Of one that is larger ZeroMQ takes not even the bytes, and closes the connection; smaller ones are refused in words. */
const LARGEST_FRAME = 256 << 20;

export async function openSockets(connection: Connection, receivers: Receivers): Promise<Sockets> {
  const shell = new Router({ linger: LINGER_MS, maxMessageSize: LARGEST_FRAME });
  const stdin = new Router({ linger: 0 });
  const iopub = new Publisher({ linger: LINGER_MS });
  // A publisher drops messages beyond its high-water mark. No output may be lost, so the mark is off; it must be set before bind.
  iopub.sendHighWaterMark = 0;

  // The files of ipc sockets are for this user only.
  const umask = process.umask(0o077);
  const [control] = await Promise.all([
    openControl(connection, receivers.control),
    shell.bind(address(connection, 'shell')),
    stdin.bind(address(connection, 'stdin')),
    iopub.bind(address(connection, 'iopub')),
  ])
    .catch((e: unknown) => {
      const why = e instanceof Error ? e.message : String(e);
      throw new SetupError(`cannot listen where the connection file says: ${why}`, 'restart the kernel: Jupyter then picks other ports');
    })
    .finally(() => process.umask(umask));

  const shellOut = new Outbox('shell', shell);
  const iopubOut = new Outbox('iopub', iopub);
  void receive(shell, receivers.shell);
  // This kernel never asks for input, so whatever arrives here is ignored.
  void receive(stdin, () => log('kernel.wire', () => 'stdin: ignored a message'));

  return {
    shell: (frames) => shellOut.send(frames),
    control: (frames) => control.send(frames),
    iopub: (frames) => iopubOut.send(frames),
    close: async () => {
      await Promise.all([shellOut.drained(), iopubOut.drained(), control.close()]);
      for (const socket of [shell, stdin, iopub]) socket.close();
      await removeSocketFiles(connection);
    },
  };
}

/** ZeroMQ leaves the files of its ipc sockets behind. */
async function removeSocketFiles(connection: Connection): Promise<void> {
  if (connection.transport !== 'ipc') return;
  await Promise.all(PORTS.map((port) => rm(address(connection, port).slice('ipc://'.length), { force: true })));
}

async function receive(socket: Router, received: (frames: Frames) => void): Promise<void> {
  for await (const frames of socket) received(frames);
}
