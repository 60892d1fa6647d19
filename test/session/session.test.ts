/** Sessions between real processes. */
import { once } from 'node:events';
import { chmodSync, existsSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test, vi } from 'vitest';
import { findSession, sessions, type Notice } from '../../session/index.js';
import { guest, guestProcess, host, LONG, only, ownRuntimeDirectory, place, relay, run, saying } from './kit.js';

ownRuntimeDirectory();

const COUNT = 'let n = 0';
const NEXT = 'n = n + 1\nprint n';

describe('two guests', () => {
  test('drive one machine, one call at a time and in order', async () => {
    const session = await host();
    const [a, b] = [await guest(session), await guest(session)];
    expect([a.label, b.label]).toEqual(['terminal', 'terminal 2']);
    await run(a, COUNT);
    const asked = Array.from({ length: 12 }, (_, i) => run(i % 3 === 0 ? a : b, NEXT));
    const values = (await Promise.all(asked)).map(({ stdout }) => Number(stdout));
    expect(values.toSorted((x, y) => x - y)).toEqual(Array.from({ length: 12 }, (_, i) => i + 1));
    // What one guest asks for comes in the order in which it asked.
    for (const mine of [true, false]) {
      const own = values.filter((_, i) => (i % 3 === 0) === mine);
      expect(own).toEqual(own.toSorted((x, y) => x - y));
    }
  });

  test('see what the other ran and why it failed, and not their own', async () => {
    const session = await host();
    const heard: [string, Notice][] = [];
    const a = await guest(session, { onNotice: (n) => heard.push(['a', n]) });
    const b = await guest(session, { onNotice: (n) => heard.push(['b', n]) });
    await run(a, 'let x = 1');
    await run(b, 'expect x == 2');
    b.leave();
    await vi.waitFor(() => expect(heard).toHaveLength(5));
    expect(heard).toEqual([
      ['a', { from: 'terminal 2', did: 'joined', text: '' }],
      ['b', { from: 'terminal', did: 'ran', text: 'let x = 1' }],
      ['a', { from: 'terminal 2', did: 'ran', text: 'expect x == 2' }],
      ['a', { from: 'terminal 2', did: 'failed', text: 'ExpectationFailed: the expectation does not hold' }],
      ['a', { from: 'terminal 2', did: 'left', text: '' }],
    ]);
  });

  test('can each interrupt their own: what runs ends, what waits is withdrawn', async () => {
    const session = await host();
    const [a, b] = [await guest(session), await guest(session)];
    let begun = (): void => undefined;
    const busy = new Promise<void>((resolve) => (begun = resolve));
    const running = run(a, LONG, (type) => void (type === 'stream' && begun()));
    await busy;
    const waiting = run(b, 'print "never"');
    expect((await b.ask('is_complete_request', { code: 'touch(' }))['status']).toBe('incomplete');
    b.interrupt();
    expect(await waiting).toEqual({ stdout: '', reply: { status: 'aborted' } });
    a.interrupt();
    expect((await running).reply).toMatchObject({ status: 'error', ename: 'Interrupted' });
    expect((await run(b, 'print "on"')).stdout).toBe('on\n');
  });
});

test('a loop that reads no messages is interrupted all the same', async () => {
  const client = await guest(await host());
  await run(client, '%%ts\nlet warm = 1');
  const looping = run(client, '%%ts\nfor (;;) {}');
  setTimeout(() => client.interrupt(), 200);
  expect((await looping).reply).toMatchObject({ status: 'error', ename: 'Interrupted' });
});

describe('a guest that is killed', () => {
  test('in the middle of its cell: the cell ends, what it had waiting is dropped, the others go on', async () => {
    const session = await host();
    const heard: Notice[] = [];
    const client = await guest(session, { onNotice: (n) => heard.push(n) });
    const dying = guestProcess(session, LONG);
    await saying(dying, 'begun');
    const next = run(client, 'print "next"');
    dying.kill('SIGKILL');
    expect((await next).stdout).toBe('next\n');
    await vi.waitFor(() => expect(heard.map(({ did }) => did)).toEqual(['joined', 'ran', 'left']));
    expect((await sessions())[0]?.info).toMatchObject({ guests: ['terminal'], busy: false });
  });

  test('while its cell waits: it never runs', async () => {
    const session = await host();
    const client = await guest(session);
    await run(client, COUNT);
    const long = run(client, LONG);
    const dying = guestProcess(session, NEXT);
    await vi.waitFor(async () => expect((await sessions())[0]?.info?.guests).toHaveLength(2), 5000);
    dying.kill('SIGKILL');
    await vi.waitFor(async () => expect((await sessions())[0]?.info?.guests).toHaveLength(1), 5000);
    client.interrupt();
    await long;
    expect((await run(client, 'print n')).stdout).toBe('0\n');
  });
});

describe('the end of a session', () => {
  test('is told to its guests, and what they wait for fails', async () => {
    const session = await host();
    const ended = vi.fn();
    const client = await guest(session, { onEnd: ended });
    const waiting = run(client, '%%ts\nawait new Promise(() => setTimeout(() => undefined, 60_000))');
    const failed = expect(waiting).rejects.toThrow('the session "console" has ended');
    await vi.waitFor(async () => expect((await sessions())[0]?.info?.busy).toBe(true));
    session.process.stdin?.end();
    await failed;
    expect(ended).toHaveBeenCalledExactlyOnceWith('the session "console" has ended');
    await session.exited;
    expect(readdirSync(place.sockets)).toEqual([]);
    await expect(client.ask('kernel_info_request', {})).rejects.toThrow('has ended');
  });

  test('by SIGKILL is noticed too; the socket it leaves is cleaned up by the next', async () => {
    const session = await host();
    const ended = vi.fn();
    await guest(session, { onEnd: ended });
    session.process.kill('SIGKILL');
    await session.exited;
    await vi.waitFor(() => expect(ended).toHaveBeenCalledOnce(), 6000);
    expect(existsSync(session.path)).toBe(true);
    const next = await host();
    expect(next.name).toBe('console');
    expect((await run(await only(), 'print 1')).stdout).toBe('1\n');
  });

  test('leaves a socket that a look around cleans up', async () => {
    const session = await host();
    session.process.kill('SIGKILL');
    await session.exited;
    expect(await sessions()).toEqual([]);
    expect(existsSync(session.path)).toBe(false);
  });
});

describe('names', () => {
  test('a second session of the same name gets another, and the first keeps its socket and its guests', async () => {
    const first = await host('lab');
    const client = await guest(first);
    await run(client, 'let mine = 1');
    const [second, third] = await Promise.all([host('lab'), host('lab')]);
    expect([second.name, third.name].sort()).toEqual(['lab-2', 'lab-3']);
    expect((await run(await guest(first), 'print mine')).stdout).toBe('1\n');
    expect((await sessions()).map(({ name }) => name)).toEqual(['lab', 'lab-2', 'lab-3']);
  });

  test('lead to a session, or to what might be meant', async () => {
    await expect(findSession(undefined)).rejects.toMatchObject({ message: 'no session is running', hint: expect.stringContaining('mremap-lab console') as string });
    await host('alpha');
    expect((await findSession(undefined)).name).toBe('alpha');
    await host('beta');
    expect((await findSession('beta')).info?.kind).toBe('console');
    expect((await findSession(undefined, 'beta')).name).toBe('alpha');
    await expect(findSession(undefined)).rejects.toThrow('several sessions are running: alpha, beta');
    await expect(findSession('alhpa')).rejects.toMatchObject({ message: 'no session "alhpa" is running', hint: 'did you mean alpha?' });
    await expect(findSession('zzz')).rejects.toMatchObject({ hint: 'there are: alpha, beta' });
    await expect(findSession('beta', 'beta')).rejects.toThrow('"beta" is this session itself');
  });
});

test('socket and directory are for their owner alone', async () => {
  const { path } = await host();
  expect([statSync(place.sockets).mode & 0o7777, statSync(path).mode & 0o7777]).toEqual([0o700, 0o600]);
});

test('a directory that others may enter is refused', async () => {
  const session = await host();
  chmodSync(place.sockets, 0o755);
  await expect(findSession(undefined)).rejects.toMatchObject({ hint: `run: chmod 700 ${place.sockets}` });
  session.process.stdin?.end();
  await session.exited;
});

describe('a connection that drops', () => {
  test.each(['before its answer', 'in the middle of its output'])('%s: the cell runs once, and all of its output arrives', async (when) => {
    const session = await host();
    const wire = await relay(session);
    const ended = vi.fn();
    const client = await guest({ name: session.name, path: wire.path }, { onEnd: ended });
    await run(client, COUNT);
    let pieces = 0;
    wire.onAnswer((data) => {
      if (!String(data).includes('execute_input') && !String(data).includes('LINE')) return;
      if (++pieces !== (when === 'before its answer' ? 1 : 2)) return;
      wire.cut();
    });
    const { reply, stdout } = await run(client, `n = n + 1\n${'print "LINE LINE LINE"\n'.repeat(5000)}print n`);
    expect(reply['status']).toBe('ok');
    expect(stdout).toBe(`${'LINE LINE LINE\n'.repeat(5000)}1\n`);
    expect(wire.connections).toBe(2);
    expect((await run(client, 'print n')).stdout).toBe('1\n');
    expect(ended).not.toHaveBeenCalled();
  });

  test('for longer than the session waits: the guest is told', async () => {
    const session = await host();
    const wire = await relay(session);
    const ended = vi.fn();
    const client = await guest({ name: session.name, path: wire.path }, { onEnd: ended });
    await run(client, COUNT);
    wire.onAnswer(() => wire.cut());
    client.ask('execute_request', { code: 'print 1' }).catch(() => undefined);
    await vi.waitFor(() => expect(ended).toHaveBeenCalledOnce(), 8000);
    expect(ended.mock.calls[0]?.[0]).toContain('lost for too long');
    expect((await run(await guest(session), 'print "lives"')).stdout).toBe('lives\n');
  });
});

test('5 MB arrive whole, there and back', async () => {
  const client = await guest(await host());
  // A cell holds a million characters: the rest comes in cells behind it.
  for (let i = 0; i < 5; i++) {
    const text = `${i}${'héllo 😀 '.repeat(100_000)}`;
    const { stdout, reply } = await run(client, `print ${JSON.stringify(text)}`);
    expect(reply['status']).toBe('ok');
    expect(stdout === `${text}\n`).toBe(true);
  }
});

describe('whatever is written to the socket', () => {
  const frame = (type: unknown, data: unknown): string => `${JSON.stringify({ type, data })}\f`;
  const ours = { protocol: 1, guest: 'g', kind: 'x', pid: 1, received: 0 };
  const message = (m: unknown): string => frame('lab.frame', { n: 1, text: JSON.stringify(m), last: true });
  const bad = {
    'no JSON': 'nonsense\f',
    'JSON that is no message': 'null\f7\f"x"\f[]\f{}\f',
    'bytes that are no text': Buffer.from([0xff, 0xfe, 0, 12, 0xc3, 12]),
    'names of events that node-ipc keeps for itself': ['connect', 'error', 'close', 'start', 'data', 'socket.disconnected', '*', '__proto__', 'constructor']
      .map((t) => frame(t, 'x'))
      .join(''),
    'a name that is no string': frame({ toString: null }, null) + frame(['lab.hello'], null) + frame(null, null),
    'a greeting that is none': [null, 7, {}, { ...ours, guest: 5 }].map((h) => frame('lab.hello', h)).join(''),
    'a frame before the greeting': frame('lab.frame', { n: 1, text: '{}', last: true }),
    'requests that are none':
      frame('lab.hello', ours) + [null, 7, [], {}, { kind: 'request' }, { kind: 'request', id: 1, type: 'execute_request' }, { kind: 'cancel', id: 'x' }].map(message).join(''),
    'a request nobody may make': frame('lab.hello', ours) + message({ kind: 'request', id: 1, type: 'shutdown_request', content: {} }),
    'a name of a handler that every object has': frame('lab.hello', ours) + message({ kind: 'request', id: 1, type: 'constructor', content: {} }),
    'a cell that is no text': frame('lab.hello', ours) + message({ kind: 'request', id: 1, type: 'execute_request', content: { code: { a: 1 } } }),
    'half a message': '{"type":"lab.hel',
    'a message without end': Buffer.alloc(12 * 1024 * 1024, 'x'),
  };

  test('does the session no harm', async () => {
    const session = await host();
    const client = await guest(session);
    for (const [what, bytes] of Object.entries(bad)) {
      const socket = connect(session.path).on('error', () => undefined);
      await once(socket, 'connect');
      socket.write(bytes);
      await sleep(20);
      expect((await run(client, 'print "well"')).stdout, what).toBe('well\n');
      socket.destroy();
    }
    expect(session.process.exitCode).toBeNull();
    expect((await sessions()).map(({ name }) => name)).toEqual(['console']);
  });
});

test('files that are no sockets of sessions are no sessions', async () => {
  const session = await host();
  writeFileSync(`${place.sockets}/plain.sock`, '');
  writeFileSync(`${place.sockets}/other`, '');
  expect((await sessions()).map(({ name }) => name)).toEqual([session.name]);
});
