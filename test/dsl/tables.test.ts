import { describe, expect, test } from 'vitest';
import { createSession } from '../../dsl/index.js';
import { expectDiagnostic, expectPrinted, machines, run } from '../kit.js';

const tableOf = (ran: Awaited<ReturnType<typeof run>>) => ran.views.flatMap((v) => (v.what === 'table' || v.what === 'compare' ? [v.table] : []))[0];

const MOVE = `mmap(1G, len, rw, anon|private|fixed)
  touch(1G, len)
  m = mremap(1G, len, len, maymove|fixed, 2G + offset)`;

describe('sweep', () => {
  test('has a row for every combination, the last variable fastest, each on a fresh process', async () => {
    const ran = await run(`sweep offset in 0..2M step 1M, len in [1M, 2M] {\n  ${MOVE}\n  yield m.moved.pte, map_count, same = m.moved.pmd\n}`);
    expect(ran.diagnostics).toEqual([]);
    const table = tableOf(ran);
    expect(table?.columns).toEqual([
      { name: 'offset', as: 'size' },
      { name: 'len', as: 'size' },
      { name: 'pte', as: 'count' },
      { name: 'map_count', as: 'count' },
      { name: 'same', as: 'count' },
    ]);
    expect(table?.rows).toEqual([
      [0n, 1n << 20n, 256n, 1n, 0n],
      [0n, 2n << 20n, 0n, 1n, 1n],
      [1n << 20n, 1n << 20n, 256n, 1n, 0n],
      [1n << 20n, 2n << 20n, 512n, 1n, 0n],
    ]);
    expect(ran.outputs.filter((o) => o.type === 'progress').at(-1)).toEqual({ type: 'progress', done: 4, total: 4 });
  });

  test('binds the table, or shows it', async () => {
    expect((await run('t = sweep a in [1, 2] { yield a * 2 }\nprint t.count')).views).toEqual([]);
    expect((await run('sweep a in [1, 2] { yield a * 2 }')).views).toHaveLength(1);
    await expectPrinted('t = sweep a in [1, 2] { yield a * 2 }\nprint it.count, t', '2 a table of 2 rows\n');
  });

  test('refusals are results, and claims are held', async () => {
    const ran = await run('sweep a in [4096, 4097] { m = munmap(a, 4096)\n yield m.errno }');
    expect(ran.outputs.some((o) => o.type === 'refused')).toBe(false);
    expect(tableOf(ran)?.rows).toEqual([
      [4096n, 0n],
      [4097n, 'EINVAL'],
    ]);
    expect((await run('sweep a in [4096, 4097] {\n munmap(a, 4096) = 0\n yield a\n}')).diagnostics).toMatchObject([{ code: 'claim-failed' }]);
  });

  test('names around are read, and stay', () => expectPrinted('a = 1\nsweep x in [1, 2] {\n  a = a + x\n  yield a\n}\nprint a, it.count', '1 2\n'));

  test('two yields of one name are called as they are written', async () => {
    const ran = await run('m = munmap(0x1000, 4096)\nsweep x in [1] { yield m.tables.freed.pte, m.tables.allocated.pte }');
    expect(tableOf(ran)?.columns.map((c) => c.name)).toEqual(['x', 'm.tables.freed.pte', 'm.tables.allocated.pte']);
  });

  test('can be stopped', async () => {
    const controller = new AbortController();
    const session = createSession(machines);
    const onOutput = (o: { type: string; done?: number }): void => {
      if (o.type === 'progress' && o.done === 5) controller.abort();
    };
    const result = await session.run('sweep x in 0..1000 { yield x }', { mode: 'cell', signal: controller.signal, onOutput });
    expect(result.outcome).toBe('interrupted');
  });

  test.each([
    ['<|sweep|> a in [1] { print a }', 'no-yield'],
    ['<|yield|> 3', 'misplaced'],
    ['<|sweep a in 0..1M, b in 0..1M |>{ yield a }', 'too-many-points'],
    ['let t = <|sweep|> a in [1] { yield a }', 'unexpected-token'],
  ])('%s', (source, code) => expectDiagnostic(source, { code }));
});

describe('plot', () => {
  const plotOf = async (text: string) => (await run(`sweep offset in [0, 1M], len in [1M, 2M] { yield cost = offset + len }\n${text}`)).views.find((v) => v.what === 'plot');

  test('takes what is said, and guesses the rest', async () => {
    expect(await plotOf('plot it x=offset y=cost color=len')).toMatchObject({ x: 'offset', y: 'cost', color: 'len', mark: 'line' });
    expect(await plotOf('plot')).toMatchObject({ x: 'offset', y: 'cost', color: 'len', mark: 'line' });
    expect(await plotOf('plot x=len mark=bar title="Cost"')).toMatchObject({ x: 'len', y: 'cost', color: 'offset', mark: 'bar', title: 'Cost' });
  });

  test('has the value of a heat map as its colour, and makes one where lines would be too many', async () => {
    expect(await plotOf('plot mark=heat')).toMatchObject({ x: 'offset', y: 'len', color: 'cost', mark: 'heat' });
    expect(await plotOf('plot mark=heat x=len')).toMatchObject({ x: 'len', y: 'offset', color: 'cost', mark: 'heat' });
    const crowd = (await run('sweep a in 0..3, b in 0..9 { yield c = a * b }\nplot it\nplot it x=a y=c\nplot it x=b')).views.filter((v) => v.what === 'plot');
    expect(crowd[0]).toMatchObject({ x: 'a', y: 'b', color: 'c', mark: 'heat' });
    expect(crowd[1]).toMatchObject({ x: 'a', y: 'c', color: 'b', mark: 'line' });
    expect(crowd[2]).toMatchObject({ x: 'b', y: 'c', color: 'a', mark: 'line' });
  });

  test.each([
    ['<|plot|>', 'nothing-to-plot'],
    ['sweep a in [1] { yield b = a }\nplot it y=<|c|>', 'unknown-column'],
    ['sweep a in [1] { yield b = a }\nplot it <|colour|>=b', 'unknown-channel'],
    ['sweep a in [1] { yield b = a }\nplot it mark=<|pie|>', 'unknown-mark'],
    ['a = 1\nplot <|a|> x=b', 'wrong-type'],
  ])('%s', (source, code) => expectDiagnostic(source, { code }));
});

describe('compare', () => {
  const text = (ran: Awaited<ReturnType<typeof run>>) => ran.views.flatMap((v) => (v.what === 'table' || v.what === 'compare' ? v.text : []));
  const BLOCK = `mmap(0x8100000, 2M, rw, anon|private|fixed)
  touch(0x8100000, 2M)
  m = mremap(0x8100000, 2M, 2M, maymove|fixed, 0x6100000)`;

  test('names the first statement that parts', async () => {
    const ran = await run(`compare 6.1, 6.12, 6.12 without realign {\n  ${BLOCK}\n}`);
    expect(ran.diagnostics).toEqual([]);
    expect(text(ran)).toEqual(['costs part first at line 4: m = mremap(0x8100000, 2M, 2M, maymove|fixed, 0x6100000)']);
    expect(tableOf(ran)?.columns.map((c) => c.name)).toEqual(['what', '6.1', '6.12', '6.12 with realign=none']);
  });

  test('results, layouts and contents', async () => {
    const ran = await run(`compare 6.12, 6.18 {
      mmap(1G, 2 page, rw, anon|private|fixed)
      mmap(1G + 4 page, 2 page, rw, anon|private|fixed)
      memset(1G, 7, page)
      mremap(1G, 6 page, 6 page, maymove|fixed, 2G)
    }`);
    expect(text(ran).map((t) => t.replace(/ (at|line|part).*/, ''))).toEqual(['results', 'costs', 'layouts', 'contents']);
  });

  test('says so where there is no difference', async () => {
    const ran = await run('compare 6.12, 6.18 { mmap(1G, page, rw, anon|private|fixed) }');
    expect(text(ran)).toEqual(['no difference in results, costs, layouts or contents']);
  });

  test('a fault on one model only is a difference', async () => {
    const ran = await run(`compare 6.12, 6.18 {
      mmap(1G, page, rw, anon|private|fixed)
      mmap(1G + 2 page, page, rw, anon|private|fixed)
      mremap(1G, 3 page, 3 page, maymove|fixed, 2G)
      print peek(2G)
    }`);
    expect(ran.outcome).toBe('ok');
    expect(text(ran).some((t) => t.startsWith('what is said'))).toBe(true);
  });

  test('a mistake everywhere is a mistake', () => expectDiagnostic('compare 6.1, 6.12 { print peek(0x1000) }', { code: 'segmentation-fault' }));

  test('a print says whose it is; bindings around are read', () => expectPrinted('a = 3\ncompare 6.1, 6.12 { a = a + 1\n print a }\nprint a', '6.1: 4\n6.12: 4\n3\n'));

  test.each([
    ['compare 6.1, <|6.99|> { print 1 }', 'unknown-release'],
    ['compare 6.1, <|host|> { print 1 }', 'later-host'],
    ['compare 6.1 { <|kernel 6.12|> }', 'misplaced'],
  ])('%s', (source, code) => expectDiagnostic(source, { code }));
});
