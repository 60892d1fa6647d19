import { afterAll, beforeAll, expect, test } from 'vitest';
import { executeContent, streamText, TestKernel, types } from './client.js';

let kernel: TestKernel;
beforeAll(async () => {
  kernel = await TestKernel.start();
});
afterAll(() => kernel.stop());

const LINES = 20_000;
const numbers = (n: number): string => Array.from({ length: n }, (_, i) => `line ${i}\n`).join('');

test('20,000 prints arrive whole, in order and before idle', async () => {
  const answer = await kernel.execute(Array.from({ length: LINES }, (_, i) => `print "line", ${i}`).join('\n'));
  expect(streamText(answer)).toBe(numbers(LINES));
  expect(types(answer).at(-1)).toBe('idle');
  expect(answer.iopub.filter((m) => m.type === 'stream').length).toBeLessThan(50);
});

test('so do 20,000 lines of console.log', async () => {
  const answer = await kernel.execute(`%%ts\nfor (let i = 0; i < ${LINES}; i++) console.log("line " + i);`);
  expect(streamText(answer)).toBe(numbers(LINES));
  expect(types(answer).at(-1)).toBe('idle');
});

test('2,000 displays in one go come all', async () => {
  const answer = await kernel.execute('%%ts\nimport { display } from "tslab";\nfor (let i = 0; i < 2000; i++) display.text(String(i));');
  const shown = answer.iopub.filter((m) => m.type === 'display_data').map((m) => (m.content['data'] as Record<string, unknown>)['text/plain']);
  expect(shown).toEqual(Array.from({ length: 2000 }, (_, i) => String(i)));
});

test('300 requests at once are all answered, in order', async () => {
  const ids: string[] = [];
  for (let i = 0; i < 300; i++) ids.push(await kernel.send('shell', 'execute_request', executeContent(`${i}`)));
  const counts: number[] = [];
  for (const id of ids) counts.push(Number((await kernel.answer(id)).reply['execution_count']));
  expect(counts).toEqual(counts.map((_, i) => (counts[0] ?? 0) + i));
});
