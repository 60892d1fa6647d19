/**
 * Recorded runs of real kernels. The private and shared anonymous cases of Linus Torvalds' test
 * agree in every recorded field; of the larger corpora, every scenario agrees up to the first
 * operation that the model does not have.
 */
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { Conformance, jsonReport, parseScenario, textReport } from '../../conform/index.js';
import type { ModelSpec } from '../../machine/index.js';
import { createMachines } from '../../sim/index.js';

const KERNELS: [string, ModelSpec][] = [
  ['6.1.192', { release: '6.1' }],
  ['6.12.117', { release: '6.12' }],
  ['6.12.117-norealign', { release: '6.12', behaviours: { realign: 'none' } }],
  ['6.18.44', { release: '6.18' }],
];
const CORPORA = ['selftest_mremap', 'fuzz_align', 'fuzz_align_pud', 'errno_matrix'];

function replay(kernel: string, corpus: string, model: ModelSpec): Conformance {
  const c = new Conformance(createMachines(), model);
  const text = gunzipSync(readFileSync(new URL(`../vectors/${kernel}/${corpus}.jsonl.gz`, import.meta.url))).toString();
  for (const [i, line] of text.split('\n').entries()) if (line !== '') c.replay(parseScenario(line, i + 1));
  return c;
}

describe.each(KERNELS)('kernel %s', (kernel, model) => {
  test('the linus recordings agree in every field', () => {
    const c = replay(kernel, 'linus', model);
    expect(c.disagree).toEqual([]);
    expect([c.scenarios, c.ops, c.agree]).toEqual([10, 39, 39]);
    expect(c.fields.vmas.of).toBe(39);
    if (kernel !== '6.18.44') expect([c.fields.cnt.of, c.fields.trace.of]).toEqual([15, 14]);
  });
});

describe.each(KERNELS.filter(([k]) => !k.includes('-')))('kernel %s', (kernel, model) => {
  test.each(CORPORA)('%s agrees wherever the model has the operations', (corpus) => {
    const c = replay(kernel, corpus, model);
    const firsts = new Map<string, (typeof c.disagree)[number]>();
    for (const d of c.disagree) if (!firsts.has(d.scenario)) firsts.set(d.scenario, d);
    expect([...firsts.values()].filter((d) => d.unsupported === undefined)).toEqual([]);
    expect(c.agree / c.ops).toBeGreaterThan(0.75);
  });
});

test('the model of another kernel does not agree: the comparison can fail', () => {
  const c = replay('6.12.117', 'linus', { release: '6.1' });
  expect(c.disagree.map((d) => [d.scenario, d.op, d.field])).toEqual([
    ['linus_stacklike', 3, 'cnt'],
    ['linus_stacklike', 3, 'trace'],
  ]);
  expect(c.agree).toBe(38);
  expect(textReport(c, '6.1')).toMatchSnapshot();
});

test('the JSON report has the agreed shape', () => {
  const c = replay('6.12.117', 'linus', { release: '6.1' });
  const report = JSON.parse(JSON.stringify(jsonReport(c))) as Record<string, unknown>;
  expect(Object.keys(report)).toEqual(['scenarios', 'ops', 'agree', 'disagree', 'fields']);
  expect((report['disagree'] as object[]).map((d) => Object.keys(d))).toEqual(Array(2).fill(['scenario', 'op', 'field', 'recorded', 'simulated']));
  expect(Object.keys(report['fields'] as object)).toEqual(['ret', 'vmas', 'pages', 'mm', 'cnt', 'trace', 'uffd']);
});

test('a line that is no scenario is refused with its number', () => {
  expect(() => parseScenario('{', 3)).toThrow(/^line 3: /);
  expect(() => parseScenario('{"id":"x"}', 4)).toThrow('line 4: not a recorded scenario');
});
