/**
 * Recorded runs of real kernels, those of two postings of the realign patch among them: every
 * operation agrees in every recorded field.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { Conformance, jsonReport, parseScenario, textReport } from '../../conform/index.js';
import type { ModelSpec } from '../../machine/index.js';
import { createMachines } from '../../sim/index.js';

const KERNELS: [string, ModelSpec][] = [
  ['6.1.192', { release: '6.1' }],
  ['6.12.117', { release: '6.12' }],
  ['6.12.117-norealign', { release: '6.12', behaviours: { realign: 'none' } }],
  ['6.12.117-v2', { release: '6.12', behaviours: { realign: 'v2' } }],
  ['6.12.117-v3', { release: '6.12', behaviours: { realign: 'v3' } }],
  ['6.18.44', { release: '6.18' }],
  // Programs of our own (docs/recording.md), recorded on 6.18.44.
  ['6.18-live', { release: '6.18' }],
];

const vectors = (kernel: string): URL => new URL(`../vectors/${kernel}/`, import.meta.url);

function replay(kernel: string, corpus: string, model: ModelSpec): Conformance {
  const c = new Conformance(createMachines(), model);
  const text = gunzipSync(readFileSync(new URL(`${corpus}.jsonl.gz`, vectors(kernel)))).toString();
  for (const [i, line] of text.split('\n').entries()) if (line !== '') c.replay(parseScenario(line, i + 1));
  return c;
}

describe.each(KERNELS)('kernel %s', (kernel, model) => {
  const corpora = readdirSync(vectors(kernel)).map((f) => f.replace('.jsonl.gz', ''));
  test.each(corpora)('%s', (corpus) => {
    const c = replay(kernel, corpus, model);
    expect(c.disagree).toEqual([]);
    expect(c.agree).toBe(c.ops);
    expect(c.ops).toBeGreaterThan(0);
    // A step that uses the result of a failed one is skipped, and leaves nothing to compare.
    expect(c.fields.vmas.of).toBeGreaterThan(kernel === '6.18-live' ? 0.9 * c.ops : c.ops - 1);
    // Stock kernels count nothing.
    expect(c.fields.cnt.of > 0).toBe(!kernel.startsWith('6.18'));
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
