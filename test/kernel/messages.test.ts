/** Every kind of message, on the channels it may come by and on others, in order and out of it, whole and broken: one row each. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { executeContent, TestKernel, types } from './client.js';

let kernel: TestKernel;
beforeAll(async () => {
  kernel = await TestKernel.start();
  await kernel.execute('let known = 42');
});
afterAll(() => kernel.stop());

type Content = Record<string, unknown>;
type Row = readonly [name: string, channel: 'shell' | 'control', type: string, content: Content, reply: Content | null, iopub: readonly string[]];

const QUIET = ['busy', 'idle'];
const RUN = ['busy', 'execute_input', 'idle'];
const RESULT = ['busy', 'execute_input', 'execute_result', 'idle'];
const FAILED = ['busy', 'execute_input', 'error', 'idle'];
const ok = { status: 'ok' };
const nothingFound = { status: 'ok', found: false, data: {} };
const execute = (code: unknown, more: Content = {}): Content => ({ ...executeContent(''), code, ...more });

/** `null`: the protocol has no reply to it. */
const ANSWERED: readonly (Row | readonly [Row[0], Row[1], Row[2], Row[3], Row[4]])[] = [
  ['kernel_info', 'shell', 'kernel_info_request', {}, { status: 'ok', protocol_version: '5.4' }],
  ['kernel_info on control', 'control', 'kernel_info_request', {}, { status: 'ok', protocol_version: '5.4' }],
  ['kernel_info with a content nobody asked for', 'shell', 'kernel_info_request', { x: [1, { y: null }] }, ok],
  ['execute', 'shell', 'execute_request', execute('6 * 7'), ok, RESULT],
  ['execute, nothing', 'shell', 'execute_request', execute(''), ok, RUN],
  ['execute, comments', 'shell', 'execute_request', execute('# nothing\n\n'), ok, RUN],
  ['execute, a print', 'shell', 'execute_request', execute('print 1'), ok, ['busy', 'execute_input', 'stream', 'idle']],
  ['execute, a failure', 'shell', 'execute_request', execute('expect known == 1'), { status: 'error', ename: 'ExpectationFailed' }, FAILED],
  ['execute, a mistake', 'shell', 'execute_request', execute('let = = 3'), { status: 'error', ename: 'SyntaxError' }, FAILED],
  ['execute, silent', 'shell', 'execute_request', execute('print 1\nknown', { silent: true }), ok, QUIET],
  ['execute, silent, stored all the same', 'shell', 'execute_request', execute('known', { silent: true, store_history: true }), ok, QUIET],
  ['execute, silent, a failure', 'shell', 'execute_request', execute('expect 1 == 2', { silent: true }), { status: 'error' }, QUIET],
  ['execute, not stored', 'shell', 'execute_request', execute('known', { store_history: false }), ok, RESULT],
  [
    'execute, with expressions',
    'shell',
    'execute_request',
    execute('', { user_expressions: { a: 'known + 1' } }),
    { user_expressions: { a: { status: 'ok', data: { 'text/plain': '43' } } } },
    RUN,
  ],
  ['execute, expressions that are none', 'shell', 'execute_request', execute('1', { user_expressions: 'a' }), { status: 'ok', user_expressions: {} }, RESULT],
  ['execute, code that is a number', 'shell', 'execute_request', execute(7), ok, RUN],
  ['execute, code that is null', 'shell', 'execute_request', execute(null), ok, RUN],
  ['execute, no content at all', 'shell', 'execute_request', {}, ok, RUN],
  ['execute, a NUL and a lone surrogate', 'shell', 'execute_request', execute('\u0000\ud800'), { status: 'error' }, FAILED],
  ['execute, one line of nearly a megabyte', 'shell', 'execute_request', execute(`# ${'x'.repeat(999_000)}`), ok, RUN],
  ['execute, input allowed', 'shell', 'execute_request', execute('known', { allow_stdin: true }), ok, RESULT],
  ['complete', 'shell', 'complete_request', { code: 'mrem', cursor_pos: 4 }, { status: 'ok', matches: ['mremap'], cursor_start: 0, cursor_end: 4 }],
  ['complete, no cursor', 'shell', 'complete_request', { code: 'mrem' }, { matches: ['mremap'], cursor_end: 4 }],
  ['complete, past the end', 'shell', 'complete_request', { code: 'mrem', cursor_pos: 99 }, { matches: ['mremap'], cursor_end: 4 }],
  ['complete, before the start', 'shell', 'complete_request', { code: 'mrem', cursor_pos: -3 }, { status: 'ok', cursor_start: 0, cursor_end: 0 }],
  ['complete, in astral text', 'shell', 'complete_request', { code: '# 😀\nmrem', cursor_pos: 8 }, { matches: ['mremap'], cursor_start: 4, cursor_end: 8 }],
  ['complete, nothing', 'shell', 'complete_request', {}, { status: 'ok', cursor_start: 0, cursor_end: 0 }],
  ['inspect, a name', 'shell', 'inspect_request', { code: 'known', cursor_pos: 2, detail_level: 0 }, { status: 'ok', found: true, data: { 'text/plain': 'known = 42' } }],
  ['inspect, in full', 'shell', 'inspect_request', { code: 'mremap', cursor_pos: 2, detail_level: 1 }, { found: true, data: { 'text/plain': expect.stringContaining('EFAULT') } }],
  ['inspect, a depth there is not', 'shell', 'inspect_request', { code: 'mremap', cursor_pos: 2, detail_level: 'deep' }, { found: true }],
  ['inspect, nothing known', 'shell', 'inspect_request', { code: 'qqq', cursor_pos: 1, detail_level: 0 }, nothingFound],
  ['inspect, nothing there', 'shell', 'inspect_request', {}, nothingFound],
  ['is_complete, it is', 'shell', 'is_complete_request', { code: 'known' }, { status: 'complete' }],
  ['is_complete, it goes on', 'shell', 'is_complete_request', { code: 'for i in 0..3 {\n  if i == 1 {' }, { status: 'incomplete', indent: '    ' }],
  ['is_complete, it never will be', 'shell', 'is_complete_request', { code: 'let = = 3' }, { status: 'invalid' }],
  ['is_complete, no code', 'shell', 'is_complete_request', {}, { status: 'complete' }],
  ['history, the last', 'shell', 'history_request', { hist_access_type: 'tail', n: 1, output: false, raw: true }, { status: 'ok', history: [expect.any(Array)] }],
  ['history, a range', 'shell', 'history_request', { hist_access_type: 'range', session: 0, start: 1, stop: 2 }, { history: [[1, 1, 'let known = 42']] }],
  ['history, a search', 'shell', 'history_request', { hist_access_type: 'search', pattern: 'let known*', n: 5 }, { history: [[1, 1, 'let known = 42']] }],
  ['history, fewer than none', 'shell', 'history_request', { hist_access_type: 'tail', n: -4 }, { status: 'ok', history: [] }],
  ['history, of a kind there is not', 'shell', 'history_request', { hist_access_type: 'dream' }, { status: 'ok', history: [] }],
  ['comm_info', 'shell', 'comm_info_request', {}, { status: 'ok', comms: {} }],
  ['comm_info of a target', 'shell', 'comm_info_request', { target_name: 'jupyter.widget' }, { status: 'ok', comms: {} }],
  ['comm_open', 'shell', 'comm_open', { comm_id: 'c', target_name: 'jupyter.widget', data: {} }, null, ['busy', 'comm_close', 'idle']],
  ['comm_open without an id', 'shell', 'comm_open', {}, null, ['busy', 'comm_close', 'idle']],
  ['comm_msg on no comm', 'shell', 'comm_msg', { comm_id: 'nobody', data: {} }, null],
  ['comm_close of no comm', 'shell', 'comm_close', { comm_id: 'nobody', data: {} }, null],
  ['interrupt with nothing running', 'control', 'interrupt_request', {}, ok],
];

const IGNORED: readonly (readonly ['shell' | 'control', string])[] = [
  ['shell', 'make_coffee_request'],
  ['control', 'make_coffee_request'],
  ['shell', 'interrupt_request'],
  ['control', 'execute_request'],
  ['control', 'complete_request'],
  ['control', 'comm_open'],
  ['control', 'debug_request'],
  ['shell', 'execute_reply'],
  ['shell', 'status'],
  ['shell', 'input_reply'],
  ['shell', '__proto__'],
  ['shell', 'toString'],
  ['shell', ''],
];

test('there are more than forty kinds', () => {
  expect(ANSWERED.length + IGNORED.length).toBeGreaterThan(40);
});

describe('answered', () => {
  test.each(ANSWERED.map((row): Row => (row.length === 6 ? row : [...row, QUIET])))('%s', async (_name, channel, type, content, reply, iopub) => {
    const id = await kernel.send(channel, type, content);
    if (reply !== null) {
      const answer = await kernel.answer(id);
      expect(answer.reply).toMatchObject(reply);
    }
    await kernel.find((m) => m.parentId === id && m.content['execution_state'] === 'idle');
    const said = kernel.received.filter((m) => m.channel === 'iopub' && m.parentId === id);
    expect(types({ id, reply: {}, iopub: said })).toEqual(iopub);
    const replies = kernel.received.filter((m) => m.channel !== 'iopub' && m.parentId === id);
    expect(replies.map((m) => [m.channel, m.type])).toEqual(reply === null ? [] : [[channel, type.replace('_request', '_reply')]]);
  });
});

describe('ignored, and nothing is said about it', () => {
  test.each(IGNORED)('on %s: %s', async (channel, type) => {
    const id = await kernel.send(channel, type, { code: '1', comm_id: 'c' });
    await kernel.request(channel, 'kernel_info_request');
    expect(kernel.received.filter((m) => m.parentId === id)).toEqual([]);
  });
});

describe('headers', () => {
  const send = async (header: Content, parent: Content = {}, metadata: Content = {}, extra: readonly Buffer[] = []): Promise<void> => {
    const parts = [header, parent, metadata, executeContent('6 * 7')].map((part) => JSON.stringify(part));
    await kernel.shell.send(['<IDS|MSG>', kernel.sign(parts), ...parts, ...extra]);
  };
  const whole = () => ({ msg_id: randomUUID(), msg_type: 'execute_request', session: 's', username: 'u', date: new Date().toISOString(), version: '5.4' });
  const id = (header: Content): string => String(header['msg_id']);

  test.each([
    ['of an older protocol', () => ({ ...whole(), version: '5.0' })],
    ['without a version', () => ({ ...whole(), version: undefined })],
    ['with no more than an id and a type', () => ({ msg_id: randomUUID(), msg_type: 'execute_request' })],
    ['with fields of tomorrow', () => ({ ...whole(), subshell_id: null, trace: { id: 1 } })],
    ['with a date that is none', () => ({ ...whole(), date: 'yesterday' })],
  ])('%s', async (_name, header) => {
    const sent = header();
    await send(sent);
    expect((await kernel.answer(id(sent))).reply).toMatchObject(ok);
  });

  test('with a parent, metadata and buffers of their own', async () => {
    const sent = whole();
    await send(sent, whole(), { cellId: 'x', tags: [] }, [Buffer.from([0, 255]), Buffer.alloc(0)]);
    expect((await kernel.answer(id(sent))).reply).toMatchObject(ok);
  });

  test('the same id twice is two requests', async () => {
    const sent = whole();
    await send(sent);
    await send(sent);
    const replies = () => kernel.received.filter((m) => m.channel === 'shell' && m.parentId === id(sent));
    await kernel.find(() => replies().length === 2);
    expect(new Set(replies().map((m) => m.content['execution_count'])).size).toBe(2);
  });
});

describe('broken', () => {
  const good = JSON.stringify({ msg_id: 'm', msg_type: 'execute_request' });
  const signed = (...parts: string[]): (string | Buffer)[] => ['<IDS|MSG>', kernel.sign(parts), ...parts];
  const BROKEN: Readonly<Record<string, () => (string | Buffer)[]>> = {
    'an empty frame': () => [''],
    'no delimiter': () => ['x', 'y', 'z'],
    'a delimiter and nothing': () => ['<IDS|MSG>'],
    'a signature and nothing': () => ['<IDS|MSG>', ''],
    'three parts of four': () => signed(good, '{}', '{}'),
    'no signature': () => ['<IDS|MSG>', '', good, '{}', '{}', '{}'],
    'a signature of another key': () => ['<IDS|MSG>', kernel.sign([good, '{}', '{}', '{}'], 'other'), good, '{}', '{}', '{}'],
    'a signature in capitals': () => ['<IDS|MSG>', kernel.sign([good, '{}', '{}', '{}']).toUpperCase(), good, '{}', '{}', '{}'],
    'a content that was changed': () => ['<IDS|MSG>', kernel.sign([good, '{}', '{}', '{}']), good, '{}', '{}', '{"code":"1"}'],
    'a header that is no JSON': () => signed('not json', '{}', '{}', '{}'),
    'a header that is a list': () => signed('[]', '{}', '{}', '{}'),
    'a header of nothing': () => signed('{}', '{}', '{}', '{}'),
    'an id that is a number': () => signed('{"msg_id":1,"msg_type":"execute_request"}', '{}', '{}', '{}'),
    'a type that is an object': () => signed('{"msg_id":"a","msg_type":{}}', '{}', '{}', '{}'),
    'a content that is null': () => signed(good, '{}', '{}', 'null'),
    'a parent that is a text': () => signed(good, '"x"', '{}', '{}'),
    'bytes that are no UTF-8': () => [Buffer.from([0xff, 0xfe]), '<IDS|MSG>', Buffer.alloc(64, 0x80), Buffer.from([0xc3, 0x28])],
    'two delimiters': () => ['<IDS|MSG>', '<IDS|MSG>', ...signed(good, '{}', '{}', '{}').slice(1)],
    'a thousand frames': () => Array.from({ length: 1000 }, () => '{}'),
  };

  test.each(Object.keys(BROKEN))('%s: dropped on every channel, and the next one is answered', async (name) => {
    const before = kernel.received.length;
    const frames = BROKEN[name]?.() ?? [];
    await kernel.shell.send(frames);
    await kernel.control.send(frames);
    const ids = [(await kernel.request('shell', 'kernel_info_request')).id, (await kernel.request('control', 'kernel_info_request')).id];
    expect(kernel.received.slice(before).filter((m) => !ids.includes(m.parentId ?? ''))).toEqual([]);
  });
});

describe('out of order', () => {
  const send = (type: string, content: Content = {}, channel: 'shell' | 'control' = 'shell') => kernel.send(channel, type, content);
  const endless = () => send('execute_request', executeContent('print "begun"\nfor i in 0..100000000 { let x = i }'));
  const begun = (id: string) => kernel.find((m) => m.type === 'stream' && m.parentId === id);

  test('what is asked on the shell while a cell runs waits for it, in order', async () => {
    const running = await endless();
    await begun(running);
    const asked = [
      await send('complete_request', { code: 'mrem', cursor_pos: 4 }),
      await send('inspect_request', { code: 'known', cursor_pos: 1 }),
      await send('history_request', { hist_access_type: 'tail', n: 1 }),
    ];
    await kernel.request('control', 'kernel_info_request');
    expect(kernel.received.some((m) => asked.includes(m.parentId ?? ''))).toBe(false);
    await kernel.request('control', 'interrupt_request');
    for (const id of asked) expect((await kernel.answer(id)).reply['status']).toBe('ok');
    const replies = kernel.received.filter((m) => m.channel === 'shell' && [running, ...asked].includes(m.parentId ?? ''));
    expect(replies.map((m) => m.parentId)).toEqual([running, ...asked]);
  });

  test('an interrupt before the cell it was meant for does nothing to it', async () => {
    await kernel.request('control', 'interrupt_request');
    expect((await kernel.execute('6 * 7')).reply['status']).toBe('ok');
  });

  test('five interrupts of one cell are one', async () => {
    const running = await endless();
    await begun(running);
    const ids = await Promise.all(Array.from({ length: 5 }, () => send('interrupt_request', {}, 'control')));
    for (const id of ids) expect((await kernel.answer(id)).reply['status']).toBe('ok');
    expect((await kernel.answer(running)).reply['ename']).toBe('Interrupted');
    expect((await kernel.execute('6 * 7')).reply['status']).toBe('ok');
  });

  test('requests that come between others keep their own parents', async () => {
    const ids = await Promise.all(
      Array.from({ length: 60 }, (_, i) =>
        i % 3 === 0 ? send('kernel_info_request', {}, i % 2 === 0 ? 'control' : 'shell') : send('execute_request', executeContent(`print ${i}`)),
      ),
    );
    for (const [i, id] of ids.entries()) {
      const { iopub } = await kernel.answer(id);
      const printed = iopub.filter((m) => m.type === 'stream').map((m) => m.content['text']);
      expect(printed).toEqual(i % 3 === 0 ? [] : [`${i}\n`]);
    }
  });
});
