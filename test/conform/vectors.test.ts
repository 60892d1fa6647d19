/**
 * Recorded runs of real kernels, those of two postings of the realign patch among them: every
 * operation agrees in every recorded field.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { Conformance, jsonReport, parseScenario, textReport } from '../../conform/index.js';
import { createMachines } from '../../sim/index.js';
import { RECORDED, type Recorded } from './kernels.js';

const vectors = (kernel: string): URL => new URL(`../vectors/${kernel}/`, import.meta.url);

function replay(kernel: string, corpus: string, { model, machine }: Pick<Recorded, 'model' | 'machine'>): Conformance {
  const c = new Conformance(createMachines(), model, machine);
  const text = gunzipSync(readFileSync(new URL(`${corpus}.jsonl.gz`, vectors(kernel)))).toString();
  for (const [i, line] of text.split('\n').entries()) if (line !== '') c.replay(parseScenario(line, i + 1));
  return c;
}

describe.each(Object.entries(RECORDED))('kernel %s', (kernel, recorded) => {
  const corpora = readdirSync(vectors(kernel)).map((f) => f.replace('.jsonl.gz', ''));
  test.each(corpora)('%s', (corpus) => {
    const c = replay(kernel, corpus, recorded);
    expect(c.disagree).toEqual([]);
    expect(c.agree).toBe(c.ops);
    expect(c.ops).toBeGreaterThan(0);
    expect(c.fields.vmas.of).toBeGreaterThanOrEqual(recorded.compared * c.ops);
    expect(c.fields.cnt.of > 0).toBe(recorded.instrumented);
    expect(c.lost).toEqual(LOST[`${kernel}/${corpus}`] ?? []);
  });
});

/** Scenarios that map over the recorded process's own stack, which does not survive it. */
const LOST: Readonly<Record<string, readonly string[]>> = {
  '6.12-arm64-4k-52bit/arm64': ['end48_2', 'end48_mmap_2'],
  '6.12-arm64-16k/arm64': ['end47_1', 'end47_mmap_1'],
  '6.12-arm64-16k-52bit/arm64': ['end47_1', 'end47_mmap_1'],
};

test('every folder of recordings is replayed', () => expect(readdirSync(new URL('../vectors/', import.meta.url)).sort()).toEqual(Object.keys(RECORDED).sort()));

test('what was recorded on another machine does not agree: pages, ends of the address space and levels count', () => {
  for (const kernel of ['6.12-arm64-4k', '6.12-arm64-16k']) expect(replay(kernel, 'arm64', { model: { release: '6.12' } }).agree).toBeLessThan(500);
});

test('the model of another kernel does not agree: the comparison can fail', () => {
  const c = replay('6.12.117', 'linus', { model: { release: '6.1' } });
  expect(c.disagree.map((d) => [d.scenario, d.op, d.field])).toEqual([
    ['linus_stacklike', 3, 'cnt'],
    ['linus_stacklike', 3, 'trace'],
  ]);
  expect(c.agree).toBe(38);
  expect(textReport(c, '6.1')).toMatchSnapshot();
});

test('the JSON report has the agreed shape', () => {
  const c = replay('6.12.117', 'linus', { model: { release: '6.1' } });
  const report = JSON.parse(JSON.stringify(jsonReport(c))) as Record<string, unknown>;
  expect(Object.keys(report)).toEqual(['scenarios', 'ops', 'agree', 'disagree', 'fields']);
  expect((report['disagree'] as object[]).map((d) => Object.keys(d))).toEqual(Array(2).fill(['scenario', 'op', 'field', 'recorded', 'simulated']));
  expect(Object.keys(report['fields'] as object)).toEqual(['ret', 'vmas', 'pages', 'mm', 'cnt', 'trace', 'uffd']);
});

test('a line that is no scenario is refused with its number', () => {
  expect(() => parseScenario('{', 3)).toThrow(/^line 3: /);
  expect(() => parseScenario('{"id":"x"}', 4)).toThrow('line 4: steps: expected a list, found nothing');
});
