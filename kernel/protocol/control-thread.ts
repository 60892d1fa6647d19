/**
 * The control and heartbeat sockets, in a thread of their own: they answer while the main thread
 * is inside a long computation, and an interrupt reaches it there, as a count that loops look at.
 */
import { isUtf8 } from 'node:buffer';
import { constants } from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';
import { Reply, Router } from 'zeromq';
import { raiseInterrupt, watchSignal } from '../interrupts.js';
import { address, type Connection } from './connection.js';
import { Outbox } from './outbox.js';
import { Wire, type Frames } from './wire.js';

export type ToControl = { readonly type: 'send'; readonly frames: Frames } | { readonly type: 'close' };
export type FromControl = { readonly type: 'bound' } | { readonly type: 'failed'; readonly why: string } | { readonly type: 'received'; readonly frames: Frames };

/** How long the main thread may take to act on a shutdown before the process is ended from here. */
const SHUTDOWN_GRACE_MS = 4000;
const PARENT_POLL_MS = 1000;
const LINGER_MS = 1000;
const LARGEST_FRAME = 256 << 20;

const main = parentPort;
if (main === null) throw new Error('control-thread.js runs as a worker thread');
const { connection, interruptMemory } = workerData as { connection: Connection; interruptMemory: SharedArrayBuffer };
const tell = (message: FromControl): void => main.postMessage(message);

const control = new Router({ linger: LINGER_MS, maxMessageSize: LARGEST_FRAME });
const heartbeat = new Reply({ linger: 0 });
const outbox = new Outbox('control', { send: (frames) => control.send(frames.map(ownedByZeroMQ)) });
const wire = new Wire(connection.key, connection.digest);

/**
 * zeromq.js lends buffers to ZeroMQ and takes them back later, when this thread may be gone: that
 * corrupts the heap at exit. Strings it gives away.
 */
function ownedByZeroMQ(frame: Uint8Array): Uint8Array | string {
  return isUtf8(frame) ? Buffer.from(frame.buffer, frame.byteOffset, frame.byteLength).toString('utf8') : frame;
}

async function receive(): Promise<void> {
  for await (const frames of control) {
    const decoded = wire.decode(frames);
    const type = decoded.ok ? decoded.message.header.msg_type : undefined;
    // A shutdown interrupts as well, or a busy main thread would never hear of it.
    if (type === 'interrupt_request' || type === 'shutdown_request') raiseInterrupt('message', interruptMemory);
    if (type === 'shutdown_request') setTimeout(() => process.kill(process.pid, 'SIGKILL'), SHUTDOWN_GRACE_MS).unref();
    tell({ type: 'received', frames });
  }
}

/** The main thread ends with the Jupyter that started it, as soon as it hears of it. */
if (process.env['JPY_PARENT_PID'] !== undefined) {
  const parent = process.ppid;
  const watch = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(watch);
    raiseInterrupt('signal', interruptMemory);
    setTimeout(() => process.kill(process.pid, 'SIGKILL'), SHUTDOWN_GRACE_MS).unref();
  }, PARENT_POLL_MS).unref();
}

const stopWatching = watchSignal(interruptMemory, constants.signals.SIGINT);

async function beat(): Promise<void> {
  for await (const frames of heartbeat) await heartbeat.send(frames.map(ownedByZeroMQ));
}

async function close(): Promise<void> {
  await outbox.drained();
  stopWatching();
  control.close();
  heartbeat.close();
  main?.close();
}

main.on('message', (message: ToControl) => {
  if (message.type === 'send') outbox.send(message.frames);
  else void close();
});

try {
  await control.bind(address(connection, 'control'));
  await heartbeat.bind(address(connection, 'hb'));
  tell({ type: 'bound' });
  void receive();
  void beat();
} catch (e) {
  tell({ type: 'failed', why: e instanceof Error ? e.message : String(e) });
}
