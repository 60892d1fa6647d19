import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { Dealer } from 'zeromq';
import { executeContent, MAIN, TestKernel } from './client.js';

let kernel: TestKernel | undefined;
const start = async (...options: Parameters<typeof TestKernel.start>): Promise<TestKernel> => (kernel = await TestKernel.start(...options));
afterEach(async () => {
  await kernel?.stop();
  kernel = undefined;
});

describe('shutdown', () => {
  test.each(['control', 'shell'] as const)('on %s: reply, news on iopub, status 0', async (channel) => {
    const k = await start();
    const { reply, iopub } = await k.request(channel, 'shutdown_request', { restart: channel === 'shell' });
    expect(reply).toEqual({ status: 'ok', restart: channel === 'shell' });
    expect(iopub.map((m) => m.type)).toEqual(['status', 'shutdown_reply', 'status']);
    expect(await k.exited).toBe(0);
  });

  test('does not wait for timers', async () => {
    const k = await start();
    await k.execute('%%ts\nsetInterval(() => {}, 1000); 1');
    await k.request('control', 'shutdown_request', { restart: false });
    expect(await k.exited).toBe(0);
  });

  test.each([
    ['a long scenario', 'p = mmap(NULL, 1G, rw, anon|private)\nprint "begun"\nfor i in 0..100000000 { touch(p, 1G) }'],
    ['a TypeScript cell that never yields', '%%ts\nfor (;;) {}'],
    ['a TypeScript cell that never yields once it has waited', '%%ts\nconsole.log("begun");\nawait new Promise((r) => setTimeout(r, 50));\nfor (;;) {}'],
  ])('does not wait for %s', async (_name, code) => {
    const k = await start();
    await k.execute('%%ts\n1');
    const id = await k.send('shell', 'execute_request', executeContent(code));
    if (code.includes('begun')) await k.find((m) => m.type === 'stream' && m.parentId === id);
    else await new Promise((resolve) => setTimeout(resolve, 300));
    expect((await k.request('control', 'shutdown_request', { restart: false })).reply['status']).toBe('ok');
    expect(await k.exited).toBe(0);
  });

  test('leaves the heap whole, time after time', async () => {
    for (let n = 0; n < 15; n++) {
      const k = await TestKernel.start();
      await k.request('control', 'kernel_info_request');
      await k.request('control', 'shutdown_request', { restart: false });
      expect([await k.exited, k.process.signalCode]).toEqual([0, null]);
      await k.stop();
    }
  });

  test('SIGTERM ends it too', async () => {
    const k = await start();
    k.process.kill('SIGTERM');
    expect(await k.exited).toBe(143);
  });
});

test('over unix sockets that only this user can open, and that are gone afterwards', async () => {
  const k = await start({ transport: 'ipc' });
  const sockets = (await readdir(k.directory)).filter((name) => name.startsWith('socket-'));
  expect(sockets).toHaveLength(5);
  for (const name of sockets) expect((await stat(join(k.directory, name))).mode & 0o077).toBe(0);
  expect((await k.execute('6 * 7')).reply['status']).toBe('ok');
  await k.request('control', 'shutdown_request', { restart: false });
  expect(await k.exited).toBe(0);
  expect((await readdir(k.directory)).filter((name) => name.startsWith('socket-'))).toEqual([]);
});

test('listens on the address of the connection file alone', async () => {
  const k = await start();
  const { stdout } = spawn('sh', ['-c', `command -v ss >/dev/null && ss -ltnp | grep 'pid=${k.process.pid},' | awk '{print $4}'`]);
  let text = '';
  for await (const chunk of stdout) text += String(chunk);
  for (const address of text.split('\n').filter((line) => line !== '')) expect(address).toMatch(/^127\.0\.0\.1:/);
});

test.each([
  ['idle', undefined],
  ['inside a call that never returns', '%%ts\nAtomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)'],
])('a kernel whose Jupyter is killed ends: %s', async (_name, code) => {
  const script = `
    const { spawn } = require('node:child_process');
    const kernel = spawn(process.execPath, process.argv.slice(1), { env: { ...process.env, JPY_PARENT_PID: String(process.pid) }, stdio: 'ignore' });
    process.stdout.write(String(kernel.pid));
    setInterval(() => {}, 1000);`;
  const directory = await mkdtemp(join(tmpdir(), 'mremap-orphan-'));
  const file = join(directory, 'connection.json');
  await writeFile(
    file,
    JSON.stringify({
      transport: 'ipc',
      ip: join(directory, 's'),
      key: '',
      signature_scheme: 'hmac-sha256',
      shell_port: 1,
      control_port: 2,
      iopub_port: 3,
      stdin_port: 4,
      hb_port: 5,
    }),
  );
  const jupyter = spawn(process.execPath, ['-e', script, MAIN, file], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [pid] = (await once(jupyter.stdout, 'data')) as [Buffer];
  const shell = new Dealer({ linger: 0 });
  shell.connect(`ipc://${join(directory, 's')}-1`);
  const ask = (type: string, content: object): Promise<void> =>
    shell.send(['<IDS|MSG>', '', JSON.stringify({ msg_id: type, msg_type: type }), '{}', '{}', JSON.stringify(content)]);
  await ask('kernel_info_request', {});
  await shell.receive();
  if (code !== undefined) {
    await ask('execute_request', executeContent('%%ts\n1'));
    await shell.receive();
    await ask('execute_request', executeContent(code));
    await new Promise((resolve) => setTimeout(resolve, 700));
  }
  shell.close();
  jupyter.kill('SIGKILL');
  const alive = (): boolean => {
    try {
      return process.kill(Number(pid), 0);
    } catch {
      return false;
    }
  };
  for (let n = 0; n < 300 && alive(); n++) await new Promise((resolve) => setTimeout(resolve, 100));
  const left = alive();
  if (left) process.kill(Number(pid), 'SIGKILL');
  expect(left).toBe(false);
  await rm(directory, { recursive: true, force: true });
});

describe('a start that cannot succeed says why', () => {
  const run = async (...args: string[]): Promise<{ code: number; text: string }> => {
    const child = spawn(process.execPath, [MAIN, ...args], { stdio: ['ignore', 'ignore', 'pipe'] });
    let text = '';
    child.stderr.on('data', (chunk) => (text += String(chunk)));
    const [code] = (await once(child, 'close')) as [number];
    return { code, text };
  };

  test('no file, no such file', async () => {
    expect(await run()).toEqual({ code: 1, text: expect.stringContaining('usage: main.js CONNECTION_FILE') });
    expect(await run('/no/such/file.json')).toEqual({ code: 1, text: expect.stringContaining('cannot read the connection file /no/such/file.json') });
  });

  test('a port that is taken', async () => {
    const k = await start();
    const { code, text } = await run(join(k.directory, 'connection.json'));
    expect(code).toBe(1);
    expect(text).toMatch(/cannot listen where the connection file says/);
  });
});
