/**
 * The kernel's side of the protocol: every request is answered on the channel it came by, between
 * a `busy` and an `idle` that carry its header. Shell requests wait for one another, control
 * requests for nobody.
 */
import { randomUUID } from 'node:crypto';
import { log } from '../log.js';
import type { Connection } from './connection.js';
import { newHeader, type Content, type Message } from './message.js';
import { SerialQueue } from './queue.js';
import { openSockets, type Sockets } from './sockets.js';
import { Wire, type Decoded, type Frames } from './wire.js';

export interface Request {
  readonly message: Message;
  /** Aborted when the request is to end, before it begins or while it runs. */
  readonly signal: AbortSignal;
  /** Says something on iopub, with this request as its cause. */
  publish(type: string, content: Content): void;
}

/** Answers a request with the content of its reply; undefined where the protocol has none. */
export type Handler = (request: Request) => Content | undefined | Promise<Content | undefined>;

export interface Handlers {
  readonly shell: Readonly<Record<string, Handler>>;
  readonly control: Readonly<Record<string, Handler>>;
  /** Answers an execute request that was given up because one before it failed. */
  readonly aborted: () => Content;
  /** Called when the reply to a shutdown request is on its way. */
  readonly shutdown: () => void;
}

type Channel = 'shell' | 'control';

interface Arrived extends Request {
  readonly ids: Frames;
  readonly handler: Handler;
  readonly controller: AbortController;
  aborted: boolean;
}

/**
 * How long the reply to a failed cell waits, so that the requests that a front end sends in one
 * burst have arrived: whoever sent one before that reply cannot have known of the failure.
 */
const SETTLE_MS = 20;

/**
 * How long the answer to an interrupt waits where nothing is there to be interrupted: a request that was sent before it
 * may come later, on a socket of its own. Whoever waits for that answer is never interrupted by it.
 */
const HOLD_MS = 50;
/** A clock that is further off than this says nothing. */
const MOST_SKEW_MS = 2000;

const replyType = (request: string): string => request.replace(/_request$/, '_reply');

export class Server {
  private readonly wire: Wire;
  private readonly session = randomUUID();
  private readonly queue = new SerialQueue<Arrived>((arrived) => this.answer('shell', arrived));
  private sockets: Sockets | undefined;
  /** Execute requests that have come and have not been answered. */
  private readonly open = new Set<Arrived>();
  /** When the last of them was answered. */
  private answeredAt = -Infinity;
  /** An interrupt that waits for what it is for. */
  private held: (() => void) | undefined;

  constructor(
    private readonly connection: Connection,
    private readonly handlers: Handlers,
  ) {
    this.wire = new Wire(connection.key, connection.digest);
  }

  async listen(): Promise<void> {
    this.sockets = await openSockets(this.connection, {
      shell: (frames) => this.receive('shell', frames),
      control: (frames) => this.receive('control', frames),
    });
    this.publish('status', { execution_state: 'starting' }, {});
  }

  async close(): Promise<void> {
    await this.sockets?.close();
  }

  /** Whether an execute request has come and is not answered yet. */
  get executing(): boolean {
    return this.open.size > 0;
  }

  /**
   * Ends every execute request that has come and is not answered yet.
   * @param sent when the interrupt was sent, in ms since 1970, where that is known
   * @returns whether there was one to end, perhaps one that came a moment later
   */
  async interrupt(sent?: number): Promise<boolean> {
    if (this.open.size > 0) {
      for (const { controller } of this.open) controller.abort();
      return true;
    }
    const now = Date.now();
    const at = sent === undefined || Math.abs(now - sent) > MOST_SKEW_MS ? now : sent;
    // Its sender had not heard yet that the cell was over.
    if (at < this.answeredAt) return false;
    return new Promise((resolve) => {
      const over = (hit: boolean): void => {
        clearTimeout(timer);
        if (this.held === end) this.held = undefined;
        resolve(hit);
      };
      const end = (): void => over(true);
      const timer = setTimeout(() => over(false), HOLD_MS);
      this.held?.();
      this.held = end;
    });
  }

  private receive(channel: Channel, frames: Frames): void {
    const decoded = this.wire.decode(frames);
    if (!decoded.ok) return this.refuse(channel, decoded);
    const { ids, message } = decoded;
    const type = message.header.msg_type;
    const handlers = this.handlers[channel];
    const handler = Object.hasOwn(handlers, type) ? handlers[type] : undefined;
    if (handler === undefined) return log('kernel.wire', () => `${channel}: ignored ${type}`);
    log('kernel.wire', () => `${channel}: ${type}`);
    const publish = (kind: string, content: Content): void => this.publish(kind, content, message.header);
    const controller = new AbortController();
    const arrived: Arrived = { message, ids, handler, publish, signal: controller.signal, controller, aborted: false };
    if (type === 'execute_request') this.expectExecution(arrived);
    if (channel === 'shell') this.queue.push(arrived);
    else void this.answer('control', arrived);
  }

  /** What can be answered is: whoever waits for it shall not wait for ever. */
  private refuse(channel: Channel, { why, ids, message }: Extract<Decoded, { ok: false }>): void {
    log('kernel.wire', () => `${channel}: dropped a message: ${why}`);
    if (ids === undefined || message === undefined || !Object.hasOwn(this.handlers[channel], message.header.msg_type)) return;
    const error = { ename: 'TooMuch', evalue: `the kernel does not take this message: ${why}`, traceback: [`TooMuch: the kernel does not take this message: ${why}`] };
    const handler: Handler = ({ message: { header }, publish }) => {
      if (header.msg_type === 'execute_request') publish('error', error);
      return { status: 'error', execution_count: 0, ...error };
    };
    const controller = new AbortController();
    const publish = (kind: string, content: Content): void => this.publish(kind, content, message.header);
    const arrived: Arrived = { message, ids, handler, publish, signal: controller.signal, controller, aborted: false };
    if (channel === 'shell') this.queue.push(arrived);
    else void this.answer('control', arrived);
  }

  private expectExecution(arrived: Arrived): void {
    this.open.add(arrived);
    if (this.held === undefined) return;
    arrived.controller.abort();
    this.held();
  }

  private async answer(channel: Channel, arrived: Arrived): Promise<void> {
    const { message, ids, publish } = arrived;
    const type = message.header.msg_type;
    publish('status', { execution_state: 'busy' });
    const content = arrived.aborted ? this.handlers.aborted() : await this.handle(arrived);
    if (type === 'execute_request' && content?.['status'] === 'error' && message.content['stop_on_error'] !== false) await this.abortQueue();
    if (this.open.delete(arrived)) this.answeredAt = Date.now();
    if (content !== undefined) this.reply(channel, ids, replyType(type), content, message);
    publish('status', { execution_state: 'idle' });
    if (type === 'shutdown_request') this.handlers.shutdown();
  }

  private async handle(arrived: Arrived): Promise<Content | undefined> {
    try {
      return await arrived.handler(arrived);
    } catch (e) {
      const error = e instanceof Error ? e : new Error(String(e));
      log('kernel', () => `${arrived.message.header.msg_type}: ${error.stack ?? error.message}`);
      return { status: 'error', ename: error.name, evalue: error.message, traceback: (error.stack ?? '').split('\n') };
    }
  }

  private async abortQueue(): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
    for (const arrived of this.queue.pending()) {
      if (arrived.message.header.msg_type === 'execute_request') arrived.aborted = true;
    }
  }

  private reply(channel: Channel, ids: Frames, type: string, content: Content, to: Message): void {
    const message = { header: newHeader(type, this.session), parent: to.header, metadata: {}, content, buffers: [] };
    this.sockets?.[channel](this.wire.encode(ids, message));
  }

  private publish(type: string, content: Content, parent: Message['parent']): void {
    const message = { header: newHeader(type, this.session), parent, metadata: {}, content, buffers: [] };
    this.sockets?.iopub(this.wire.encode([Buffer.from(type)], message));
  }
}
