/** A program on a real terminal: util-linux's `script` makes one. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { onTestFinished } from 'vitest';
import { MAIN } from './kit.js';

const SCRIPT = '/usr/bin/script';

export const hasTerminal = existsSync(SCRIPT);
if (!hasTerminal) process.stdout.write(`terminals: skipped: there is no ${SCRIPT} (util-linux; Debian: apt install bsdutils)\n`);

export class Terminal {
  private readonly child: ChildProcess;
  private said = '';
  private seen = 0;
  readonly exited: Promise<number | null>;

  constructor(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
    const command = [process.execPath, MAIN, ...args].map((word) => `'${word}'`).join(' ');
    this.child = spawn(SCRIPT, ['-qefc', command, '/dev/null'], { env: { ...process.env, TERM: 'xterm', NO_COLOR: '1', ...env }, stdio: ['pipe', 'pipe', 'inherit'] });
    this.child.stdout?.setEncoding('utf8').on('data', (text: string) => (this.said += text));
    this.exited = once(this.child, 'close').then(([status]) => status as number | null);
    onTestFinished(() => void this.child.kill('SIGKILL'));
  }

  /** Everything on the screen so far, without what moves the cursor. */
  get screen(): string {
    // eslint-disable-next-line no-control-regex -- control characters are what it looks for
    return this.said.replace(/\x1b\[[0-9;?]*[A-Za-z]/g, '').replaceAll('\r', '');
  }

  type(text: string): void {
    this.child.stdin?.write(text);
  }

  /** Waits until something new is there that fits. */
  async see(pattern: string | RegExp, ms = 20_000): Promise<void> {
    const deadline = Date.now() + ms;
    for (;;) {
      const { screen } = this;
      const fresh = screen.slice(this.seen);
      const at = typeof pattern === 'string' ? fresh.indexOf(pattern) : fresh.search(pattern);
      if (at >= 0) {
        const length = typeof pattern === 'string' ? pattern.length : (pattern.exec(fresh)?.[0].length ?? 0);
        this.seen += at + length;
        return;
      }
      if (Date.now() > deadline) throw new Error(`it never showed ${String(pattern)}, but:\n${fresh}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}
