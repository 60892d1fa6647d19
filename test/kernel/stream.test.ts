import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { CellOutput } from '../../kernel/cells/output.js';
import { plain } from '../../kernel/cells/bundle.js';

let said: [string, unknown][] = [];
let output: CellOutput;

beforeEach(() => {
  vi.useFakeTimers();
  said = [];
  output = new CellOutput((type, content) => said.push([type, content['text'] ?? content['data']]));
});
afterEach(() => vi.useRealTimers());

test('what is written within 10 ms is one message', () => {
  output.stream('stdout', 'a');
  output.stream('stdout', 'b');
  expect(said).toEqual([]);
  vi.advanceTimersByTime(10);
  expect(said).toEqual([['stream', 'ab']]);
});

test('64 kB go out at once', () => {
  output.stream('stdout', 'x'.repeat(65_536));
  expect(said).toHaveLength(1);
});

test('the other stream and a display come after what was written before', () => {
  output.stream('stdout', 'a');
  output.stream('stderr', 'b');
  output.display(plain('c'));
  expect(said).toEqual([
    ['stream', 'a'],
    ['stream', 'b'],
    ['display_data', { 'text/plain': 'c' }],
  ]);
});

test('what follows a slow drawing waits for it', async () => {
  vi.useRealTimers();
  output.stream('stdout', 'before');
  output.draw(async () => {
    await new Promise((resolve) => setTimeout(resolve, 20));
    return plain('picture');
  });
  output.stream('stdout', 'after');
  output.draw(() => Promise.resolve(plain('second')));
  output.display(plain('last'));
  await output.settled();
  expect(said.map(([, what]) => what)).toEqual(['before', { 'text/plain': 'picture' }, 'after', { 'text/plain': 'second' }, { 'text/plain': 'last' }]);
});

test('a drawing that fails holds nothing up and is the failure of the cell', async () => {
  vi.useRealTimers();
  const failure = new Error('no ink');
  output.draw(() => Promise.reject(failure));
  output.stream('stdout', 'after');
  expect(await output.settled()).toBe(failure);
  expect(said).toEqual([['stream', 'after']]);
});

test('one that fails after the end of the cell says so there', async () => {
  vi.useRealTimers();
  await output.settled();
  output.draw(() => Promise.reject(new Error('no ink')));
  await vi.waitFor(() => expect(said).toEqual([['stream', 'cannot draw this: Error: no ink\n']]));
});
