/** Small disks, and processes that are killed. */
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const MAIN = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
export const WRITER = fileURLToPath(new URL('./writer.js', import.meta.url));

const has = (program: string): boolean => spawnSync('sh', ['-c', `command -v ${program}`]).status === 0;

export const canMount = process.getuid?.() === 0 && spawnSync('unshare', ['-m', 'true']).status === 0;
export const canTrace = has('strace') && spawnSync('strace', ['-o', '/dev/null', 'true']).status === 0;
export const canLimit = has('prlimit');

export function temporary(): string {
  return mkdtempSync(join(tmpdir(), 'mremap-lab-disk-'));
}

/** A disk of its own, as large as it was asked for. */
export class Disk {
  readonly dir = temporary();

  constructor(pages: number) {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${pages * 4096}`, 'tmpfs', this.dir]);
  }

  path(name: string): string {
    return join(this.dir, name);
  }

  /** Leaves room for so many pages. */
  fill(left: number): void {
    rmSync(this.path('filler'), { force: true });
    const { bavail } = statfsSync(this.dir);
    if (bavail > left) writeFileSync(this.path('filler'), new Uint8Array((bavail - left) * 4096));
  }

  /** What lies there but for what fills it. */
  files(): Map<string, string> {
    return filesIn(this.dir);
  }

  remove(): void {
    execFileSync('umount', ['-l', this.dir]);
    rmSync(this.dir, { recursive: true, force: true });
  }
}

export function filesIn(dir: string): Map<string, string> {
  const entries = readdirSync(dir, { recursive: true, withFileTypes: true }).filter((e) => e.isFile() && e.name !== 'filler');
  return new Map(entries.map((e) => [join(e.parentPath, e.name).slice(dir.length + 1), readFileSync(join(e.parentPath, e.name), 'utf8')]));
}

export interface Ended {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly text: string;
}

export function run(
  args: readonly string[],
  { cwd, env = {}, input = '', before = [] }: { cwd: string; env?: Record<string, string>; input?: string; before?: readonly string[] },
): Promise<Ended> {
  const [program = '', ...rest] = [...before, process.execPath, ...args];
  const child = spawn(program, rest, { cwd, env: { ...process.env, ...env }, stdio: ['pipe', 'pipe', 'pipe'] });
  child.stdin.on('error', () => undefined).end(input);
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (said: string) => (text += said));
  return new Promise((resolve) => child.once('close', (status, signal) => resolve({ status, signal, text })));
}
