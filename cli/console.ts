/** `mremap-lab console`: a session of one's own on the terminal; others can join it. */
import { findSession, nameFrom } from '../session/index.js';
import { join } from './attach.js';
import type { ExitCode } from './exit.js';
import { messages } from './messages.js';
import { readModelOption } from './model.js';
import { hostSession } from './repl/host.js';
import { Repl } from './repl/repl.js';
import { err } from './terminal.js';
import { version } from './version.js';

export interface ConsoleOptions {
  readonly name?: string;
  readonly kernel?: string;
}

export async function runConsole({ name, kernel }: ConsoleOptions): Promise<ExitCode> {
  if (kernel !== undefined) readModelOption(kernel);
  if (name !== undefined && nameFrom(name, '') !== name) throw messages.badSessionName(name);
  const host = await hostSession({ MREMAP_LAB_SESSION: name ?? '', ...(kernel === undefined ? {} : { MREMAP_LAB_KERNEL: kernel }) });
  try {
    const repl = new Repl();
    const client = await join(await findSession(host.name), repl);
    if (process.stdin.isTTY) err(messages.welcome(version(), host.name));
    return await repl.run(client);
  } finally {
    await host.end();
  }
}
