/** The kernel as a child process, with a connection of its own that nobody else can reach. */
import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { built } from '../kernel/built.js';
import { temporaryDirectory } from '../files/temporary.js';
import { untilDone } from './cleanup.js';
import { messages } from './messages.js';

export interface KernelOptions {
  /** The model that replaces what the cells' own `kernel` statements say: `6.12 without realign`. */
  readonly model?: string;
  /** Where the kernel runs, for cells that read files. */
  readonly cwd?: string;
  /** The kernel's program; ours by default. */
  readonly main?: string;
}

/** `process.execPath` runs it: `dist/kernel/main.js CONNECTION_FILE`. */
const KERNEL_MAIN = (): string => built('kernel/main.js');

const STDERR_KEPT = 4000;

/** The path of a socket has at most 107 bytes (unix(7)). */
const LONGEST_TMPDIR = 80;

export interface Endpoints {
  readonly shell: string;
  readonly control: string;
  readonly iopub: string;
}

export class KernelProcess {
  readonly key = randomBytes(32).toString('hex');
  readonly endpoints: Endpoints;
  /** Resolves when the process has ended, with how: `exit status 1`, `signal SIGKILL`. */
  readonly ended: Promise<string>;
  private readonly child: ChildProcess;
  private readonly dir = temporaryDirectory(LONGEST_TMPDIR);
  private readonly done = untilDone(() => this.destroy());
  private said = '';

  constructor(options: KernelOptions) {
    const main = options.main ?? KERNEL_MAIN();
    if (!existsSync(main)) {
      this.destroy();
      throw messages.kernelMissing(main);
    }
    const ip = join(this.dir, 'k');
    const at = (port: number): string => `ipc://${ip}-${port}`;
    this.endpoints = { shell: at(1), iopub: at(2), control: at(4) };
    const file = join(this.dir, 'connection.json');
    const ports = { shell_port: 1, iopub_port: 2, stdin_port: 3, control_port: 4, hb_port: 5 };
    const connection = { transport: 'ipc', ip, ...ports, key: this.key, signature_scheme: 'hmac-sha256', kernel_name: 'mremap' };
    writeFileSync(file, JSON.stringify(connection), { mode: 0o600 });
    const model = options.model === undefined ? {} : { MREMAP_LAB_KERNEL: options.model };
    this.child = spawn(process.execPath, [main, file], {
      cwd: options.cwd,
      // Nobody may join, as the run has to give the same outputs each time.
      env: { ...process.env, ...model, MREMAP_LAB_SESSION: 'off', JPY_PARENT_PID: String(process.pid) },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    this.child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.said = (this.said + text).slice(-STDERR_KEPT);
    });
    this.ended = new Promise((resolve) => {
      this.child.once('error', (error) => resolve(error.message));
      // 'close', not 'exit': by then everything it said on stderr has been read.
      this.child.once('close', (status, signal) => resolve(signal === null ? `exit status ${status}` : `signal ${signal}`));
    });
  }

  /** The end of what the kernel wrote to its standard error. */
  get stderr(): string {
    return this.said;
  }

  interrupt(): void {
    this.child.kill('SIGINT');
  }

  /** Ends it, by force where it has not ended of itself, and leaves nothing behind. */
  async close(graceMs: number): Promise<void> {
    const force = setTimeout(() => this.child.kill('SIGKILL'), graceMs);
    await this.ended;
    clearTimeout(force);
    this.destroy();
    this.done();
  }

  private destroy(): void {
    // Field initialisers run before the constructor's body: there may be no child yet.
    (this.child as ChildProcess | undefined)?.kill('SIGKILL');
    rmSync(this.dir, { recursive: true, force: true });
  }
}
