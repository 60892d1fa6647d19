import { stripVTControlCharacters } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { only, streamText, TestKernel, types } from './client.js';

let kernel: TestKernel;
beforeAll(async () => {
  kernel = await TestKernel.start();
});
afterAll(() => kernel.stop());

const ts = (code: string) => kernel.execute(`%%ts\n${code}`);
const value = async (code: string): Promise<unknown> => (only(await ts(code), 'execute_result')['data'] as Record<string, unknown>)['text/plain'];

describe('a %%ts cell', () => {
  test('displays its last expression and keeps its names', async () => {
    expect(await value('const a: number = 6;\na * 7')).toBe('42');
    expect(await value('a + 1')).toBe('7');
    expect(types(await ts('const quiet = 1'))).toEqual(['busy', 'execute_input', 'idle']);
  });

  test('awaits at the top level', async () => {
    expect(await value('const later = await new Promise<number>((r) => setTimeout(() => r(3), 20));\nlater * 2')).toBe('6');
  });

  test('shares the session as lab, typed', async () => {
    await kernel.execute('let shared = 6 * 7');
    expect(await value('lab.lookup("shared")?.text')).toBe("'42'");
    expect(await value('lab.model')).toMatch(/^'6\.18/);
    await kernel.execute('p = mmap(NULL, 8192, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0)');
    expect(await value('lab.records.at(-1)?.op.name')).toBe("'mmap'");
    expect(await value('[...lab.space().vmas()].filter((v) => !v.background).length')).toBe('1');
    expect(await value('const n: bigint | number = lab.records.map((r) => r.moved.pte).reduce((a, b) => a + b, 0);\nn')).toBe('0');
  });

  test('names the types, for variables that outlive the cell', async () => {
    await ts(
      'import type { OpRecord, ScenarioFailed } from "./mremap_lab";\nconst byName = (name: string): readonly OpRecord[] => lab.records.filter((r) => r.op.name === name);\nconst spaces = lab.records.map((r) => r.after);',
    );
    expect(await value('byName("mmap").length === spaces.length')).toBe('true');
    expect(await value('const view = lab.space();\nconst runs = [...view.pages()];\nruns.length >= 0')).toBe('true');
  });

  test('runs scenarios, in its own cell', async () => {
    const answer = await ts('const run = await lab.run("print \\"inside\\"\\nlet made = 5");\nrun.outcome');
    expect(streamText(answer)).toBe('inside\n');
    expect(only(answer, 'execute_result')).toMatchObject({ data: { 'text/plain': "'ok'" } });
    expect(only(await kernel.execute('made'), 'execute_result')).toMatchObject({ data: { 'text/plain': '5' } });
  });

  test('fails where a scenario fails, unless told not to', async () => {
    expect(only(await ts('await lab.run("expect 1 == 2")'), 'error')['ename']).toBe('ExpectationFailed');
    expect(await value('(await lab.run("expect 1 == 2", { check: false })).outcome')).toBe("'failed'");
    expect(await value('let caught = "";\ntry { await lab.run("expect 1 == 2") } catch (e) { caught = (e as ScenarioFailed).result.outcome }\ncaught')).toBe("'failed'");
  });

  test('clears its output', async () => {
    expect(only(await ts('lab.clearOutput(true)'), 'clear_output')).toEqual({ wait: true });
  });

  test('displays through tslab too', async () => {
    const answer = await ts('import { display } from "tslab";\ndisplay.html("<b>x</b>");');
    expect(only(answer, 'display_data')).toMatchObject({ data: { 'text/html': '<b>x</b>' } });
  });
});

describe('its errors', () => {
  test('compile errors stand at their line', async () => {
    const error = only(await ts('const fine = 1;\nconst x: number = "a";\nlab.recordz;'), 'error');
    expect(error).toMatchObject({ ename: 'CompileError', evalue: "TS2322: Type 'string' is not assignable to type 'number'. (and 1 more)" });
    const text = stripVTControlCharacters((error['traceback'] as string[]).join('\n'));
    expect(text).toContain('   3 | const x: number = "a";\n     |       ^');
    expect(text).toContain('   4 | lab.recordz;\n     |     ^^^^^^^');
  });

  test('thrown errors name where they were thrown', async () => {
    const error = only(await ts('function deep(): never {\n  throw new RangeError("too far");\n}\ndeep();'), 'error');
    expect(error).toMatchObject({ ename: 'RangeError', evalue: 'too far' });
    expect((error['traceback'] as string[]).slice(1)).toEqual([expect.stringMatching(/^ {4}at deep \(In\[\d+\], line 3\)$/), expect.stringMatching(/^ {4}at In\[\d+\], line 5$/)]);
  });

  test('whatever is thrown is shown', async () => {
    expect(only(await ts('throw "a string"'), 'error')).toMatchObject({ ename: 'Error', evalue: "thrown: 'a string'" });
    expect(only(await ts('await Promise.reject({ odd: 1 })'), 'error')).toMatchObject({ evalue: 'thrown: { odd: 1 }' });
  });
});

describe('output after the end of a cell', () => {
  test('goes to the cell that caused it', async () => {
    const first = await ts('setTimeout(() => console.log("from the first"), 150);');
    const second = await ts('console.log("from the second")');
    const late = await kernel.find((m) => m.type === 'stream' && String(m.content['text']).includes('from the first'));
    expect(late.parentId).toBe(first.id);
    expect(streamText(second)).toBe('from the second\n');
  });

  test('a stray failure is told there and harms nothing', async () => {
    const timer = await ts('setTimeout(() => { throw new Error("stray timer") }, 20);');
    const promise = await ts('void Promise.reject(new Error("stray promise"));');
    for (const [cell, text] of [
      [timer, 'stray timer'],
      [promise, 'stray promise'],
    ] as const) {
      const said = await kernel.find((m) => m.type === 'stream' && String(m.content['text']).includes(text));
      expect(said).toMatchObject({ parentId: cell.id, content: { name: 'stderr' } });
    }
    expect(await value('1 + 1')).toBe('2');
  });
});

describe('language services', () => {
  test('complete and inspect see lab', async () => {
    const text = '%%ts\n/* 😀 */ lab.rec';
    const { reply } = await kernel.request('shell', 'complete_request', { code: text, cursor_pos: [...text].length });
    expect(reply).toMatchObject({ matches: ['records'], cursor_start: [...text].length - 3, cursor_end: [...text].length });
    const inspected = await kernel.request('shell', 'inspect_request', { code: '%%ts\nlab.records', cursor_pos: 12, detail_level: 0 });
    expect(inspected.reply).toMatchObject({ found: true });
    expect(JSON.stringify(inspected.reply['data'])).toContain('readonly OpRecord[]');
  });
});
