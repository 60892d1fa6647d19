/** The session that this kernel has joined by %attach: its cells run there until %detach. */
import type { Notice, SessionClient } from '../../session/index.js';
import type { Content } from '../protocol/message.js';
import type { Handler, Request } from '../protocol/server.js';
import { interrupted, plainError, type CellError } from '../cells/error.js';

export class Joined {
  private client: SessionClient | undefined;
  private ended: string | undefined;

  constructor(private readonly onNotice: (notice: Notice) => void) {}

  get name(): string | undefined {
    return this.client?.name;
  }

  /** Whether cells run in another session. Still true after that session ended, until a cell has reported it. */
  get active(): boolean {
    return this.client !== undefined || this.ended !== undefined;
  }

  /** @returns what to tell the user @throws SetupError */
  async attach(name: string | undefined, own: string | undefined): Promise<string> {
    const { findSession, SessionClient } = await import('../../session/index.js');
    const found = await findSession(name, own);
    this.detach();
    const client: SessionClient = await SessionClient.join(found.name, found.path, {
      kind: 'notebook',
      onNotice: this.onNotice,
      onEnd: (why) => {
        if (this.client !== client) return;
        this.client = undefined;
        this.ended = why;
      },
    });
    this.client = client;
    const others = [client.session.kind, ...client.session.guests.filter((label) => label !== client.label)];
    return `cells run in the session "${client.name}" now, together with ${others.join(', ')}; %detach ends that\n`;
  }

  /** @returns the name of what was left */
  detach(): string | undefined {
    const name = this.client?.name;
    const { client } = this;
    this.client = undefined;
    this.ended = undefined;
    client?.leave();
    return name;
  }

  /** Runs a cell there. */
  readonly execute: Handler = async (request) => {
    const { client, ended } = this;
    if (client === undefined) {
      // Only this cell fails, as it was written for the other machine. The next one runs on our own.
      this.ended = undefined;
      return failed(request, plainError('SessionEnded', ended ?? 'no session is joined', '  help: cells run in the session of this notebook again; %attach joins another'));
    }
    const interrupt = (): void => void client.interrupt();
    if (request.signal.aborted) return failed(request, interrupted());
    request.signal.addEventListener('abort', interrupt, { once: true });
    try {
      const reply = await client.ask('execute_request', request.message.content, { publish: (type, content) => request.publish(type, content) });
      return reply['status'] === 'aborted' ? failed(request, interrupted()) : reply;
    } catch (e) {
      this.ended = undefined;
      return failed(
        request,
        plainError('SessionEnded', e instanceof Error ? e.message : String(e), '  help: cells run in the session of this notebook again; %attach joins another'),
      );
    } finally {
      request.signal.removeEventListener('abort', interrupt);
    }
  };

  /** Requests other than cells: completion, help. */
  async ask(request: Request, otherwise: Handler): Promise<Content | undefined> {
    const { client } = this;
    if (client === undefined) return otherwise(request);
    return client.ask(request.message.header.msg_type, request.message.content).catch(() => otherwise(request));
  }
}

export function failed(request: Request, error: CellError): Content {
  request.publish('error', { ...error });
  return { status: 'error', execution_count: 0, ...error };
}
