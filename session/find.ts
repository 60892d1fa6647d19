/** The sessions there are, and the one that is meant. */
import { rmSync } from 'node:fs';
import { refuseIfOpen, sessionDir, socketNames, socketPath } from './directory.js';
import { EVENT, onlyOurEvents, openIpc } from './ipc.js';
import { withLock } from './lock.js';
import { messages } from './messages.js';
import { nearest } from './name.js';
import { isAlive } from './probe.js';
import type { SessionInfo } from './wire.js';

export interface Found {
  readonly name: string;
  readonly path: string;
  /** Undefined when it lives but does not answer, because it runs something that does not pause. */
  readonly info: SessionInfo | undefined;
}

const ANSWER_MS = 500;

/** The living sessions, by name. Sockets of dead ones are removed. */
export async function sessions(): Promise<Found[]> {
  const dir = sessionDir();
  refuseIfOpen(dir);
  const all = await Promise.all(
    socketNames(dir).map(async (name) => {
      const path = socketPath(dir, name);
      return { name, path, alive: await isAlive(path) };
    }),
  );
  if (all.some(({ alive }) => !alive)) {
    // Looked up again under the lock: by now another session may have the name.
    await withLock(dir, async () => {
      for (const { path, alive } of all) if (!alive && !(await isAlive(path))) rmSync(path, { force: true });
    });
  }
  return Promise.all(all.filter(({ alive }) => alive).map(async ({ name, path }) => ({ name, path, info: await describe(path) })));
}

/**
 * @param name which; undefined for the only one
 * @param own the session that asks, which is not meant
 * @throws SetupError
 */
export async function findSession(name: string | undefined, own?: string): Promise<Found> {
  if (name !== undefined && name === own) throw messages.self(name);
  const others = (await sessions()).filter((found) => found.name !== own);
  const names = others.map((found) => found.name);
  if (name === undefined) {
    const [only, ...more] = others;
    if (only === undefined) throw messages.nobody();
    if (more.length > 0) throw messages.several(names);
    return only;
  }
  const found = others.find((other) => other.name === name);
  if (found === undefined) throw messages.unknown(name, names, nearest(name, names));
  return found;
}

function describe(path: string): Promise<SessionInfo | undefined> {
  const ipc = openIpc({ retries: false });
  ipc.connectTo('ask', path);
  const peer = ipc.of['ask'];
  return new Promise((resolve) => {
    const done = (info?: SessionInfo): void => {
      clearTimeout(timer);
      ipc.disconnect('ask');
      resolve(info);
    };
    const timer = setTimeout(done, ANSWER_MS);
    if (peer === undefined) return done();
    onlyOurEvents(peer, (event) => event === 'connect' || event === 'disconnect');
    peer.on('connect', () => peer.emit(EVENT.ask, {}));
    peer.on('disconnect', () => done());
    peer.on(EVENT.described, (info: SessionInfo) => done(info));
  });
}
