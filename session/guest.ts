/** A guest who has joined a session: their requests, and the connection to them. */
import type { Socket } from 'node:net';
import { Link, MOST_WAITING, type Emit } from './link.js';
import { Withdrawn, type Turns } from './turns.js';
import { isFromGuest, type Content, type FromGuest, type FromHost } from './wire.js';

/** What a session does for its guests. */
export interface Host {
  /** Answers a request as Jupyter's protocol says; `publish` sends output while it runs, `signal` asks it to end. */
  answer(type: string, content: Content, publish: (type: string, content: Content) => void, signal: AbortSignal): Promise<Content | undefined>;
}

export interface GuestEvents {
  /** A cell of theirs begins. */
  ran(content: Content): void;
  /** A cell of theirs is over. */
  finished(reply: Content): void;
  leaves(): void;
}

export class Guest {
  readonly link = new Link((message) => this.take(message));
  private socket: Socket | undefined;
  private readonly asked = new Map<number, AbortController>();
  private here = true;
  private goingAway: NodeJS.Timeout | undefined;

  constructor(
    readonly label: string,
    readonly pid: number,
    private readonly host: Host,
    private readonly turns: Turns,
    private readonly events: GuestEvents,
  ) {}

  /** They are connected, for the first time or again. */
  connected(socket: Socket, emit: Emit, received: number): void {
    clearTimeout(this.goingAway);
    if (this.socket !== socket) this.socket?.destroy();
    this.socket = socket;
    this.link.connect(emit, received);
  }

  /** The connection dropped: they have `graceMs` to come back. */
  dropped(socket: Socket, graceMs: number): void {
    if (this.socket !== socket) return;
    this.socket = undefined;
    this.link.disconnect();
    this.goingAway = setTimeout(() => this.events.leaves(), graceMs);
  }

  connectedBy(socket: Socket): boolean {
    return this.socket === socket;
  }

  tell(message: FromHost): void {
    if (!this.here) return;
    this.link.send(message);
    // The guest has stopped reading: what waits for them must not fill our memory.
    if (this.link.unconfirmed > MOST_WAITING) this.events.leaves();
  }

  /** The guest is gone: their waiting requests are dropped, a running one is stopped and its output ignored. */
  gone(): void {
    this.here = false;
    clearTimeout(this.goingAway);
    this.link.disconnect();
    this.socket?.destroy();
    for (const controller of this.asked.values()) controller.abort();
  }

  private take(message: unknown): void {
    if (!isFromGuest(message)) return;
    switch (message.kind) {
      case 'request':
        return void this.answer(message);
      case 'cancel':
        return this.asked.get(message.id)?.abort();
      case 'leave':
        return this.events.leaves();
    }
  }

  private async answer(request: Extract<FromGuest, { kind: 'request' }>): Promise<void> {
    const { id, type } = request;
    const controller = new AbortController();
    this.asked.set(id, controller);
    const { signal } = controller;
    const content = await (type === 'execute_request' ? this.turns.take(() => this.execute(request, signal), signal) : this.ask(request, signal)).catch(failure);
    this.asked.delete(id);
    this.tell({ kind: 'reply', id, content });
  }

  private async execute(request: Extract<FromGuest, { kind: 'request' }>, signal: AbortSignal): Promise<Content> {
    this.tell({ kind: 'begun', id: request.id });
    this.events.ran(request.content);
    const reply = await this.ask(request, signal);
    this.events.finished(reply);
    return reply;
  }

  private async ask({ id, type, content }: Extract<FromGuest, { kind: 'request' }>, signal: AbortSignal): Promise<Content> {
    const publish = (kind: string, said: Content): void => this.tell({ kind: 'publish', id, type: kind, content: said });
    return (await this.host.answer(type, content, publish, signal)) ?? {};
  }
}

function failure(error: unknown): Content {
  if (error instanceof Withdrawn) return { status: 'aborted' };
  const { name, message } = error instanceof Error ? error : new Error(String(error));
  return { status: 'error', ename: name, evalue: message, traceback: [] };
}
