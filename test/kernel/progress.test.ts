import { beforeEach, expect, test } from 'vitest';
import { CellOutput } from '../../kernel/cells/output.js';
import { ProgressLine } from '../../kernel/cells/progress.js';

let said: [type: string, text: string, id: unknown][];
let now: number;
let progress: ProgressLine;

beforeEach(() => {
  said = [];
  now = 0;
  const output = new CellOutput((type, content) => {
    const { data, transient } = content as { data: Record<string, string>; transient: { display_id?: string } };
    said.push([type, data['text/plain'] ?? '', transient.display_id]);
  });
  progress = new ProgressLine(output, () => now);
});

/** One point each 10 ms. */
const run = (from: number, to: number, total: number): void => {
  for (let done = from; done <= to; done++) {
    progress.at(done, total);
    now += 10;
  }
};

test('what is over within a second has no line', () => {
  run(1, 90, 90);
  expect(said).toEqual([]);
});

test('a long run is one line, updated four times a second, with rate and time left', () => {
  run(1, 401, 401);
  expect(said[0]).toEqual(['display_data', '101 of 401 points, 101 a second, 2.97 s left', expect.any(String)]);
  expect(said.slice(1).every(([type]) => type === 'update_display_data')).toBe(true);
  expect(new Set(said.map(([, , id]) => id)).size).toBe(1);
  expect(said).toHaveLength(1 + 300 / 25);
  expect(said.at(-1)?.[1]).toBe('401 of 401 points, 100 a second, done in 4.00 s');
});

test('the next sweep of a cell has a line of its own', () => {
  run(1, 150, 150);
  run(1, 150, 150);
  expect(new Set(said.map(([, , id]) => id)).size).toBe(2);
});
