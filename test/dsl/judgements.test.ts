/** What a run lists of its claims and expectations: each with its place, its verdict, and how often it was reached. */
import { describe, expect, test } from 'vitest';
import type { Judgement } from '../../dsl/api.js';
import { createSession } from '../../dsl/index.js';
import { createMachines } from '../../sim/index.js';

const MAP = 'mmap(1G, 4 page, rw, anon|private|fixed)\n';

async function judged(...cells: string[]): Promise<{ list: readonly string[]; ok: boolean; expectations: object }> {
  const session = createSession(createMachines());
  let last = await session.run('', { mode: 'cell' });
  for (const cell of cells) last = await session.run(cell, { mode: cells.length > 1 ? 'cell' : 'file' });
  return { list: last.judgements.map(said), ok: last.ok, expectations: last.expectations };
}

const said = ({ kind, line, verdict, held, failed }: Judgement): string => `${line} ${kind}: ${verdict} ${held}/${held + failed}`;

describe('lists', () => {
  test.each<[string, string, string[]]>([
    ['what held and what did not', 'expect 1 < 2\nexpect 2 < 1', ['1 expect: held 1/1', '2 expect: failed 0/1']],
    ['a line of a loop once', 'for i in 0..5 {\n  expect i != 2\n}', ['2 expect: failed 4/5']],
    ['what an untaken branch holds', 'if 1 > 2 {\n  expect 1 == 1\n} else {\n  expect 2 == 2\n}', ['2 expect: not reached 0/0', '4 expect: held 1/1']],
    ['what a function holds, by its calls', 'def f(x) {\n  expect x > 0\n}\nf(1)\nf(0)', ['2 expect: failed 1/2']],
    ['a function that nobody calls', 'def f(x) {\n  expect x > 0\n}', ['2 expect: not reached 0/0']],
    ['claims', 'munmap(1G, 4096) = 0\nmunmap(1G + 1, 4096) = -1 EINVAL (Invalid argument)', ['1 claim: held 1/1', '2 claim: held 1/1']],
    ['what comes after a mistake', 'expect vma(2G).size == 1\nlet x = 1 / 0\nexpect 1 == 1', ['1 expect: failed 0/1', '3 expect: not reached 0/0']],
    ['an expectation that ends the run', 'expect 1 / 0 == 1\nexpect 1 == 1', ['1 expect: failed 0/1', '2 expect: not reached 0/0']],
    ['layouts', `${MAP}expect maps {\n40000000-40004000 rw-p\n}\nexpect layout at 1G { "A" }`, ['2 maps: held 1/1', '5 layout: failed 0/1']],
    ['points of a sweep', 'sweep n in [1, 2, 3] {\n  expect n < 3\n  yield n\n}', ['2 expect: failed 2/3']],
    ['models that are compared', 'compare 6.1, 6.12 {\n  expect 1 == 1\n}', ['2 expect: held 2/2']],
  ])('%s', async (_, text, expected) => {
    expect((await judged(text)).list).toEqual(expected);
  });

  test('nothing where nothing ran', async () => {
    expect(await judged('expect nothing')).toMatchObject({ list: [], ok: false, expectations: { held: 0, failed: 0 } });
  });

  test('what a function of an earlier cell judges, where it was called', async () => {
    expect((await judged('def f(x) {\n  expect x > 0\n}', '\n\nf(0)')).list).toEqual(['3 expect: failed 0/1']);
  });
});
