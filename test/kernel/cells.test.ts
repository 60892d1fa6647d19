import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { only, streamText, TestKernel, types, type Answer } from './client.js';

let kernel: TestKernel;
beforeAll(async () => {
  kernel = await TestKernel.start();
});
afterAll(() => kernel.stop());

const at = (file: string): string => join(kernel.directory, file);
const text = (answer: Answer, type = 'execute_result'): unknown => (only(answer, type)['data'] as Record<string, unknown>)['text/plain'];
const page = (answer: Answer): string => String((answer.reply['payload'] as { data: Record<string, unknown> }[])[0]?.data['text/plain']);

describe('%kernel', () => {
  test('says which model is in use, and starts another', async () => {
    expect(streamText(await kernel.execute('%kernel'))).toBe('6.18\n');
    expect((await kernel.execute('%kernel 6.12 without realign\nlet after = 1')).reply['status']).toBe('ok');
    expect(streamText(await kernel.execute('%kernel'))).toMatch(/^6\.12 with.*realign/);
    await kernel.execute('%kernel 6.18');
  });

  test('fails on its own line, and what follows is not run', async () => {
    const answer = await kernel.execute('%lsmagic\n%kernel 9.9\nprint "not reached"');
    expect(streamText(answer)).not.toContain('not reached');
    const lines = (only(answer, 'error')['traceback'] as string[]).map(stripVTControlCharacters);
    expect(lines).toContain('   2 |  kernel 9.9');
  });

  test('completes like the statement', async () => {
    const { reply } = await kernel.request('shell', 'complete_request', { code: '%kernel 6.1', cursor_pos: 11 });
    expect(reply['matches']).toContain('6.12');
    expect(reply).toMatchObject({ cursor_start: 8, cursor_end: 11 });
  });
});

describe('%%maps', () => {
  test('maps what is pasted, and shows it', async () => {
    const answer = await kernel.execute('%%maps\n40000000-40200000 rw-p 00000000 00:00 0\n50000000-50004000 r--p 00001000 00:01 1042   /memfd:data (deleted)');
    expect(types(answer)).toEqual(['busy', 'execute_input', 'display_data', 'idle']);
    expect(text(answer, 'display_data')).toContain('40000000');
    expect(text(await kernel.execute('vma(0x50000000).size'))).toBe('16384');
    await kernel.execute('%reset');
  });

  test('takes the maps of a real process as they are', async () => {
    const answer = await kernel.execute(`%%maps\n${await readFile('/proc/self/maps', 'utf8')}`);
    expect(answer.reply['status']).toBe('ok');
    await kernel.execute('%reset');
  });

  test('joins neighbours that nothing keeps apart, and says which', async () => {
    const answer = await kernel.execute(
      '%%maps\n40000000-40001000 r--p 00000000 08:01 7 /lib/a.so\n40001000-40003000 r--p 00001000 08:01 7 /lib/a.so\n40003000-40004000 r--p 00000000 08:01 7 /lib/a.so',
    );
    expect(streamText(answer, 'stderr')).toMatch(/nothing in them keeps them apart: lines 2 and 3\n/);
    expect(text(await kernel.execute('vma(0x40000000).size'))).toBe('12288');
    await kernel.execute('%reset');
  });

  test('a line that is none fails where it stands', async () => {
    const answer = await kernel.execute('%%maps\n40000000-40001000 rw-p\nnonsense');
    expect((only(answer, 'error')['traceback'] as string[]).map(stripVTControlCharacters)).toContain('   3 | nonsense');
  });
});

describe('%time', () => {
  test('times a cell, and a line', async () => {
    expect(streamText(await kernel.execute('%time\nprint 1'))).toMatch(/^1\ntime: \d\S* (us|ms|s) \(\d\S* (us|ms|s) of CPU\)\n$/);
    const line = await kernel.execute('%time 6 * 7');
    expect(text(line)).toBe('42');
    expect(streamText(line)).toMatch(/^time: /);
    expect(streamText(await kernel.execute('%time\n%%ts\n1'))).toMatch(/^time: /);
  });
});

describe('%export, %load, %run', () => {
  test('what ran can be written, put into a cell, and run again', async () => {
    await kernel.execute('%reset');
    await kernel.execute('%kernel 6.12');
    await kernel.execute('p = mmap(1G, 8192, rw, anon|private|fixed)');
    await kernel.execute('let mistake = no_such_name');
    await kernel.execute('%time print "timed"');
    await kernel.execute('%%ts\n1');
    await kernel.execute('expect p == 2G');
    expect(streamText(await kernel.execute('%export told.mremap'))).toBe('told.mremap: 4 cells, 4 lines\n');
    const program = await readFile(at('told.mremap'), 'utf8');
    expect(program).toBe('kernel 6.12\n\np = mmap(1G, 8192, rw, anon|private|fixed)\n\nprint "timed"\n\nexpect p == 2G\n');
    expect((await kernel.execute('%load told.mremap')).reply['payload']).toEqual([{ source: 'set_next_input', text: program, replace: true }]);
    await kernel.execute('%reset');
    const again = await kernel.execute('%run told.mremap');
    expect(streamText(again)).toBe('timed\n');
    expect(only(again, 'error')).toMatchObject({ ename: 'ExpectationFailed' });
    expect(text(await kernel.execute('vma(1G).size'))).toBe('8192');
  });

  test('logs of strace are loaded under their magic, and run', async () => {
    const log = 'brk(NULL) = 0x1e4b000\n';
    await writeFile(at('a.strace.gz'), gzipSync(log));
    expect((await kernel.execute('%load a.strace.gz')).reply['payload']).toEqual([{ source: 'set_next_input', text: `%%strace\n${log}`, replace: true }]);
    expect((await kernel.execute('%run a.strace.gz')).reply['status']).toBe('ok');
  });

  test.each(['%load', '%run', '%export'])('%s says what is wrong with its file', async (magic) => {
    expect(only(await kernel.execute(magic), 'error')).toMatchObject({ ename: 'MissingFile' });
    const error = only(await kernel.execute(`${magic} no/such/file`), 'error');
    expect(error['evalue']).toMatch(/^cannot (read|write) no\/such\/file: there is no such file or directory \(ENOENT\)$/);
    expect((error['traceback'] as string[]).at(-1)).toContain(kernel.directory);
  });
});

describe('%help and %clear', () => {
  test('a topic is a page in three forms', async () => {
    const answer = await kernel.execute('%help mremap');
    expect(types(answer)).toEqual(['busy', 'execute_input', 'idle']);
    expect(page(answer)).toContain('EFAULT');
    expect(Object.keys((answer.reply['payload'] as { data: object }[])[0]?.data ?? {})).toEqual(['text/plain', 'text/markdown', 'text/html']);
    expect(page(await kernel.execute('?mremap'))).toBe(page(answer));
  });
  test('nothing known is said; without a topic, what there is', async () => {
    expect(page(await kernel.execute('%help qqq'))).toBe('nothing is known about qqq');
    expect(page(await kernel.execute('%help'))).toContain('%lsmagic');
  });
  test('%clear clears', async () => {
    expect(only(await kernel.execute('%clear'), 'clear_output')).toEqual({ wait: false });
  });
});

describe('inspect, at two depths', () => {
  const inspect = async (code: string, detail: number) =>
    (await kernel.request('shell', 'inspect_request', { code, cursor_pos: [...code].length, detail_level: detail })).reply['data'] as Record<string, string>;

  test('a tooltip is short, a page has everything; both in Markdown, HTML and text', async () => {
    const [short, full] = [await inspect('mremap', 0), await inspect('mremap', 1)];
    for (const data of [short, full]) expect(Object.keys(data)).toEqual(['text/plain', 'text/markdown', 'text/html']);
    expect(short['text/plain']).not.toContain('EFAULT');
    expect(full['text/html']).toContain('<code>EFAULT</code>');
    expect(full['text/markdown']).toContain('| `EFAULT` |');
  });

  test('of a result, the path its call took', async () => {
    await kernel.execute('%reset\nq = mmap(1G, 8192, rw, anon|private|fixed)\nm = mremap(1G, 8192, 8192, maymove|fixed, 2G)');
    expect((await inspect('m', 0))['text/plain']).not.toContain('move_vma');
    expect((await inspect('m', 1))['text/plain']).toContain('move_vma');
  });

  test('of TypeScript, the type, and then what its author says', async () => {
    expect((await inspect('%%ts\nlab.records', 0))['text/plain']).toBe('(property) Lab.records: readonly OpRecord[]');
    expect((await inspect('%%ts\nlab.records', 1))['text/plain']).toContain('Every call made since the process started');
  });
});

test('what is completed in TypeScript has its kind', async () => {
  const { reply } = await kernel.request('shell', 'complete_request', { code: '%%ts\nlab.records', cursor_pos: 16 });
  expect(reply['metadata']).toMatchObject({ _jupyter_types_experimental: [{ text: 'records', type: 'property' }] });
  const run = await kernel.request('shell', 'complete_request', { code: '%%ts\nlab.clearO', cursor_pos: 15 });
  expect(run.reply['metadata']).toMatchObject({ _jupyter_types_experimental: [{ text: 'clearOutput', type: 'function' }] });
});

test('a display can be replaced, from a later cell too', async () => {
  const shown = await kernel.execute('%%ts\nconst shown = lab.display({ n: 1 });\nshown.update({ n: 2 });');
  expect(types(shown).slice(2, -1)).toEqual(['display_data', 'update_display_data']);
  const later = await kernel.execute('%%ts\nshown.update({ n: 3 })');
  const ids = [...shown.iopub, ...later.iopub].map((m) => (m.content['transient'] as { display_id?: string } | undefined)?.display_id).filter((id) => id !== undefined);
  expect(ids).toHaveLength(3);
  expect(new Set(ids).size).toBe(1);
  expect(text(later, 'update_display_data')).toBe('{ n: 3 }');
});

test('a table as a result is text and HTML, and no chart', async () => {
  const data = only(await kernel.execute('sweep n in 1..3 { yield n }\nit'), 'execute_result')['data'] as Record<string, string>;
  expect(Object.keys(data)).toEqual(['text/plain', 'text/html']);
  expect(data['text/html']).toContain('<table>');
});

test('input is refused, politely', async () => {
  const answer = await kernel.execute('%%ts\nprocess.stdin.on("data", () => {})');
  expect(only(answer, 'error')).toMatchObject({ ename: 'SetupError', evalue: 'a cell of this kernel cannot ask for input' });
});

test('a long sweep says how far it has come, in one line', async () => {
  const id = await kernel.send('shell', 'execute_request', {
    code: 'sweep n in 0..90000 { mmap(1G, 1G, rw, anon|private|fixed)\n touch(1G, 1G)\n yield n }',
    silent: false,
    store_history: true,
  });
  const first = await kernel.find((m) => m.parentId === id && m.type === 'display_data');
  expect(first.content).toMatchObject({
    data: { 'text/plain': expect.stringMatching(/^[\d,]+ of 90,000 points, [\d,]+ a second, .* left$/) },
    metadata: { mremap_lab: { volatile: true } },
  });
  const next = await kernel.find((m) => m.parentId === id && m.type === 'update_display_data');
  expect(next.content['transient']).toEqual(first.content['transient']);
  await kernel.request('control', 'interrupt_request');
  expect((await kernel.answer(id)).reply['ename']).toBe('Interrupted');
});
