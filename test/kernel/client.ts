/**
 * A Jupyter client for tests. It speaks the wire protocol by itself and shares no code with the
 * kernel, so that a mistake cannot be made twice.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { createHmac, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Dealer, Request as HeartbeatSocket, Subscriber } from 'zeromq';

type Json = Record<string, unknown>;

export interface Received {
  readonly channel: 'shell' | 'control' | 'iopub';
  readonly type: string;
  readonly parentId: string | undefined;
  readonly header: Json;
  readonly content: Json;
}

/** What came of one request: its reply and everything on iopub up to its `idle`. */
export interface Answer {
  readonly id: string;
  readonly reply: Json;
  readonly iopub: readonly Received[];
}

export const MAIN = fileURLToPath(new URL('../../dist/kernel/main.js', import.meta.url));
const DELIMITER = '<IDS|MSG>';

export interface Options {
  readonly transport?: 'tcp' | 'ipc';
  readonly env?: Record<string, string>;
  /** Another copy of the kernel. */
  readonly main?: string;
}

export class TestKernel {
  readonly received: Received[] = [];
  readonly exited: Promise<number | null>;
  readonly session = randomUUID();
  private readonly watchers = new Set<() => void>();

  private constructor(
    readonly process: ChildProcess,
    readonly directory: string,
    private readonly key: string,
    readonly shell: Dealer,
    readonly control: Dealer,
    private readonly iopub: Subscriber,
    readonly heartbeat: HeartbeatSocket,
  ) {
    this.exited = once(process, 'exit').then(([code]) => code as number | null);
    void this.listen('shell', shell);
    void this.listen('control', control);
    void this.listen('iopub', iopub);
  }

  static async start({ transport = 'tcp', env = {}, main = MAIN }: Options = {}): Promise<TestKernel> {
    const directory = await mkdtemp(join(tmpdir(), 'mremap-kernel-'));
    const key = randomUUID();
    const ip = transport === 'tcp' ? '127.0.0.1' : join(directory, 'socket');
    const [shell, control, iopub, stdin, hb] = transport === 'tcp' ? await freePorts(5) : [1, 2, 3, 4, 5];
    const file = join(directory, 'connection.json');
    const connection = { transport, ip, key, signature_scheme: 'hmac-sha256', shell_port: shell, control_port: control, iopub_port: iopub, stdin_port: stdin, hb_port: hb };
    await writeFile(file, JSON.stringify(connection));
    const child = spawn(process.execPath, [main, file], { cwd: directory, env: { ...process.env, MREMAP_LAB_SESSION: 'off', ...env }, stdio: ['ignore', 'inherit', 'inherit'] });

    const at = (port: number | undefined): string => (transport === 'tcp' ? `tcp://${ip}:${port}` : `ipc://${ip}-${port}`);
    const sockets = [new Dealer({ linger: 0 }), new Dealer({ linger: 0 }), new Subscriber({ linger: 0, receiveHighWaterMark: 0 }), new HeartbeatSocket({ linger: 0 })] as const;
    sockets[0].connect(at(shell));
    sockets[1].connect(at(control));
    sockets[2].connect(at(iopub));
    sockets[2].subscribe();
    sockets[3].connect(at(hb));
    const kernel = new TestKernel(child, directory, key, ...sockets);
    await kernel.ready();
    return kernel;
  }

  /** Sends a request and returns its id. */
  async send(channel: 'shell' | 'control', type: string, content: Json): Promise<string> {
    const { id, frames } = this.frames(type, content);
    await this[channel].send(frames);
    return id;
  }

  /** A request as frames, signed with `key`. */
  frames(type: string, content: Json, key = this.key): { id: string; frames: (string | Buffer)[] } {
    const id = randomUUID();
    const header = { msg_id: id, msg_type: type, session: this.session, username: 'test', date: new Date().toISOString(), version: '5.4' };
    const parts = [header, {}, {}, content].map((part) => JSON.stringify(part));
    return { id, frames: [DELIMITER, this.sign(parts, key), ...parts] };
  }

  sign(parts: readonly string[], key = this.key): string {
    return createHmac('sha256', key).update(parts.join('')).digest('hex');
  }

  async request(channel: 'shell' | 'control', type: string, content: Json = {}, ms?: number): Promise<Answer> {
    const id = await this.send(channel, type, content);
    return this.answer(id, ms);
  }

  execute(code: string, more: Json = {}): Promise<Answer> {
    return this.request('shell', 'execute_request', executeContent(code, more));
  }

  async answer(id: string, ms?: number): Promise<Answer> {
    const reply = await this.find((m) => m.channel !== 'iopub' && m.parentId === id, ms);
    await this.find((m) => m.channel === 'iopub' && m.parentId === id && m.content['execution_state'] === 'idle', ms);
    return { id, reply: reply.content, iopub: this.received.filter((m) => m.channel === 'iopub' && m.parentId === id) };
  }

  /** The first message that fits, now or later. */
  async find(fits: (message: Received) => boolean, ms = 60_000): Promise<Received> {
    const deadline = Date.now() + ms;
    for (;;) {
      const found = this.received.find(fits);
      if (found !== undefined) return found;
      await this.news(deadline - Date.now());
    }
  }

  async stop(): Promise<void> {
    if (this.process.exitCode === null && this.process.signalCode === null) this.process.kill('SIGKILL');
    await this.exited;
    for (const socket of [this.shell, this.control, this.iopub, this.heartbeat]) socket.close();
    await rm(this.directory, { recursive: true, force: true });
  }

  private async ready(): Promise<void> {
    const started = Date.now();
    const gone = this.exited.then((code) => Promise.reject(new Error(`the kernel ended with ${code} before it was ready`)));
    gone.catch(() => undefined);
    const first = await this.send('shell', 'kernel_info_request', {});
    await Promise.race([gone, this.find((m) => m.channel === 'shell' && m.parentId === first)]);
    // iopub is subscribed when the status of some kernel_info arrives there.
    while (Date.now() - started < 60_000) {
      const id = await this.send('shell', 'kernel_info_request', {});
      const seen = await Promise.race([gone, this.answer(id, 250).catch(() => undefined)]);
      if (seen !== undefined) return;
    }
    throw new Error('the kernel did not come up');
  }

  private news(ms: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const done = (): void => {
        clearTimeout(timer);
        this.watchers.delete(done);
        resolve();
      };
      const timer = setTimeout(
        () => {
          this.watchers.delete(done);
          const tail = this.received.slice(-8).map((m) => `${m.channel} ${m.type} ${JSON.stringify(m.content).slice(0, 200)}`);
          reject(new Error(`the message did not come; last were\n${tail.join('\n')}`));
        },
        Math.max(0, ms),
      );
      this.watchers.add(done);
    });
  }

  private async listen(channel: Received['channel'], socket: Dealer | Subscriber): Promise<void> {
    for await (const frames of socket as AsyncIterable<Buffer[]>) {
      const at = frames.findIndex((frame) => frame.toString() === DELIMITER);
      const [signature, ...parts] = frames.slice(at + 1, at + 6).map(String);
      if (signature !== this.sign(parts)) throw new Error(`a message on ${channel} is signed wrongly`);
      const [header, parent, , content] = parts.map((part) => JSON.parse(part) as Json);
      if (header === undefined || parent === undefined || content === undefined) throw new Error(`a message on ${channel} is cut short`);
      this.received.push({ channel, type: String(header['msg_type']), parentId: parent['msg_id'] as string | undefined, header, content });
      for (const watcher of [...this.watchers]) watcher();
    }
  }
}

export const executeContent = (code: string, more: Json = {}): Json => ({
  code,
  silent: false,
  store_history: true,
  user_expressions: {},
  allow_stdin: false,
  stop_on_error: true,
  ...more,
});

/** The text of one stream, put together again. */
export const streamText = (answer: Answer, name: 'stdout' | 'stderr' = 'stdout'): string =>
  answer.iopub
    .filter((m) => m.type === 'stream' && m.content['name'] === name)
    .map((m) => String(m.content['text']))
    .join('');

export const types = (answer: Answer): string[] => answer.iopub.map((m) => (m.type === 'status' ? String(m.content['execution_state']) : m.type));

export const only = (answer: Answer, type: string): Json => {
  const found = answer.iopub.filter((m) => m.type === type);
  if (found.length !== 1 || found[0] === undefined) throw new Error(`expected one ${type}, got ${types(answer).join(' ')}`);
  return found[0].content;
};

async function freePorts(n: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: n }, async () => {
      const server = createServer().listen(0, '127.0.0.1');
      await once(server, 'listening');
      return server;
    }),
  );
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}
