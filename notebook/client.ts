/** A Jupyter client in Node: starts the real kernel process, sends it cells, collects what comes back. */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Dealer, Subscriber } from 'zeromq';
import type { CellReport } from '../kernel/cell-report.js';
import { newHeader, type Content, type Message } from '../kernel/protocol/message.js';
import { Wire } from '../kernel/protocol/wire.js';
import { OutputCollector, type DisplayIds } from './collect.js';
import { KernelProcess, type KernelOptions } from './kernel-process.js';
import { messages } from './messages.js';
import type { CellOutput } from './nbformat.js';

const START_SECONDS = 30;
const PROBE_MS = 50;
/** How long a kernel may take to end, or to heed an interrupt, before it is killed. */
const GRACE_MS = 2000;

export interface Execution {
  readonly status: 'ok' | 'error' | 'aborted' | 'timed-out' | 'died';
  readonly executionCount: number | null;
  /** Complete, but a later cell may still replace an entry: it can update a display. */
  readonly outputs: readonly CellOutput[];
  /** What our kernel says about the run: the reply's `mremap_lab`. */
  readonly report: CellReport | undefined;
  /** Why, where the status is one that the kernel could not give itself. */
  readonly problem?: string;
}

export interface ExecuteOptions {
  readonly timeoutSeconds?: number;
  /** Each piece of output as it arrives. */
  readonly onOutput?: (output: CellOutput) => void;
}

export class KernelClient {
  private readonly wire: Wire;
  private readonly session = randomUUID();
  private readonly shell = new Dealer({ linger: 0, reconnectInterval: 10 });
  private readonly control = new Dealer({ linger: 0, reconnectInterval: 10 });
  private readonly iopub = new Subscriber({ linger: 0, reconnectInterval: 10, receiveHighWaterMark: 0 });
  private readonly displays: DisplayIds = new Map();
  private readonly listeners = new Map<string, (message: Message) => void>();
  private info: Content = {};

  private constructor(private readonly process: KernelProcess) {
    this.wire = new Wire(process.key, 'sha256');
    const { endpoints } = process;
    this.shell.connect(endpoints.shell);
    this.control.connect(endpoints.control);
    this.iopub.connect(endpoints.iopub);
    this.iopub.subscribe();
    for (const socket of [this.shell, this.control, this.iopub]) void this.listen(socket);
  }

  /** @throws SetupError when the kernel does not come up. */
  static async start(options: KernelOptions = {}): Promise<KernelClient> {
    const client = new KernelClient(new KernelProcess(options));
    try {
      await client.waitUntilReady();
      return client;
    } catch (error) {
      await client.close(0);
      throw error;
    }
  }

  /** What the kernel says about its language; notebooks keep it in their metadata. */
  get languageInfo(): unknown {
    return this.info['language_info'];
  }

  async execute(code: string, options: ExecuteOptions = {}): Promise<Execution> {
    const collector = new OutputCollector(this.displays, options.onOutput);
    let reply: Message | undefined;
    let idle = false;
    const content = { code, silent: false, store_history: true, user_expressions: {}, allow_stdin: false, stop_on_error: true };
    const finished = this.request(this.shell, 'execute_request', content, (message) => {
      if (message.header.msg_type === 'execute_reply') reply = message;
      else if (isIdle(message)) idle = true;
      else collector.take(message);
      return reply !== undefined && idle;
    });
    const end = await this.outcome(finished, options.timeoutSeconds);
    const seen = { executionCount: countIn(reply), outputs: collector.outputs, report: reply?.content['mremap_lab'] as CellReport | undefined };
    switch (end.how) {
      case 'died':
        return { ...seen, status: 'died', problem: messages.kernelDied(end.why, this.process.stderr) };
      case 'timed-out':
        this.process.interrupt();
        await Promise.race([finished, this.process.ended, sleep(GRACE_MS, undefined, { ref: false })]);
        return { ...seen, status: 'timed-out', problem: messages.cellTimedOut(options.timeoutSeconds ?? 0) };
      case 'finished': {
        const status = reply?.content['status'];
        if (status === 'ok' || status === 'error') return { ...seen, status };
        return { ...seen, status: 'aborted', problem: messages.cellAborted() };
      }
    }
  }

  /** Ends the kernel and leaves no process and no file behind. */
  async close(graceMs = GRACE_MS): Promise<void> {
    if (graceMs > 0) void this.request(this.control, 'shutdown_request', { restart: false }, () => true);
    await this.process.close(graceMs);
    for (const socket of [this.shell, this.control, this.iopub]) socket.close();
  }

  private async waitUntilReady(): Promise<void> {
    let subscribed = false;
    let answered = false;
    const probe = (): Promise<void> =>
      this.request(this.shell, 'kernel_info_request', {}, (message) => {
        if (message.header.msg_type === 'status') subscribed = true;
        if (message.header.msg_type === 'kernel_info_reply') {
          this.info = message.content;
          answered = true;
        }
        return answered && subscribed;
      });
    const end = await this.outcome(
      (async () => {
        // What is published before the subscription has reached the kernel is lost: ask until something comes through.
        for (let ready = probe(); !(answered && subscribed); ready = answered ? probe() : ready) {
          await Promise.race([ready, sleep(PROBE_MS)]);
          if (this.shell.closed) return;
        }
      })(),
      START_SECONDS,
    );
    if (end.how === 'died') throw messages.kernelEndedEarly(end.why, this.process.stderr);
    if (end.how === 'timed-out') throw messages.kernelSilent(START_SECONDS, this.process.stderr);
  }

  private async outcome(finished: Promise<void>, seconds: number | undefined): Promise<{ how: 'finished' } | { how: 'timed-out' } | { how: 'died'; why: string }> {
    let timer: NodeJS.Timeout | undefined;
    const expired = new Promise<{ how: 'timed-out' }>((resolve) => {
      if (seconds !== undefined) timer = setTimeout(() => resolve({ how: 'timed-out' }), seconds * 1000);
    });
    try {
      return await Promise.race([finished.then(() => ({ how: 'finished' as const })), this.process.ended.then((why) => ({ how: 'died' as const, why })), expired]);
    } finally {
      clearTimeout(timer);
    }
  }

  /** Resolves when `take`, which sees every message that answers the request, says that it has all. */
  private async request(socket: Dealer, type: string, content: Content, take: (message: Message) => boolean): Promise<void> {
    const header = newHeader(type, this.session);
    const complete = new Promise<void>((resolve) => {
      this.listeners.set(header.msg_id, (message) => {
        if (!take(message)) return;
        this.listeners.delete(header.msg_id);
        resolve();
      });
    });
    await socket.send(this.wire.encode([], { header, parent: {}, metadata: {}, content, buffers: [] }));
    await complete;
  }

  private async listen(socket: Dealer | Subscriber): Promise<void> {
    for await (const frames of socket) {
      const decoded = this.wire.decode(frames);
      const parent = decoded.ok ? decoded.message.parent : {};
      if (decoded.ok && 'msg_id' in parent) this.listeners.get(parent.msg_id)?.(decoded.message);
    }
  }
}

const isIdle = ({ header, content }: Message): boolean => header.msg_type === 'status' && content['execution_state'] === 'idle';

function countIn(reply: Message | undefined): number | null {
  const count = reply?.content['execution_count'];
  return typeof count === 'number' ? count : null;
}
