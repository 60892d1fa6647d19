import { expect, test } from 'vitest';
import { elapsedText, Pace, progressText } from '../../present/progress.js';

test.each([
  [0.25, '250 us'],
  [12.34, '12.3 ms'],
  [999.4, '999 ms'],
  [1500, '1.50 s'],
  [60_000, '1 min 0 s'],
  [125_400, '2 min 5 s'],
])('%d ms are %s', (ms, text) => {
  expect(elapsedText(ms)).toBe(text);
});

test('says how many points are done, how fast, and how long it will take', () => {
  expect(progressText(1200, 10_000, 3000)).toBe('1,200 of 10,000 points, 400 a second, 22.0 s left');
  expect(progressText(10_000, 10_000, 90_000)).toBe('10,000 of 10,000 points, 111 a second, done in 1 min 30 s');
});

test('a line is due after a second, then as often as asked for, and anew with another run', () => {
  let now = 0;
  const pace = new Pace(250, () => now);
  const due = (at: number, done: number): boolean => {
    now = at;
    const isDue = pace.isDue(pace.elapsed(done));
    if (isDue) pace.said();
    return isDue;
  };
  expect([due(0, 1), due(999, 50), due(1000, 51), due(1249, 60), due(1250, 61)]).toEqual([false, false, true, false, true]);
  expect([due(2000, 1), due(2900, 20), due(3000, 21)]).toEqual([false, false, true]);
});
