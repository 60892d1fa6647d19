import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { executeContent, only, TestKernel } from './client.js';

let kernel: TestKernel;
beforeAll(async () => {
  kernel = await TestKernel.start();
  await kernel.execute('%%ts\nlet warm = 1');
});
afterAll(() => kernel.stop());

const LONG = {
  'a long scenario': 'print "begun"\nfor i in 0..1_000_000_000 { let x = i * 2 }',
  'a TypeScript cell that waits': '%%ts\nconsole.log("begun");\nawait new Promise((r) => setTimeout(r, 60000));',
  'a TypeScript cell that never yields': '%%ts\nprocess.stdout.write("");\nfor (;;) {}',
  'a scenario run from TypeScript': '%%ts\nconsole.log("begun");\nawait lab.run("for i in 0..1_000_000_000 { let x = i * 2 }")',
};

const begin = async (code: string): Promise<string> => {
  const id = await kernel.send('shell', 'execute_request', executeContent(code));
  await kernel.find((m) => m.type === 'execute_input' && m.parentId === id);
  await new Promise((resolve) => setTimeout(resolve, 300));
  return id;
};

describe.each(Object.entries(LONG))('%s', (_name, code) => {
  test.each(['interrupt_request', 'SIGINT'])('ends at %s, and the session goes on', async (how) => {
    await kernel.execute('let kept = 7');
    const id = await begin(code);
    const began = Date.now();
    if (how === 'SIGINT') kernel.process.kill('SIGINT');
    else expect((await kernel.request('control', 'interrupt_request')).reply).toEqual({ status: 'ok' });
    const answer = await kernel.answer(id);
    expect(Date.now() - began).toBeLessThan(2000);
    expect(answer.reply).toMatchObject({ status: 'error', ename: 'Interrupted' });
    expect(only(answer, 'error')).toMatchObject({ ename: 'Interrupted' });
    expect(only(await kernel.execute('kept'), 'execute_result')).toMatchObject({ data: { 'text/plain': '7' } });
  });
});

test('control and heartbeat answer while the shell is busy', async () => {
  const id = await begin(LONG['a long scenario']);
  expect((await kernel.request('control', 'kernel_info_request')).reply['status']).toBe('ok');
  await kernel.heartbeat.send('there?');
  expect((await kernel.heartbeat.receive()).map(String)).toEqual(['there?']);
  expect(kernel.received.some((m) => m.channel === 'shell' && m.parentId === id)).toBe(false);
  await kernel.request('control', 'interrupt_request');
  await kernel.answer(id);
});

test('the heartbeat beats even where nothing yields', async () => {
  const id = await begin(LONG['a TypeScript cell that never yields']);
  await kernel.heartbeat.send('there?');
  expect((await kernel.heartbeat.receive()).map(String)).toEqual(['there?']);
  await kernel.request('control', 'interrupt_request');
  await kernel.answer(id);
});

test('what waits behind an interrupted cell is given up', async () => {
  const id = await begin(LONG['a long scenario']);
  const next = await kernel.send('shell', 'execute_request', executeContent('print "no"'));
  await kernel.request('control', 'interrupt_request');
  expect((await kernel.answer(id)).reply['ename']).toBe('Interrupted');
  expect((await kernel.answer(next)).reply['status']).toBe('aborted');
});

test('with nothing running it changes nothing', async () => {
  expect((await kernel.request('control', 'interrupt_request')).reply).toEqual({ status: 'ok' });
  expect((await kernel.execute('6 * 7')).reply['status']).toBe('ok');
});
