/** `mremap-lab attach [SESSION]`: a terminal in a session that runs. */
import { findSession, SessionClient, sessions, type Found } from '../session/index.js';
import { sessionList } from '../kernel/attach/session-list.js';
import { EXIT, type ExitCode } from './exit.js';
import { messages } from './messages.js';
import { Repl } from './repl/repl.js';
import { err, out } from './terminal.js';

export async function attach(name: string | undefined, { list = false }: { readonly list?: boolean }): Promise<ExitCode> {
  if (list) return tellSessions();
  const found = await findSession(name);
  const repl = new Repl();
  const client = await join(found, repl);
  const { session, label } = client;
  const others = [session.kind, ...session.guests.filter((guest) => guest !== label)];
  if (process.stdin.isTTY) err(messages.joined(session, others));
  return repl.run(client);
}

export function join({ name, path }: Pick<Found, 'name' | 'path'>, repl: Repl): Promise<SessionClient> {
  return SessionClient.join(name, path, {
    kind: 'terminal',
    onNotice: (notice) => repl.notice(notice),
    onEnd: (why) => repl.ended(why),
    onSlow: () => err(messages.slow(name)),
  });
}

async function tellSessions(): Promise<ExitCode> {
  const found = await sessions();
  out(found.length === 0 ? messages.noSessions() : sessionList(found));
  return EXIT.ok;
}
