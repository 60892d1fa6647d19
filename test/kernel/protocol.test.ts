import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { executeContent, only, streamText, TestKernel, types } from './client.js';

let kernel: TestKernel;
beforeAll(async () => {
  kernel = await TestKernel.start();
});
afterAll(() => kernel.stop());

describe('a request', () => {
  test('is answered between busy and idle, every message under its header', async () => {
    const answer = await kernel.execute('print "hello"\n6 * 7');
    expect(types(answer)).toEqual(['busy', 'execute_input', 'stream', 'execute_result', 'idle']);
    expect(answer.reply).toMatchObject({ status: 'ok', payload: [], user_expressions: {} });
    const count = answer.reply['execution_count'];
    expect(only(answer, 'execute_input')).toEqual({ code: 'print "hello"\n6 * 7', execution_count: count });
    expect(only(answer, 'execute_result')).toEqual({ execution_count: count, data: { 'text/plain': '42' }, metadata: {} });
    expect(only(answer, 'stream')).toEqual({ name: 'stdout', text: 'hello\n' });
  });

  test('carries a whole header of its own', async () => {
    const { iopub } = await kernel.request('shell', 'kernel_info_request');
    for (const { header } of iopub) {
      expect(header).toMatchObject({
        msg_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
        msg_type: 'status',
        version: '5.4',
        username: expect.any(String),
        session: expect.any(String),
      });
      expect(Number.isNaN(Date.parse(String(header['date'])))).toBe(false);
    }
    expect(new Set(iopub.map(({ header }) => header['msg_id'])).size).toBe(iopub.length);
  });

  test.each(['shell', 'control'] as const)('kernel_info on %s', async (channel) => {
    const { reply, iopub } = await kernel.request(channel, 'kernel_info_request');
    expect(iopub.map((m) => m.content['execution_state'])).toEqual(['busy', 'idle']);
    expect(reply).toMatchObject({
      status: 'ok',
      protocol_version: '5.4',
      implementation: 'mremap-lab',
      language_info: { name: 'mremap', file_extension: '.mremap', mimetype: 'text/x-mremap', pygments_lexer: 'text' },
    });
    expect(reply['help_links']).not.toHaveLength(0);
  });
});

describe('execute', () => {
  test('counts only what is stored, and silence says nothing', async () => {
    const before = Number((await kernel.execute('1')).reply['execution_count']);
    const silent = await kernel.execute('print "x"\n2', { silent: true });
    expect(types(silent)).toEqual(['busy', 'idle']);
    expect(silent.reply).toMatchObject({ status: 'ok', execution_count: before });
    expect((await kernel.execute('expect 1 == 2', { silent: true })).reply).toMatchObject({ status: 'error', execution_count: before });
    const unstored = await kernel.execute('3', { store_history: false });
    expect(unstored.reply['execution_count']).toBe(before);
    expect(types(unstored)).toContain('execute_result');
    expect((await kernel.execute('4')).reply['execution_count']).toBe(before + 1);
  });

  test('evaluates user expressions', async () => {
    const { reply } = await kernel.execute('let answer = 42', { user_expressions: { a: 'answer', b: 'no_such_name', c: '(answer - 2) / 4', d: 'print 1', e: 7 } });
    expect(reply['user_expressions']).toEqual({
      a: { status: 'ok', data: { 'text/plain': '42' }, metadata: {} },
      b: { status: 'error', ename: 'CheckError', evalue: 'unknown name `no_such_name`', traceback: expect.any(Array) },
      c: { status: 'ok', data: { 'text/plain': '10' }, metadata: {} },
      d: { status: 'error', ename: 'ValueError', evalue: 'print 1 has no value', traceback: expect.any(Array) },
      e: { status: 'ok', data: { 'text/plain': '7' }, metadata: {} },
    });
  });

  test('an empty cell is fine', async () => {
    expect(types(await kernel.execute(''))).toEqual(['busy', 'execute_input', 'idle']);
    expect(types(await kernel.execute('\n  \n# a comment\n'))).toEqual(['busy', 'execute_input', 'idle']);
  });

  test('remembers what was run', async () => {
    await kernel.execute('6 * 7');
    const { reply } = await kernel.request('shell', 'history_request', { output: true, raw: true, hist_access_type: 'tail', n: 1 });
    expect(reply).toMatchObject({ status: 'ok', history: [[1, expect.any(Number), ['6 * 7', '42']]] });
  });
});

describe('the language services', () => {
  const complete = async (text: string, cursor: number) => (await kernel.request('shell', 'complete_request', { code: text, cursor_pos: cursor })).reply;

  test('complete in code points', async () => {
    const text = '# 😀😀\nlet p = mrem';
    const reply = await complete(text, [...text].length);
    expect(reply['matches']).toContain('mremap');
    expect(reply).toMatchObject({ status: 'ok', cursor_start: [...text].length - 4, cursor_end: [...text].length });
    expect(reply['metadata']).toMatchObject({
      _jupyter_types_experimental: expect.arrayContaining([expect.objectContaining({ text: 'mremap', type: 'function', start: [...text].length - 4, end: [...text].length })]),
    });
  });

  test('complete in the middle of a cell', async () => {
    const reply = await complete('print "😀", mrem\nlet x = 1', 15);
    expect(reply).toMatchObject({ cursor_start: 11, cursor_end: 15 });
    expect(reply['matches']).toContain('mremap');
  });

  test('complete magics', async () => {
    expect(await complete('%ls', 3)).toMatchObject({ matches: ['%lsmagic'], cursor_start: 0, cursor_end: 3 });
  });

  test('inspect values and names', async () => {
    await kernel.execute('let seen = 6 * 7');
    const inspect = async (text: string, cursor: number) => (await kernel.request('shell', 'inspect_request', { code: text, cursor_pos: cursor, detail_level: 0 })).reply;
    expect(await inspect('print "😀", seen', 13)).toMatchObject({ status: 'ok', found: true, data: { 'text/plain': 'seen = 42' } });
    expect(await inspect('nothing_here', 3)).toEqual({ status: 'ok', found: false, data: {}, metadata: {} });
    expect(await inspect('', 0)).toMatchObject({ found: false });
  });

  test('is_complete', async () => {
    const status = async (text: string) => (await kernel.request('shell', 'is_complete_request', { code: text })).reply['status'];
    expect(await status('let a = 1')).toBe('complete');
    expect(await status('for x in 0..3 {')).toBe('incomplete');
    expect(await status('%lsmagic')).toBe('complete');
    expect(await status('%%python')).toBe('invalid');
    expect(await status('%%ts\nfunction f() {')).toBe('incomplete');
    expect(await status('%%ts\nconst a = 1')).toBe('complete');
  });
});

describe('magics', () => {
  test('%lsmagic lists what there is', async () => {
    expect(streamText(await kernel.execute('%lsmagic'))).toMatch(/%%ts[\s\S]*%reset[\s\S]*%lsmagic/);
  });
  test('an unknown one gets a clear message', async () => {
    for (const magic of ['%pylab', '%%python']) {
      const answer = await kernel.execute(`${magic}\n1`);
      expect(only(answer, 'error')).toMatchObject({ ename: 'UnknownMagic', evalue: `${magic} is no magic of this kernel; %lsmagic lists those there are` });
    }
  });
  test('%reset drops names', async () => {
    await kernel.execute('let gone = 1');
    expect((await kernel.execute('%reset\ngone')).reply).toMatchObject({ status: 'error' });
  });
  test('?name fills the pager', async () => {
    await kernel.execute('let paged = 7');
    expect((await kernel.execute('?paged')).reply).toMatchObject({
      status: 'ok',
      payload: [{ source: 'page', start: 0, data: { 'text/plain': 'paged = 7', 'text/markdown': '```mremap\npaged = 7\n```', 'text/html': '<pre>paged = 7</pre>' } }],
    });
  });
});

describe('what the kernel does not offer', () => {
  test('comms are closed politely', async () => {
    expect((await kernel.request('shell', 'comm_info_request')).reply).toEqual({ status: 'ok', comms: {} });
    const id = await kernel.send('shell', 'comm_open', { comm_id: 'c1', target_name: 'jupyter.widget', data: {} });
    const closed = await kernel.find((m) => m.type === 'comm_close' && m.parentId === id);
    expect(closed.content).toEqual({ comm_id: 'c1', data: {} });
    await kernel.find((m) => m.parentId === id && m.content['execution_state'] === 'idle');
  });

  test('unknown types are ignored', async () => {
    const id = await kernel.send('shell', 'make_coffee_request', {});
    const proto = await kernel.send('shell', 'constructor', {});
    expect((await kernel.execute('5')).reply['status']).toBe('ok');
    expect(kernel.received.filter((m) => m.parentId === id || m.parentId === proto)).toEqual([]);
  });
});

describe('what comes over the wire', () => {
  test('heartbeats come back', async () => {
    await kernel.heartbeat.send('ping 1');
    expect((await kernel.heartbeat.receive()).map(String)).toEqual(['ping 1']);
  });

  test('a wrong signature is dropped, on every channel', async () => {
    const ids: string[] = [];
    for (const socket of [kernel.shell, kernel.control]) {
      const { id, frames } = kernel.frames('execute_request', executeContent('print "stolen"'), 'another key');
      ids.push(id);
      await socket.send(frames);
    }
    const { id, frames } = kernel.frames('shutdown_request', { restart: false }, 'another key');
    await kernel.control.send(frames);
    expect((await kernel.execute('6 * 7')).reply['status']).toBe('ok');
    expect(kernel.received.filter((m) => [...ids, id].includes(m.parentId ?? ''))).toEqual([]);
  });

  test('garbage is survived', async () => {
    const signed = (...parts: string[]): string[] => ['<IDS|MSG>', kernel.sign(parts), ...parts];
    const garbage = [
      [''],
      ['<IDS|MSG>'],
      ['<IDS|MSG>', 'sig', '{}'],
      ['x', 'y', 'z'],
      signed('{}', '{}', '{}', '{}'),
      signed('not json', '{}', '{}', '{}'),
      signed('[]', 'null', '1', '"x"'),
      signed('{"msg_id":1,"msg_type":2}', '{}', '{}', '{}'),
      [Buffer.from([0xff, 0xfe, 0x00]), '<IDS|MSG>', Buffer.alloc(64, 0x80), Buffer.from([0xc3, 0x28])],
    ];
    for (const frames of garbage) {
      await kernel.shell.send(frames);
      await kernel.control.send(frames);
    }
    // Well-formed and well-signed, with a content that makes no sense.
    for (const type of ['execute_request', 'complete_request', 'inspect_request', 'is_complete_request', 'history_request']) {
      const answer = await kernel.request('shell', type, { code: 7, cursor_pos: 'x', user_expressions: 3, hist_access_type: [] });
      expect(answer.reply['status']).toBeDefined();
    }
    expect(only(await kernel.execute('6 * 7'), 'execute_result')).toMatchObject({ data: { 'text/plain': '42' } });
  });
});
