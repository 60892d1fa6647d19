import { expect, test } from 'vitest';
import { checkOutputs } from '../../notebook/check-outputs.js';
import type { CellOutput } from '../../notebook/nbformat.js';
import type { NotebookRun } from '../../notebook/run.js';
import { withFingerprint } from '../../notebook/slim.js';
import { code, display, notebook, stdout } from './kit.js';

const VOLATILE: CellOutput = { output_type: 'display_data', data: { 'text/plain': '7 of 9' }, metadata: { mremap_lab: { volatile: true } } };
const error = (...traceback: string[]): CellOutput => ({ output_type: 'error', ename: 'E', evalue: 'v', traceback });

function differences(stored: CellOutput[], fresh: CellOutput[]): string[] {
  const [before, after] = [notebook(code('x', stored)), notebook(code('x', fresh))];
  const run = { notebook: after, cells: [{ index: 0, number: 1 }] } as unknown as NotebookRun;
  return checkOutputs(before, run).map(({ what, output }) => `${output} ${what}`);
}

/** As `--slim` stores it. */
const slim = (spec: object, text = 'a'): CellOutput => withFingerprint(chart(spec, text));
const chart = (spec: object, text = 'a'): Extract<CellOutput, { output_type: 'display_data' }> => ({
  output_type: 'display_data',
  data: { 'text/plain': text, 'image/png': 'AAAA', 'application/vnd.vegalite.v5+json': spec },
  metadata: {},
});

test.each([
  ['a chart that is stored as its fingerprint', [slim({ mark: 'bar', title: 'a' })], [chart({ title: 'a', mark: 'bar' })]],
  ['the bytes of a picture', [display({ 'text/plain': 'a', 'image/png': 'AAAA' })], [display({ 'text/plain': 'a', 'image/png': 'BBBB' })]],
  ['what %time says', [stdout('a\ntime: 12 ms (3 ms of CPU)\n')], [stdout('a\ntime: 1.5 s (1 s of CPU)\n')]],
  ['how far a long run had come', [VOLATILE, stdout('a')], [stdout('a')]],
  ['colours of an error', [error('\u001b[31mE\u001b[0m: v')], [error('E: v')]],
] as const)('%s may differ', (_what, stored, fresh) => {
  expect(differences([...stored], [...fresh])).toEqual([]);
});

test.each([
  ['text', [stdout('a')], [stdout('b')], ['1 stdout']],
  ['a duration that %time did not say', [stdout('moved in 12 ms\n')], [stdout('moved in 13 ms\n')], ['1 stdout']],
  ['a table whose text is the same', [display({ 'text/plain': 'a', 'text/html': '<b>' })], [display({ 'text/plain': 'a', 'text/html': '<i>' })], ['1 text']],
  ['a picture that is not there', [display({ 'text/plain': 'a', 'image/png': 'AAAA' })], [display({ 'text/plain': 'a' })], ['1 text']],
  [
    'a chart',
    [display({ 'text/plain': 'a', 'application/vnd.vegalite.v5+json': { mark: 'bar' } })],
    [display({ 'text/plain': 'a', 'application/vnd.vegalite.v5+json': { mark: 'line' } })],
    ['1 chart'],
  ],
  ['a chart known by its fingerprint', [slim({ mark: 'bar' })], [chart({ mark: 'line' })], ['1 chart']],
  ['the text beside a fingerprint', [slim({ mark: 'bar' })], [chart({ mark: 'bar' }, 'b')], ['1 chart']],
  ['nothing where there was a chart', [slim({ mark: 'bar' })], [display({ 'text/plain': 'a', 'image/png': 'AAAA' })], ['1 chart']],
  ['where an error was', [error('E: v', 'line 1')], [error('E: v', 'line 2')], ['1 error']],
  ['an output too many', [stdout('a')], [stdout('a'), display({ 'text/plain': 'b' })], ['2 text']],
] as const)('%s may not', (_what, stored, fresh, found) => {
  expect(differences([...stored], [...fresh])).toEqual(found);
});
