/** A session of the console's own, in a process apart: it ends when the console does. */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { SetupError } from '../../machine/errors.js';
import type { Opened } from '../../kernel/attach/host-main.js';
import { messages } from '../messages.js';

export interface HostedSession {
  readonly name: string;
  /** Resolves when its process is gone. */
  end(): Promise<void>;
}

const MAIN = fileURLToPath(new URL('../../kernel/attach/host-main.js', import.meta.url));
const END_MS = 1000;

/** @throws SetupError */
export async function hostSession(env: Readonly<Record<string, string>>): Promise<HostedSession> {
  // In a process group of its own: Ctrl-C is for the console, which knows what it should stop.
  const child = spawn(process.execPath, [MAIN], { env: { ...process.env, ...env }, detached: true, stdio: ['pipe', 'pipe', 'inherit'] });
  const gone = new Promise<void>((resolve) => {
    child.once('close', () => resolve());
    child.once('error', () => resolve());
  });
  const first = new Promise<string | undefined>((resolve) => createInterface({ input: child.stdout }).once('line', resolve));
  const line = await Promise.race([first, gone.then(() => undefined)]);
  if (line === undefined) throw messages.noSession();
  const opened = JSON.parse(line) as Opened;
  if ('message' in opened) {
    await gone;
    throw new SetupError(opened.message, opened.hint);
  }
  return {
    name: opened.name,
    end: async () => {
      child.stdin.end();
      const force = setTimeout(() => child.kill('SIGKILL'), END_MS);
      await gone;
      clearTimeout(force);
    },
  };
}
