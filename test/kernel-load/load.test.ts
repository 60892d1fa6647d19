/** The kernel under load: what `npm test` tries in small. FEWER=10 divides the counts. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { executeContent, only, streamText, TestKernel } from '../kernel/client.js';

const scale = Number(process.env['FEWER'] ?? 1);
const EXECUTES = 10_000 / scale;
const INTERRUPTS = 100 / scale;

let kernel: TestKernel;
beforeEach(async () => {
  kernel = await TestKernel.start({ env: { NODE_OPTIONS: '--expose-gc' } });
});
afterEach(() => kernel.stop());

/** What a notebook sends, over and over; it keeps nothing that the next round does not replace. */
const CELLS = ['6 * 7', 'print "line"', 'a = 5', 'expect 1 == 2', 'let = =', '%lsmagic', '%help mremap', '%%ts\nlab.model', 'let list = [1, 2, 3]\nlist'];

async function heap(): Promise<number> {
  const answer = await kernel.execute('%%ts\n(globalThis as any).gc(); (globalThis as any).gc(); process.memoryUsage().heapUsed');
  return Number((only(answer, 'execute_result')['data'] as Record<string, unknown>)['text/plain']);
}

async function rounds(executes: number): Promise<void> {
  for (let n = 0; n < executes; n++) {
    // TypeScript compiles a program for each of its cells: one in fifty is enough of those.
    const code = CELLS[n % CELLS.length] ?? '';
    const { reply } = await kernel.execute(code.startsWith('%%ts') && n % 50 !== 0 ? '6 * 8' : code);
    if (reply['status'] === undefined) throw new Error(`no status: ${JSON.stringify(reply)}`);
    kernel.received.length = 0;
    if (n % 10 === 0) await kernel.request('shell', 'complete_request', { code: 'mremap(a, MREMAP_', cursor_pos: 17 });
  }
}

test(`${EXECUTES} executes leave no more behind than their history`, async () => {
  await rounds(EXECUTES / 5);
  const before = await heap();
  await rounds((EXECUTES * 4) / 5);
  const grown = (await heap()) - before;
  process.stdout.write(`grown by ${(grown / 1024).toFixed(0)} KiB over ${(EXECUTES * 4) / 5} executes\n`);
  // History keeps the text of every cell and what it showed; what else there is does not depend on how many there were.
  expect(grown).toBeLessThan(2 * 2 ** 20 + 400 * ((EXECUTES * 4) / 5));
});

test('20,000 lines from one cell, by print and by console.log, ten times over', async () => {
  const expected = Array.from({ length: 20_000 }, (_, i) => `line ${i}\n`).join('');
  for (let n = 0; n < Math.max(1, 10 / scale); n++) {
    const code = n % 2 === 0 ? 'for i in 0..20000 { print "line", i }' : '%%ts\nfor (let i = 0; i < 20000; i++) console.log("line " + i);';
    const answer = await kernel.execute(code);
    expect(answer.reply['status']).toBe('ok');
    expect(streamText(answer) === expected).toBe(true);
  }
});

describe(`${INTERRUPTS} rapid interrupts`, () => {
  const BUSY: Readonly<Record<string, string>> = {
    'a loop': 'for i in 0..100000000 { let x = i }',
    'a sweep': 'sweep n in 0..90000 { mmap(1G, 1G, rw, anon|private|fixed)\n touch(1G, 1G)\n yield n }',
    'a %%ts loop': '%%ts\nfor (;;) {}',
    'a %%ts loop that has waited': '%%ts\nawait null;\nfor (;;) {}',
    'a %%ts cell that waits': '%%ts\nawait new Promise(() => {})',
  };

  test('end what runs, busy or awaiting, and the session goes on', async () => {
    await kernel.execute('let kept = 7\n');
    await kernel.execute('%%ts\nlet kept = 8');
    const codes = Object.values(BUSY);
    for (let n = 0; n < INTERRUPTS; n++) {
      const id = await kernel.send('shell', 'execute_request', executeContent(codes[n % codes.length] ?? ''));
      let ended = false;
      const answer = kernel.answer(id).finally(() => (ended = true));
      // At any moment of a cell's life; one that comes before it begins is not meant for it, so there is a next.
      await new Promise((resolve) => setTimeout(resolve, (n * 7) % 40));
      while (!ended) {
        // Not waiting for the reply: to one that comes too early there is none before the loop ends.
        if (n % 2 === 0) await kernel.send('control', 'interrupt_request', {});
        else kernel.process.kill('SIGINT');
        await Promise.race([answer, new Promise((resolve) => setTimeout(resolve, 100))]);
      }
      expect((await answer).reply['ename']).toBe('Interrupted');
      kernel.received.length = 0;
    }
    expect(only(await kernel.execute('kept'), 'execute_result')).toMatchObject({ data: { 'text/plain': '7' } });
    expect(only(await kernel.execute('%%ts\nkept'), 'execute_result')).toMatchObject({ data: { 'text/plain': '8' } });
  });

  test('while nothing runs, they change nothing', async () => {
    for (let n = 0; n < INTERRUPTS; n++) {
      if (n % 2 === 0) await kernel.request('control', 'interrupt_request');
      else kernel.process.kill('SIGINT');
    }
    // Signals that came on one another's heels may still be on their way.
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect((await kernel.execute('6 * 7')).reply['status']).toBe('ok');
  });
});
