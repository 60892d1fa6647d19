import { stripVTControlCharacters } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { executeContent, only, TestKernel, types } from './client.js';

let kernel: TestKernel;
beforeAll(async () => {
  kernel = await TestKernel.start();
});
afterAll(() => kernel.stop());

describe('an error', () => {
  test('is one message, the same as in the reply', async () => {
    const answer = await kernel.execute('let a = 1\nexpect a == 2');
    expect(types(answer)).toEqual(['busy', 'execute_input', 'error', 'idle']);
    const error = only(answer, 'error');
    expect(error).toMatchObject({ ename: 'ExpectationFailed', evalue: expect.any(String) });
    expect(answer.reply).toMatchObject({ status: 'error', ...error, execution_count: expect.any(Number) });
    const lines = (error['traceback'] as string[]).map(stripVTControlCharacters);
    expect(lines).toContain('   2 | expect a == 2');
    expect(lines.some((line) => /^\s+\| \s*\^+$/.test(line))).toBe(true);
    expect(String(error['evalue'])).not.toContain('\n');
  });

  test('three mistakes are one message that lists all', async () => {
    const error = only(await kernel.execute('let x = = 1\nprint "fine"\nlet y = )\nlet z = ]'), 'error');
    expect(error['ename']).toBe('SyntaxError');
    expect(error['evalue']).toMatch(/\(and 2 more\)$/);
    const text = stripVTControlCharacters((error['traceback'] as string[]).join('\n'));
    for (const line of ['   1 | let x = = 1', '   3 | let y = )', '   4 | let z = ]']) expect(text).toContain(line);
  });

  test('leaves the session usable', async () => {
    await kernel.execute('let kept = 5');
    await kernel.execute('let kept2 = no_such_name');
    expect(only(await kernel.execute('kept'), 'execute_result')).toMatchObject({ data: { 'text/plain': '5' } });
  });
});

describe('stop_on_error', () => {
  const burst = async (first: Record<string, unknown>) => {
    const failing = await kernel.send('shell', 'execute_request', executeContent('expect 1 == 2', first));
    const second = await kernel.send('shell', 'execute_request', executeContent('print "second"'));
    const info = await kernel.send('shell', 'kernel_info_request', {});
    const third = await kernel.send('shell', 'execute_request', executeContent('print "third"'));
    return Promise.all([failing, second, info, third].map((id) => kernel.answer(id)));
  };

  test('gives up the execute requests that were waiting, and only those', async () => {
    const [failing, second, info, third] = await burst({ stop_on_error: true });
    expect(failing?.reply['status']).toBe('error');
    for (const answer of [second, third]) {
      expect(answer?.reply).toMatchObject({ status: 'aborted' });
      expect(answer && types(answer)).toEqual(['busy', 'idle']);
    }
    expect(info?.reply['status']).toBe('ok');
    expect((await kernel.execute('print "later"')).reply['status']).toBe('ok');
  });

  test('false: everything runs', async () => {
    const answers = await burst({ stop_on_error: false });
    expect(answers.map((answer) => answer.reply['status'])).toEqual(['error', 'ok', 'ok', 'ok']);
  });

  test('does not reach what is sent after the reply', async () => {
    for (let n = 0; n < 5; n++) {
      expect((await kernel.execute('expect 1 == 2')).reply['status']).toBe('error');
      expect((await kernel.execute('1')).reply['status']).toBe('ok');
    }
  });
});
