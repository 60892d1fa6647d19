/**
 * A session that others can join: its side of the socket.
 *
 *     socket ──ipc.ts──▶ events ──link.ts──▶ messages ──guest.ts──▶ requests, one at a time (turns.ts) ──▶ Host
 */
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { claim, type Claimed } from './claim.js';
import { Guest, type Host } from './guest.js';
import { EVENT, onlyOurEvents, openIpc, type Ipc } from './ipc.js';
import { isRunning } from './probe.js';
import type { Turns } from './turns.js';
import { isHello, SESSION_PROTOCOL, type Content, type Hello, type Notice, type SessionInfo, type Welcome } from './wire.js';

export interface SessionOptions {
  /** What it should be called; a number is added where the name is taken. */
  readonly name: string;
  readonly kind: string;
  readonly version: string;
  readonly turns: Turns;
  /** Told to whoever owns the session, of what its guests do. */
  readonly onNotice?: (notice: Notice) => void;
}

/** How long a guest whose connection dropped may take to come back. */
const GRACE_MS = 2000;
const FAREWELL_MS = 200;
/** A correct peer sends at most a few pieces of this size at a time. */
const LONGEST_INPUT = 8 * 1024 * 1024;

export class SessionServer {
  private readonly guests = new Map<string, Guest>();
  private readonly sockets = new Set<Socket>();
  private readonly started = new Date().toISOString();
  private claimed: Claimed = { name: '', path: '' };

  private constructor(
    private readonly host: Host,
    private readonly options: SessionOptions,
    private readonly ipc: Ipc,
  ) {}

  /** @throws SetupError where there is no safe place for the socket */
  static async open(host: Host, options: SessionOptions): Promise<SessionServer> {
    const server = new SessionServer(host, options, openIpc({ retries: false }));
    server.claimed = await claim(options.name, ({ path }) => server.listen(path));
    return server;
  }

  get name(): string {
    return this.claimed.name;
  }

  get info(): SessionInfo {
    const { kind, version, turns } = this.options;
    const guests = [...this.guests.values()].map(({ label }) => label);
    return { name: this.name, kind, pid: process.pid, cwd: process.cwd(), started: this.started, version, guests, busy: turns.taken };
  }

  /** Tells the guests what the owner, or another guest, did. */
  tell(notice: Notice, but?: Guest): void {
    for (const guest of this.guests.values()) if (guest !== but) guest.tell({ kind: 'notice', notice });
  }

  /** Tells the guests that it is over, and leaves no socket behind. */
  async close(): Promise<void> {
    this.ipc.server.stop();
    for (const guest of this.guests.values()) guest.tell({ kind: 'ended' });
    await Promise.race([Promise.all([...this.sockets].map(ended)), new Promise((resolve) => setTimeout(resolve, FAREWELL_MS))]);
    for (const guest of this.guests.values()) guest.gone();
    this.guests.clear();
    for (const socket of this.sockets) socket.destroy();
  }

  private listen(path: string): Promise<void> {
    const { ipc } = this;
    return new Promise((resolve, reject) => {
      ipc.serve(path, resolve);
      const { server } = ipc;
      // node-ipc's own events come with a socket alone, or without one; what a peer sends comes with its socket.
      onlyOurEvents(server, (_event, args) => args.length < 2);
      server.on('error', (error: Error) => reject(error));
      server.on('connect', (socket: Socket) => this.connected(socket));
      server.on(EVENT.ask, (_: unknown, socket: Socket) => server.emit(socket, EVENT.described, this.info));
      server.on(EVENT.hello, (hello: unknown, socket: Socket) => this.hello(hello, socket));
      for (const event of [EVENT.frame, EVENT.ack]) {
        server.on(event, (data: unknown, socket: Socket) => this.guestOf(socket)?.link.take(event, data));
      }
      // The directory is closed to others; so is the socket.
      const umask = process.umask(0o177);
      try {
        server.start();
      } finally {
        process.umask(umask);
      }
    });
  }

  private connected(socket: Socket & { ipcBuffer?: string }): void {
    this.sockets.add(socket);
    socket.on('data', () => {
      if ((socket.ipcBuffer?.length ?? 0) > LONGEST_INPUT) socket.destroy();
    });
    socket.once('close', () => {
      this.sockets.delete(socket);
      const guest = this.guestOf(socket);
      // A guest whose process is dead does not come back.
      guest?.dropped(socket, isRunning(guest.pid) ? GRACE_MS : 0);
    });
  }

  private hello(hello: unknown, socket: Socket): void {
    const { server } = this.ipc;
    if (!isHello(hello)) return;
    const refuse = (why: string): void => server.emit(socket, EVENT.refused, { why });
    if (hello.protocol !== SESSION_PROTOCOL) return refuse(`it speaks version ${SESSION_PROTOCOL} of the protocol, we ${hello.protocol}`);
    const known = this.guests.get(hello.guest);
    if (known === undefined && hello.received > 0) return refuse('it has given us up');
    const guest = known ?? this.welcome(hello);
    const welcome: Welcome = { session: this.info, label: guest.label, received: guest.link.received };
    server.emit(socket, EVENT.welcome, welcome);
    guest.connected(socket, (event, data) => server.emit(socket, event, data), hello.received);
    if (known === undefined) this.notice({ from: guest.label, did: 'joined', text: '' }, guest);
  }

  private welcome({ guest: id, kind, pid }: Hello): Guest {
    const guest: Guest = new Guest(this.freeLabel(kind), pid, this.host, this.options.turns, {
      ran: (content) => this.noticeOf(guest, content),
      finished: (reply) => {
        // About a guest who is gone, the others are only told that they left.
        if (this.guests.get(id) === guest && reply['status'] === 'error')
          this.notice({ from: guest.label, did: 'failed', text: `${String(reply['ename'])}: ${String(reply['evalue'])}` }, guest);
      },
      leaves: () => {
        if (!this.guests.delete(id)) return;
        guest.gone();
        this.notice({ from: guest.label, did: 'left', text: '' }, guest);
      },
    });
    this.guests.set(id, guest);
    return guest;
  }

  private noticeOf(guest: Guest, { code, silent }: Content): void {
    if (silent !== true) this.notice({ from: guest.label, did: 'ran', text: String(code) }, guest);
  }

  private notice(notice: Notice, from: Guest): void {
    this.tell(notice, from);
    this.options.onNotice?.(notice);
  }

  private freeLabel(kind: string): string {
    const word = /^[a-z]{1,16}$/.test(kind) ? kind : 'guest';
    const taken = new Set([this.options.kind, ...[...this.guests.values()].map(({ label }) => label)]);
    for (let n = 1; ; n++) {
      const label = n === 1 ? word : `${word} ${n}`;
      if (!taken.has(label)) return label;
    }
  }

  private guestOf(socket: Socket): Guest | undefined {
    return [...this.guests.values()].find((guest) => guest.connectedBy(socket));
  }
}

async function ended(socket: Socket): Promise<void> {
  if (socket.destroyed) return;
  const closed = once(socket, 'close');
  socket.end();
  await closed.catch(() => undefined);
}
