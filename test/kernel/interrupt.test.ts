import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { executeContent, only, TestKernel } from './client.js';

let kernel: TestKernel;
beforeAll(async () => {
  kernel = await TestKernel.start();
  await kernel.execute('%%ts\nlet warm = 1');
});
afterAll(() => kernel.stop());

const MAP = 'p = mmap(NULL, 1G, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0)\nprint "begun"\n';
const ENDLESS = 'for i in 0..100000000 { touch(p, 1G) }\n';

const LONG = {
  'a long scenario': MAP + ENDLESS,
  'a long sweep': 'print "begun"\nsweep n in 0..90000 { mmap(1G, 1G, rw, anon|private|fixed)\n touch(1G, 1G)\n yield n }',
  'a TypeScript cell that waits': '%%ts\nconsole.log("begun");\nawait new Promise((r) => setTimeout(r, 60000));',
  'a TypeScript cell that never yields': '%%ts\nsetImmediate(() => {});\nfor (;;) {}',
  'a TypeScript cell that never yields once it has waited': '%%ts\nconsole.log("begun");\nawait new Promise((r) => setTimeout(r, 50));\nfor (;;) {}',
  'a TypeScript cell that catches what ends it': '%%ts\nconsole.log("begun");\nawait new Promise((r) => setTimeout(r, 50));\nfor (;;) { try { for (;;) {} } catch {} }',
  'a TypeScript cell in the middle of a callback': '%%ts\nconsole.log("begun");\nawait new Promise<void>((done) => setTimeout(() => { for (;;) {} ; done() }, 50));',
  'a scenario run from TypeScript': `%%ts\nawait lab.run(${JSON.stringify(MAP + ENDLESS)})`,
};

/** Sends a cell and waits until it is at work; one that never yields cannot say so. */
const begin = async (code: string): Promise<string> => {
  const id = await kernel.send('shell', 'execute_request', executeContent(code));
  if (code.includes('begun')) await kernel.find((m) => m.type === 'stream' && m.parentId === id);
  else await new Promise((resolve) => setTimeout(resolve, 400));
  return id;
};

describe.each(Object.entries(LONG))('%s', (_name, code) => {
  test.each(['interrupt_request', 'SIGINT'])('ends at %s, and the session goes on', async (how) => {
    await kernel.execute('let kept = 7');
    const id = await begin(code);
    if (how === 'SIGINT') kernel.process.kill('SIGINT');
    else expect((await kernel.request('control', 'interrupt_request')).reply).toEqual({ status: 'ok' });
    const answer = await kernel.answer(id);
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

test('an expression that comes with a cell ends too', async () => {
  await kernel.execute('def forever() { for i in 0..100000000 { let x = i } }');
  const id = await kernel.send('shell', 'execute_request', executeContent('print "begun"', { user_expressions: { a: 'forever()', b: '6 * 7' } }));
  await kernel.find((m) => m.type === 'stream' && m.parentId === id);
  await kernel.request('control', 'interrupt_request');
  expect((await kernel.answer(id)).reply).toMatchObject({ status: 'ok', user_expressions: { a: { status: 'error', ename: 'Interrupted' } } });
  expect((await kernel.execute('6 * 7')).reply['status']).toBe('ok');
});

test('with nothing running it changes nothing', async () => {
  expect((await kernel.request('control', 'interrupt_request')).reply).toEqual({ status: 'ok' });
  expect((await kernel.execute('6 * 7')).reply['status']).toBe('ok');
});

describe('a late callback of a cell that is over', () => {
  test.each(['interrupt_request', 'SIGINT'])('never yields, and ends at %s', async (how) => {
    const cell = await kernel.execute('%%ts\nsetTimeout(() => { console.log("late"); process.stdout.write(""); setTimeout(() => { for (;;) {} }, 100); }, 20);\n1');
    await kernel.find((m) => m.type === 'stream' && m.parentId === cell.id);
    await new Promise((resolve) => setTimeout(resolve, 300));
    if (how === 'SIGINT') kernel.process.kill('SIGINT');
    else await kernel.request('control', 'interrupt_request');
    await kernel.find((m) => m.parentId === cell.id && m.content['name'] === 'stderr' && String(m.content['text']).includes('Interrupted'));
    expect((await kernel.execute('6 * 7')).reply['status']).toBe('ok');
  });
});

test('a regular expression that backtracks without end, where nothing can ask, ends by itself', async () => {
  const answer = await kernel.execute('%%ts\n/^(a+)+$/.test("a".repeat(60) + "!")');
  expect(only(answer, 'execute_result')).toMatchObject({ data: { 'text/plain': 'false' } });
});
