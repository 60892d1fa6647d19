/**
 * One session for several front ends. Cells of the one we belong to and of those that have joined
 * take turns; each learns what the others ran. And the other way round: after %attach our own front
 * end's cells run in a session elsewhere.
 */
import type { Notice, SessionServer } from '../../session/index.js';
import { Turns, Withdrawn } from '../../session/turns.js';
import { log } from '../log.js';
import type { Content } from '../protocol/message.js';
import type { Handler, Request } from '../protocol/server.js';
import { interrupted, plainError } from '../cells/error.js';
import { failed, Joined } from './joined.js';
import { isSessionCell, movesCells, notForGuests, type SessionMagics } from './magics.js';
import { noticeText } from './notices.js';
import { sessionList } from './session-list.js';

/** The requests that guests may send: none that ends the session or concerns one front end alone. */
const FOR_GUESTS: ReadonlySet<string> = new Set(['execute_request', 'complete_request', 'inspect_request', 'is_complete_request', 'history_request', 'kernel_info_request']);

/** How many of the latest notices are kept for a notebook that has not shown them yet. */
const MOST_NOTICES = 20;

const CLOSE_MS = 1000;

export interface Place {
  /** The session's name, as far as it is free. */
  readonly name: string;
  readonly kind: 'notebook' | 'console';
  readonly version: string;
}

export class Sharing {
  private readonly turns = new Turns();
  private readonly joined = new Joined((notice) => this.heard(notice));
  private server: Promise<SessionServer> | undefined;
  private own: string | undefined;
  private notices: Notice[] = [];

  constructor(
    private readonly local: Readonly<Record<string, Handler>>,
    private readonly place: Place | undefined,
  ) {}

  /** The handlers of our own front end. */
  get handlers(): Record<string, Handler> {
    const elsewhere =
      (type: string): Handler =>
      (request) =>
        this.joined.ask(request, this.local[type] ?? (() => undefined));
    return {
      ...this.local,
      execute_request: (request) => this.execute(request),
      complete_request: elsewhere('complete_request'),
      inspect_request: elsewhere('inspect_request'),
      is_complete_request: elsewhere('is_complete_request'),
    };
  }

  /** Lets others in. Nothing is loaded before; a second call changes nothing. @throws SetupError */
  async open(): Promise<string | undefined> {
    if (this.place === undefined) return undefined;
    this.server ??= this.start(this.place);
    this.own = (await this.server).name;
    return this.own;
  }

  async close(): Promise<void> {
    this.joined.detach();
    const closed = this.server?.then(
      (server) => server.close(),
      () => undefined,
    );
    // A session that is still being opened may be waiting for others: at the end it is not waited for.
    await Promise.race([closed, new Promise((resolve) => setTimeout(resolve, CLOSE_MS))]);
  }

  readonly magics: SessionMagics = {
    attach: async (rest, { output }) => {
      const name = rest === '' ? undefined : rest;
      output.stream('stdout', await this.joined.attach(name, await this.open().catch(() => undefined)));
      return undefined;
    },
    detach: async (_rest, { output }) => {
      const name = this.joined.detach();
      if (name === undefined) return plainError('NotAttached', 'no session is joined', '  help: %sessions lists those that run, %attach NAME joins one');
      output.stream('stdout', `left the session "${name}"; cells run in the session of this notebook again\n`);
      return undefined;
    },
    sessions: async (_rest, { output }) => {
      const own = await this.open();
      const { sessions } = await import('../../session/index.js');
      output.stream('stdout', sessionList(await sessions(), this.joined.name ?? own));
      return undefined;
    },
  };

  private async start({ name, kind, version }: Place): Promise<SessionServer> {
    const { SessionServer } = await import('../../session/index.js');
    const server = await SessionServer.open(
      { answer: (type, content, publish, signal) => this.answerGuest(type, content, publish, signal) },
      { name, kind, version, turns: this.turns, onNotice: (notice) => this.heard(notice) },
    );
    log('kernel', () => `session ${server.name}`);
    return server;
  }

  private async execute(request: Request): Promise<Content | undefined> {
    const { code, silent } = request.message.content;
    const text = typeof code === 'string' ? code : '';
    const telling = this.withNotices(request);
    if (this.joined.active && !isSessionCell(text)) return this.joined.execute(telling);

    try {
      return await this.turns.take(async () => {
        if (silent !== true) await this.tellGuests('ran', text);
        const reply = await this.local['execute_request']?.(telling);
        if (silent !== true && reply?.['status'] === 'error') await this.tellGuests('failed', `${String(reply['ename'])}: ${String(reply['evalue'])}`);
        return reply;
      }, request.signal);
    } catch (e) {
      if (!(e instanceof Withdrawn)) throw e;
      return failed(request, interrupted());
    }
  }

  private async answerGuest(type: string, content: Content, publish: Request['publish'], signal: AbortSignal): Promise<Content | undefined> {
    const handler = FOR_GUESTS.has(type) ? this.local[type] : undefined;
    if (handler === undefined) return { status: 'error', ename: 'UnknownRequest', evalue: `${type} cannot be asked here`, traceback: [] };
    const header = { msg_id: '', msg_type: type, session: '', username: '', date: '', version: '' };
    const request: Request = { message: { header, parent: {}, metadata: {}, content, buffers: [] }, publish, signal };
    // Only terminals get these at once; a notebook shows them with its next cell.
    if (type === 'execute_request' && movesCells(String(content['code']))) return failed(request, notForGuests());
    return handler(request);
  }

  private async tellGuests(did: Notice['did'], text: string): Promise<void> {
    if (this.server === undefined || this.place === undefined) return;
    (await this.server.catch(() => undefined))?.tell({ from: this.place.kind, did, text });
  }

  private heard(notice: Notice): void {
    this.notices = [...this.notices, notice].slice(-MOST_NOTICES);
  }

  /** A notebook has no place of its own for what others did: its next cell begins with it. */
  private withNotices(request: Request): Request {
    if (request.message.content['silent'] === true) return request;
    return {
      ...request,
      publish: (type, content) => {
        request.publish(type, content);
        if (type !== 'execute_input' || this.notices.length === 0) return;
        request.publish('stream', { name: 'stderr', text: this.notices.map(noticeText).join('') });
        this.notices = [];
      },
    };
  }
}
