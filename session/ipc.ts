/**
 * node-ipc, as far as it is used: JSON messages over a Unix-domain socket, and nothing that listens
 * elsewhere. It is loaded when a session is opened or joined, not before.
 */
import { createRequire } from 'node:module';
import type { Server as NetServer, Socket } from 'node:net';

export interface IpcEnd {
  on(event: string, handler: (...args: never[]) => void): void;
  /** Hands an event to its handlers; node-ipc calls it for its own events and for whatever a peer sends. */
  publish(event: string, ...args: unknown[]): unknown;
}

export interface IpcClient extends IpcEnd {
  readonly socket: Socket & { ipcBuffer?: string };
  emit(event: string, data: unknown): void;
}

export interface IpcServer extends IpcEnd {
  readonly server: NetServer;
  emit(socket: Socket, event: string, data: unknown): void;
  start(): void;
  stop(): void;
}

export interface Ipc {
  readonly config: Record<string, unknown>;
  readonly server: IpcServer;
  readonly of: Readonly<Record<string, IpcClient | undefined>>;
  serve(path: string, started: () => void): void;
  connectTo(id: string, path: string): void;
  disconnect(id: string): void;
}

/** The names of our events: node-ipc has `connect`, `error`, `data` and more of its own. */
export const EVENT = {
  /** Asks a session for its description without joining it. */
  ask: 'lab.ask',
  described: 'lab.described',
  /** Joins, or comes back after the connection dropped. */
  hello: 'lab.hello',
  welcome: 'lab.welcome',
  refused: 'lab.refused',
  frame: 'lab.frame',
  ack: 'lab.ack',
} as const;

const OURS: ReadonlySet<unknown> = new Set(Object.values(EVENT));

/** Between two attempts to connect. */
const RETRY_MS = 100;
const MOST_CONNECTIONS = 64;

export function openIpc({ retries }: { readonly retries: boolean }): Ipc {
  const { IPC } = createRequire(import.meta.url)('node-ipc') as { IPC: new () => Ipc };
  const ipc = new IPC();
  Object.assign(ipc.config, {
    // Otherwise every payload is logged to stdout.
    silent: true,
    // Otherwise a server takes over the path of one that lives.
    unlink: false,
    retry: RETRY_MS,
    maxRetries: retries ? Infinity : 0,
    stopRetrying: !retries,
    maxConnections: MOST_CONNECTIONS,
  });
  return ipc;
}

/**
 * A peer can name any event, node-ipc's own too, and a name may be no string: only ours come
 * through, and those of which `own` knows that node-ipc itself publishes them.
 */
export function onlyOurEvents(end: IpcEnd, own: (event: string, args: readonly unknown[]) => boolean): void {
  const publish = end.publish.bind(end);
  end.publish = (event, ...args) => (OURS.has(event) || own(event, args) ? publish(event, ...args) : undefined);
}
