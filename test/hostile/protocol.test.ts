/** Messages that are too much, and ends that are not ours: the kernel says so, and the next cell runs. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { executeContent, TestKernel, types } from '../kernel/client.js';

let kernel: TestKernel;
beforeAll(async () => {
  kernel = await TestKernel.start();
});
afterAll(() => kernel.stop());

const nested = (depth: number): string => `${'['.repeat(depth)}${']'.repeat(depth)}`;

/** Sends four frames as they are, signed. */
async function sendRaw(parts: readonly string[]): Promise<void> {
  await kernel.shell.send(['<IDS|MSG>', kernel.sign(parts), ...parts]);
}

const header = (id: string, more = ''): string =>
  `{"msg_id":"${id}","msg_type":"execute_request","session":"s","username":"u","date":"2026-01-01T00:00:00Z","version":"5.4"${more}}`;
const content = JSON.stringify(executeContent('print 1'));

describe('a message that is too much is answered so', () => {
  test.each([
    ['a header nested 100,000 deep', (id: string) => [header(id, `,"x":${nested(100_000)}`), '{}', '{}', content]],
    ['a parent nested 100,000 deep', (id: string) => [header(id), `{"x":${nested(100_000)}}`, '{}', content]],
    ['metadata nested 101 deep', (id: string) => [header(id), '{}', `{"x":${nested(101)}}`, content]],
    ['content nested a million deep', (id: string) => [header(id), '{}', '{}', `{"code":"print 1","x":${nested(1_000_000)}}`]],
    ['a cell of 50 MB', (id: string) => [header(id), '{}', '{}', JSON.stringify(executeContent('#'.repeat(50_000_000)))]],
    ['metadata of 5 MB', (id: string) => [header(id), '{}', `{"x":"${'m'.repeat(5_000_000)}"}`, content]],
    ['a header of 5 MB', (id: string) => [header(id, `,"x":"${'h'.repeat(5_000_000)}"`), '{}', '{}', content]],
  ])('%s', async (name, parts) => {
    await sendRaw(parts(name));
    const answer = await kernel.answer(name);
    expect(answer.reply).toMatchObject({ status: 'error', ename: 'TooMuch' });
    expect(types(answer)).toEqual(['busy', 'error', 'idle']);
    expect((await kernel.execute('print 1')).reply['status']).toBe('ok');
  });

  test.each([
    ['a program of 2 MB', 'print 1\n'.repeat(250_000)],
    ['TypeScript of 2 MB', `%%ts\n${'1;\n'.repeat(700_000)}`],
  ])('%s is refused as a cell', async (_, code) => {
    expect((await kernel.execute(code)).reply).toMatchObject({ status: 'error', ename: 'SetupError' });
    expect((await kernel.execute('print 1')).reply['status']).toBe('ok');
  });

  test.each([
    ['brackets in a string are none', (id: string) => [header(id), '{}', `{"x":"${'['.repeat(10_000)}\\"${'{'.repeat(10_000)}"}`, content]],
    ['ninety deep is not deep', (id: string) => [header(id), '{}', `{"x":${nested(90)}}`, content]],
  ])('%s', async (name, parts) => {
    await sendRaw(parts(name));
    expect((await kernel.answer(name)).reply['status']).toBe('ok');
  });
});

describe('a cell that ends the process', () => {
  test.each([
    ['process.exit(3)', 3],
    ['process.exit()', 0],
    ['process.exitCode = 7; process.exit()', 7],
    ['setTimeout(() => process.exit(4), 1); await new Promise(() => undefined)', 4],
    ['try { process.exit(5) } catch {} for (;;) await new Promise((r) => setTimeout(r, 5))', 5],
  ])('%s: ends it with that status, in good order', async (code, status) => {
    const other = await TestKernel.start();
    try {
      await other.execute('%%ts\n1');
      const id = await other.send('shell', 'execute_request', executeContent(`%%ts\n${code}`));
      expect(await other.exited).toBe(status);
      if (code.startsWith('process')) expect((await other.answer(id, 1000)).reply).toMatchObject({ status: 'error', ename: 'KernelEnded' });
    } finally {
      await other.stop();
    }
  });
});
