/** Interrupts at random moments around the beginning of a cell: each ends that cell, and none the next. INTERRUPTS=1000 for more. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { executeContent, TestKernel } from '../kernel/client.js';
import { random } from './random.js';

const MANY = Number(process.env['INTERRUPTS'] ?? 60);

/** Cells that never end, each waiting in a way of its own. */
const ENDLESS = {
  'a loop of the language': 'for i in 0..1000000000 { p = mmap(NULL, 4K, rw, anon|private)\nmunmap(p, 4K) }',
  'a loop that never pauses': '%%ts\nfor (;;) {}',
  'a promise that nobody keeps': '%%ts\nawait new Promise(() => undefined)',
  'a loop that pauses': '%%ts\nfor (;;) await new Promise((r) => setTimeout(r, 1))',
};

let kernel: TestKernel;
beforeAll(async () => {
  kernel = await TestKernel.start();
  await kernel.execute('%%ts\n1');
});
afterAll(() => kernel.stop());

describe('an interrupt that comes from 1 ms before a cell to 50 ms after it', () => {
  test.each(Object.entries(ENDLESS))('ends it, and not the next: %s', async (_, code) => {
    const { next, seed } = random();
    for (let i = 0; i < MANY / Object.keys(ENDLESS).length; i++) {
      // Most of them early, where a cell has been received and does not run yet.
      const delay = i % 2 === 0 ? next() * 51 - 1 : next() * 9 - 1;
      const note = `seed ${seed}, ${i}: ${delay.toFixed(2)} ms`;
      const began = performance.now();
      if (delay < 0) {
        const early = await kernel.send('control', 'interrupt_request', {});
        await sleep(-delay);
        // A machine that pauses for longer than the kernel waits shows nothing; what was asked must be over before the next cell.
        if (performance.now() - began > 40) {
          await kernel.answer(early);
          continue;
        }
      }
      const cell = await kernel.send('shell', 'execute_request', executeContent(code));
      if (delay >= 0) {
        if (delay > 0.2) await sleep(delay);
        await kernel.send('control', 'interrupt_request', {});
      }
      const { reply } = await kernel.answer(cell, 20_000).catch((error: unknown) => Promise.reject(new Error(`${note}: ${String(error)}`)));
      expect([note, reply['status'], reply['ename']]).toEqual([note, 'error', 'Interrupted']);
      expect([note, (await kernel.execute('print 1')).reply['status']]).toEqual([note, 'ok']);
    }
  });
});

test('an interrupt holds for every request that was received before it', async () => {
  const first = await kernel.send('shell', 'execute_request', executeContent(ENDLESS['a loop of the language']));
  const more = await Promise.all(
    Array.from({ length: 4 }, () => kernel.send('shell', 'execute_request', executeContent(ENDLESS['a promise that nobody keeps'], { stop_on_error: false }))),
  );
  await sleep(30);
  await kernel.request('control', 'interrupt_request');
  for (const id of [first, ...more]) expect((await kernel.answer(id, 5000)).reply['status']).not.toBe('ok');
  expect((await kernel.execute('print 1')).reply['status']).toBe('ok');
});

test('whoever waits for the answer to an interrupt can run a cell at once', async () => {
  for (let i = 0; i < 10; i++) {
    await kernel.request('control', 'interrupt_request');
    expect((await kernel.execute('print 1')).reply['status']).toBe('ok');
  }
});

test('an interrupt that was sent while a cell ended is not for the one after it', async () => {
  for (let i = 0; i < 10; i++) {
    const cell = await kernel.send('shell', 'execute_request', executeContent('print 1'));
    await sleep(i / 2);
    const interrupt = await kernel.send('control', 'interrupt_request', {});
    await Promise.all([kernel.answer(cell), kernel.answer(interrupt)]);
    expect((await kernel.execute('print 2')).reply['status']).toBe('ok');
  }
});

test('signals likewise', async () => {
  const { next, seed } = random();
  for (let i = 0; i < MANY / 4; i++) {
    const cell = await kernel.send('shell', 'execute_request', executeContent(Object.values(ENDLESS)[i % 4] ?? ''));
    const delay = 1 + next() * 30;
    await sleep(delay);
    kernel.process.kill('SIGINT');
    const note = `seed ${seed}, ${i}: ${delay.toFixed(2)} ms`;
    const { reply } = await kernel.answer(cell, 20_000).catch((error: unknown) => Promise.reject(new Error(`${note}: ${String(error)}`)));
    expect([note, reply['ename']]).toEqual([note, 'Interrupted']);
    await sleep(60);
    expect([note, (await kernel.execute('print 1')).reply['status']]).toEqual([note, 'ok']);
  }
});
