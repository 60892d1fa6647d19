/** Notebooks that share a session: two Jupyter kernels, and guests of one. */
import { readdirSync } from 'node:fs';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { sessions, type Notice } from '../../session/index.js';
import { guest, LONG, only as onlySession, ownRuntimeDirectory, place, run } from '../session/kit.js';
import { executeContent, only, streamText, TestKernel, types } from './client.js';

ownRuntimeDirectory();

let kernels: TestKernel[] = [];
afterEach(async () => {
  for (const kernel of kernels) await kernel.stop();
  kernels = [];
});

async function notebook(name: string): Promise<TestKernel> {
  const kernel = await TestKernel.start({ env: { MREMAP_LAB_SESSION: name, XDG_RUNTIME_DIR: place.runtime } });
  kernels.push(kernel);
  return kernel;
}

const opened = async (...names: string[]): Promise<void> => {
  await vi.waitFor(async () => expect((await sessions()).map(({ name }) => name)).toEqual(names), 5000);
};

describe('a kernel', () => {
  test('opens its session after the first greeting, and takes it away at its end', async () => {
    const kernel = await notebook('alone');
    await opened('alone');
    const [found] = await sessions();
    expect(found?.info).toMatchObject({ kind: 'notebook', pid: kernel.process.pid, guests: [], busy: false });
    await kernel.request('control', 'shutdown_request', { restart: false });
    expect(await kernel.exited).toBe(0);
    expect(readdirSync(place.sockets)).toEqual([]);
  });

  test('shares its machine with a terminal: cells take turns, each hears what the other ran', async () => {
    const kernel = await notebook('nb');
    await opened('nb');
    const heard: Notice[] = [];
    const terminal = await onlySession({ onNotice: (n) => heard.push(n) });
    expect(streamText(await kernel.execute('let x = 20'), 'stderr')).toBe('[terminal] has joined the session\n');
    expect((await run(terminal, 'print x\nlet y = x + 1')).stdout).toBe('20\n');
    const answer = await kernel.execute('y * 2');
    expect(only(answer, 'execute_result')).toMatchObject({ data: { 'text/plain': '42' } });
    expect(types(answer)).toEqual(['busy', 'execute_input', 'stream', 'execute_result', 'idle']);
    expect(streamText(answer, 'stderr')).toBe('[terminal] print x\n[terminal] let y = x + 1\n');
    expect(streamText(await kernel.execute('1'), 'stderr')).toBe('');
    await vi.waitFor(() =>
      expect(heard.map(({ from, text }) => [from, text])).toEqual([
        ['notebook', 'let x = 20'],
        ['notebook', 'y * 2'],
        ['notebook', '1'],
      ]),
    );
  });

  test("withdraws a cell of its own that waits, and leaves the guest's alone", async () => {
    const kernel = await notebook('nb');
    await opened('nb');
    const terminal = await onlySession();
    let begun = (): void => undefined;
    const busy = new Promise<void>((resolve) => (begun = resolve));
    const long = run(terminal, LONG, (type) => void (type === 'stream' && begun()));
    await busy;
    const waiting = await kernel.send('shell', 'execute_request', executeContent('print "mine"'));
    await kernel.find((m) => m.parentId === waiting && m.content['execution_state'] === 'busy');
    await kernel.request('control', 'interrupt_request');
    expect((await kernel.answer(waiting)).reply).toMatchObject({ status: 'error', ename: 'Interrupted' });
    expect((await sessions())[0]?.info?.busy).toBe(true);
    await kernel.request('control', 'interrupt_request');
    expect((await long).reply).toMatchObject({ status: 'error', ename: 'Interrupted' });
  });
});

describe('%attach', () => {
  test('runs the cells of one notebook in the session of another, until %detach', async () => {
    const first = await notebook('first');
    await opened('first');
    const second = await notebook('second');
    await first.execute('let where = 1');
    await second.execute('let where = 2');
    expect(streamText(await second.execute('%attach'))).toMatch(/^cells run in the session "first" now, together with notebook; %detach/);
    expect(only(await second.execute('where'), 'execute_result')).toMatchObject({ data: { 'text/plain': '1' } });
    await second.execute('let made_there = 3');
    expect((await second.request('shell', 'complete_request', { code: 'print made_', cursor_pos: 11 })).reply['matches']).toEqual(['made_there']);
    const failed = await second.execute('expect where == 5');
    expect(failed.reply).toMatchObject({ status: 'error', ename: 'ExpectationFailed' });
    expect(types(failed)).toContain('error');
    expect(streamText(await second.execute('%sessions'))).toMatch(/^\* first .*notebook 2$/m);
    expect(streamText(await second.execute('%detach'))).toContain('left the session "first"');
    expect(only(await second.execute('where'), 'execute_result')).toMatchObject({ data: { 'text/plain': '2' } });
    expect(only(await first.execute('made_there'), 'execute_result')).toMatchObject({ data: { 'text/plain': '3' } });
    expect((await second.execute('%detach')).reply).toMatchObject({ ename: 'NotAttached' });
  });

  test('interrupts there, and draws what is drawn there', async () => {
    await notebook('first');
    await opened('first');
    const second = await notebook('second');
    await second.execute('%attach first');
    const chart = await second.execute('kernel 6.12\nmmap(1G, 4M, rw, anon|private|fixed)\ntouch(1G, 4M)\nm = mremap(1G, 4M, 4M, maymove|fixed, 2G + 4K)\nshow moves m');
    expect(only(chart, 'display_data')['data']).toHaveProperty(['application/vnd.vegalite.v5+json']);
    const id = await second.send('shell', 'execute_request', executeContent(LONG));
    await second.find((m) => m.type === 'stream' && m.parentId === id);
    await second.request('control', 'interrupt_request');
    expect((await second.answer(id)).reply).toMatchObject({ status: 'error', ename: 'Interrupted' });
  });

  test('when the other session ends, one cell says so and the next runs at home', async () => {
    const first = await notebook('first');
    await opened('first');
    const second = await notebook('second');
    await second.execute('let where = 2');
    await second.execute('%attach first');
    await first.request('control', 'shutdown_request', { restart: false });
    await first.exited;
    const told = await second.execute('where');
    expect(told.reply).toMatchObject({ status: 'error', ename: 'SessionEnded', evalue: 'the session "first" has ended' });
    expect(only(await second.execute('where'), 'execute_result')).toMatchObject({ data: { 'text/plain': '2' } });
  });

  test.each([
    ['%attach nobody', 'no session "nobody" is running'],
    ['%attach only', '"only" is this session itself'],
    ['%attach', 'no session is running'],
  ])('%s says why it cannot', async (code, why) => {
    const kernel = await notebook('only');
    await opened('only');
    expect((await kernel.execute(code)).reply).toMatchObject({ status: 'error', ename: 'SetupError', evalue: why });
  });
});

test('a kernel whose runtime directory is not safe works, and says why nobody can join', async () => {
  const { chmodSync, mkdirSync } = await import('node:fs');
  mkdirSync(place.sockets);
  chmodSync(place.sockets, 0o777);
  const kernel = await notebook('nb');
  expect(only(await kernel.execute('6 * 7'), 'execute_result')).toMatchObject({ data: { 'text/plain': '42' } });
  expect((await kernel.execute('%sessions')).reply).toMatchObject({ ename: 'SetupError', evalue: expect.stringContaining('others may enter it (mode 0777)') as string });
  await expect(guest({ name: 'nb', path: `${place.sockets}/nb.sock` })).rejects.toThrow('went away');
});
