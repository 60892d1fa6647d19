/** The guest's side: joins a session, sends it requests, receives what it says. */
import { randomUUID } from 'node:crypto';
import type { SetupError } from '../machine/errors.js';
import { EVENT, onlyOurEvents, openIpc, type Ipc, type IpcClient } from './ipc.js';
import { Link } from './link.js';
import { messages } from './messages.js';
import { isRunning } from './probe.js';
import { SESSION_PROTOCOL, type Content, type FromGuest, type FromHost, type Hello, type Notice, type SessionInfo, type Welcome } from './wire.js';

export interface JoinOptions {
  /** What kind of guest we are: `terminal`, `notebook`. */
  readonly kind: string;
  readonly onNotice?: (notice: Notice) => void;
  /** Called once, with why, when the session ends or is lost. */
  readonly onEnd?: (why: string) => void;
  /** Called when the session takes long to let us in, because it runs something that does not pause. */
  readonly onSlow?: () => void;
}

export interface AskOptions {
  readonly publish?: (type: string, content: Content) => void;
  /** Gives up waiting; the request is withdrawn, or what runs is interrupted. */
  readonly timeoutMs?: number;
}

/** The session is not there any more. */
export class SessionEnded extends Error {
  override readonly name = 'SessionEnded';
}

interface Asked {
  readonly publish: AskOptions['publish'];
  readonly resolve: (content: Content) => void;
  readonly reject: (error: Error) => void;
  begun: boolean;
}

const PEER = 'session';
const SLOW_MS = 1000;
/** Longer than the session keeps a place for those whose connection dropped. */
const LOST_MS = 4000;
/** How long a session may take to notice an interrupt before it gets a signal: a loop that does not pause reads no messages. */
const DEAF_MS = 500;

export class SessionClient {
  private readonly id = randomUUID();
  private readonly link = new Link((message) => this.take(message as FromHost));
  private readonly asked = new Map<number, Asked>();
  private lastId = 0;
  private welcome: Welcome | undefined;
  private over = false;
  private lostSince: number | undefined;

  private constructor(
    private readonly ipc: Ipc,
    private readonly peer: IpcClient,
    readonly name: string,
    private readonly options: JoinOptions,
  ) {}

  /** @throws SetupError */
  static join(name: string, path: string, options: JoinOptions): Promise<SessionClient> {
    const ipc = openIpc({ retries: true });
    ipc.connectTo(PEER, path);
    const peer = ipc.of[PEER];
    if (peer === undefined) throw new TypeError('node-ipc made no client');
    const client = new SessionClient(ipc, peer, name, options);
    const slow = setTimeout(() => options.onSlow?.(), SLOW_MS);
    return client.enter().finally(() => clearTimeout(slow));
  }

  /** The session as it was when we joined. */
  get session(): SessionInfo {
    if (this.welcome === undefined) throw new TypeError('not welcome yet');
    return this.welcome.session;
  }

  /** What the others see us as. */
  get label(): string {
    return this.welcome?.label ?? '';
  }

  /** @throws SessionEnded */
  async ask(type: string, content: Content, { publish, timeoutMs }: AskOptions = {}): Promise<Content> {
    if (this.over) throw new SessionEnded(messages.ended(this.name));
    const id = ++this.lastId;
    const reply = new Promise<Content>((resolve, reject) => this.asked.set(id, { publish, resolve, reject, begun: false }));
    this.say({ kind: 'request', id, type, content });
    const timer = timeoutMs === undefined ? undefined : setTimeout(() => this.giveUp(id), timeoutMs);
    return reply.finally(() => clearTimeout(timer));
  }

  /** Ends all our requests: waiting ones are withdrawn, a running one is interrupted. @returns whether there was any */
  interrupt(): boolean {
    const any = this.asked.size > 0;
    for (const [id, asked] of this.asked) {
      this.say({ kind: 'cancel', id });
      if (!asked.begun) continue;
      setTimeout(() => {
        // It has not even confirmed the message. Only where it is our own cell that keeps it.
        if (this.asked.has(id) && this.link.unconfirmed > 0 && !this.over) process.kill(this.session.pid, 'SIGINT');
      }, DEAF_MS).unref();
    }
    return any;
  }

  leave(): void {
    if (this.over) return;
    this.say({ kind: 'leave' });
    this.end(undefined);
  }

  private enter(): Promise<SessionClient> {
    const { peer } = this;
    return new Promise((resolve, reject) => {
      const fail = (error: SetupError): void => {
        this.end(undefined);
        reject(error);
      };
      onlyOurEvents(peer, (event) => event === 'connect' || event === 'disconnect' || event === 'error');
      peer.on('connect', () => this.hello());
      peer.on('disconnect', () => {
        if (this.over) return;
        if (this.welcome === undefined) fail(messages.gone(this.name));
        else this.dropped();
      });
      peer.on(EVENT.welcome, (welcome: Welcome) => {
        this.welcome ??= welcome;
        this.lostSince = undefined;
        this.link.connect((event, data) => peer.emit(event, data), welcome.received);
        resolve(this);
      });
      peer.on(EVENT.refused, ({ why }: { why: string }) => {
        if (this.welcome === undefined) fail(messages.refused(this.name, why));
        else this.end(messages.lost(this.name));
      });
      for (const event of [EVENT.frame, EVENT.ack]) peer.on(event, (data: unknown) => this.link.take(event, data));
    });
  }

  private hello(): void {
    const hello: Hello = { protocol: SESSION_PROTOCOL, guest: this.id, kind: this.options.kind, pid: process.pid, received: this.link.received };
    this.peer.emit(EVENT.hello, hello);
  }

  /** node-ipc tries again by itself. A process that is gone will not come back, one that lives may. */
  private dropped(): void {
    this.link.disconnect();
    this.lostSince ??= Date.now();
    if (!isRunning(this.session.pid)) this.end(messages.ended(this.name));
    else if (Date.now() - this.lostSince > LOST_MS) this.end(messages.lost(this.name));
  }

  private take(message: FromHost): void {
    switch (message.kind) {
      case 'begun': {
        const asked = this.asked.get(message.id);
        if (asked !== undefined) asked.begun = true;
        return;
      }
      case 'publish':
        return this.asked.get(message.id)?.publish?.(message.type, message.content);
      case 'reply':
        this.asked.get(message.id)?.resolve(message.content);
        this.asked.delete(message.id);
        return;
      case 'notice':
        return this.options.onNotice?.(message.notice);
      case 'ended':
        return this.end(messages.ended(this.name));
    }
  }

  private say(message: FromGuest): void {
    this.link.send(message);
  }

  private giveUp(id: number): void {
    this.say({ kind: 'cancel', id });
    this.asked.get(id)?.resolve({ status: 'aborted' });
    this.asked.delete(id);
  }

  /** @param why undefined when it was we who left */
  private end(why: string | undefined): void {
    if (this.over) return;
    this.over = true;
    const { socket } = this.peer;
    // Sends what is still waiting first; node-ipc itself would drop it.
    socket.end(() => this.ipc.disconnect(PEER));
    if (why !== undefined) this.ipc.disconnect(PEER);
    for (const { reject } of this.asked.values()) reject(new SessionEnded(why ?? messages.ended(this.name)));
    this.asked.clear();
    if (why !== undefined) this.options.onEnd?.(why);
  }
}
