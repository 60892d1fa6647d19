/** Sessions as real processes, in a runtime directory of the test's own. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, vi } from 'vitest';
import { findSession, SessionClient, type Content, type JoinOptions } from '../../session/index.js';

export const HOST = fileURLToPath(new URL('../../dist/kernel/attach/host-main.js', import.meta.url));
const SESSION = new URL('../../dist/session/index.js', import.meta.url).href;

export const place = { runtime: '', sockets: '' };
const undo: (() => void | Promise<void>)[] = [];

/** Called at the head of a test file: each of its tests has sessions to itself. */
export function ownRuntimeDirectory(): void {
  beforeEach(() => {
    place.runtime = mkdtempSync(join(tmpdir(), 'mremap-run-'));
    place.sockets = join(place.runtime, 'mremap-lab');
    vi.stubEnv('XDG_RUNTIME_DIR', place.runtime);
  });
  afterEach(async () => {
    for (const step of undo.splice(0).reverse()) await step();
    vi.unstubAllEnvs();
    rmSync(place.runtime, { recursive: true, force: true });
  });
}

export interface Hosted {
  readonly name: string;
  readonly path: string;
  readonly process: ChildProcess;
  readonly exited: Promise<unknown>;
}

export async function host(name?: string): Promise<Hosted> {
  const child = spawn(process.execPath, [HOST], { env: { ...process.env, ...(name === undefined ? {} : { MREMAP_LAB_SESSION: name }) }, stdio: ['pipe', 'pipe', 'inherit'] });
  const exited = once(child, 'exit');
  undo.push(async () => {
    child.kill('SIGKILL');
    await exited;
  });
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  const opened = JSON.parse(String(line)) as { name: string };
  return { name: opened.name, path: join(place.sockets, `${opened.name}.sock`), process: child, exited };
}

export async function guest({ name, path }: Pick<Hosted, 'name' | 'path'>, options: Partial<JoinOptions> = {}): Promise<SessionClient> {
  const client = await SessionClient.join(name, path, { kind: 'terminal', ...options });
  undo.push(() => client.leave());
  return client;
}

export const only = async (options: Partial<JoinOptions> = {}): Promise<SessionClient> => guest(await findSession(undefined), options);

export interface Ran {
  readonly reply: Content;
  readonly stdout: string;
}

export async function run(client: SessionClient, code: string, seen: (type: string, content: Content) => void = () => undefined): Promise<Ran> {
  let stdout = '';
  const publish = (type: string, content: Content): void => {
    if (type === 'stream' && content['name'] === 'stdout') stdout += String(content['text']);
    seen(type, content);
  };
  const reply = await client.ask('execute_request', { code }, { publish });
  return { reply, stdout };
}

/** A sweep of many seconds, that says `begun` first. */
export const LONG = `print "begun"
t = sweep i in 0..90000 {
  for j in 0..10 { mmap(1G, 2M, rw, anon|private|fixed) }
  m = mremap(1G, 2M, 2M, maymove|fixed, 2G)
  yield m.moved.pte
}`;

/** A guest that is a process of its own: runs a cell, and says each thing that is published. */
export function guestProcess({ name, path }: Hosted, code: string): ChildProcess {
  const program = `
    const { SessionClient } = await import(${JSON.stringify(SESSION)});
    const client = await SessionClient.join(${JSON.stringify(name)}, ${JSON.stringify(path)}, { kind: 'terminal' });
    const publish = (type, content) => console.log(type, JSON.stringify(content).slice(0, 100));
    console.log('reply', JSON.stringify(await client.ask('execute_request', { code: ${JSON.stringify(code)} }, { publish })));`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], { stdio: ['ignore', 'pipe', 'inherit'] });
  undo.push(() => void child.kill('SIGKILL'));
  return child;
}

/** Resolves when the process has said something that contains `text`. */
export function saying(child: ChildProcess, text: string): Promise<void> {
  let said = '';
  return new Promise((resolve, reject) => {
    child.stdout?.on('data', (piece: Buffer) => {
      said += String(piece);
      if (said.includes(text)) resolve();
    });
    child.once('exit', () => reject(new Error(`it ended and never said ${text}, only ${said}`)));
  });
}

/** A relay before a session's socket, to cut connections at will. */
export async function relay({ path: session }: Hosted): Promise<{ path: string; cut(): void; onAnswer(look: (data: Buffer) => void): void; connections: number }> {
  const path = join(place.runtime, 'relay');
  const open = new Set<Socket>();
  let look: (data: Buffer) => void = () => undefined;
  const made = {
    path,
    connections: 0,
    cut: (): void => open.forEach((socket) => socket.destroy()),
    onAnswer: (next: typeof look): void => void (look = next),
  };
  const server = createServer((near) => {
    made.connections++;
    const far = connect(session);
    for (const socket of [near, far]) {
      open.add(socket);
      socket
        .on('error', () => undefined)
        .on('close', () => {
          open.delete(socket);
          near.destroy();
          far.destroy();
        });
    }
    near.pipe(far);
    far.on('data', (data: Buffer) => {
      look(data);
      if (!near.destroyed) near.write(data);
    });
  }).listen(path);
  await once(server, 'listening');
  undo.push(() => {
    made.cut();
    server.close();
  });
  return made;
}
