import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { Turns, Withdrawn } from '../../session/turns.js';

test('one at a time, in the order asked for, also after one that failed', async () => {
  const turns = new Turns();
  const log: string[] = [];
  const work = (n: number, ms: number) => async (): Promise<number> => {
    log.push(`begin ${n}`);
    await sleep(ms);
    log.push(`end ${n}`);
    if (n === 1) throw new Error('one');
    return n;
  };
  const all = [turns.take(work(0, 5)), turns.take(work(1, 1)), turns.take(work(2, 0)), turns.take(work(3, 2))];
  expect((await Promise.allSettled(all)).map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled', 'fulfilled']);
  expect(log).toEqual([0, 1, 2, 3].flatMap((n) => [`begin ${n}`, `end ${n}`]));
  expect(turns.taken).toBe(false);
});

test('what has not begun can be withdrawn, what has begun cannot', async () => {
  const turns = new Turns();
  const [first, second] = [new AbortController(), new AbortController()];
  let ran = false;
  const running = turns.take(() => sleep(20, 'done'), first.signal);
  const waiting = turns.take(async () => (ran = true), second.signal);
  await sleep(1);
  expect(turns.taken).toBe(true);
  first.abort();
  second.abort();
  await expect(waiting).rejects.toBeInstanceOf(Withdrawn);
  expect(await running).toBe('done');
  expect(await turns.take(async () => 'next')).toBe('next');
  expect(ran).toBe(false);
});
