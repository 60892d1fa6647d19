import { expect, test } from 'vitest';
import { injectParameters } from '../../notebook/parameters.js';
import { code, markdown, notebook } from './kit.js';

const LEN = [{ name: 'len', value: '4M' }];
const sources = (of: ReturnType<typeof notebook>): string[] => of.cells.map((cell) => cell.source);

test('go behind the cell tagged parameters', () => {
  const given = notebook(markdown('# Title'), code('let len = 2M', [], 'parameters'), code('print len'));
  const injected = injectParameters(given, [...LEN, { name: 'n', value: '3' }]);
  expect(sources(injected)).toEqual(['# Title', 'let len = 2M', '# Parameters\nlet len = 4M\nlet n = 3', 'print len']);
  expect(injected.cells[2]).toMatchObject({ cell_type: 'code', id: 'injected-parameters', metadata: { tags: ['injected-parameters'] }, execution_count: null, outputs: [] });
  expect(sources(given)).toHaveLength(3);
});

test('go first where no cell is tagged, and nowhere where there are none', () => {
  const given = notebook(code('print len'));
  expect(sources(injectParameters(given, LEN))).toEqual(['# Parameters\nlet len = 4M', 'print len']);
  expect(injectParameters(given, [])).toBe(given);
});

test('replace those of an earlier run', () => {
  const once = injectParameters(notebook(code('let len = 2M', [], 'parameters'), code('print len')), LEN);
  const twice = injectParameters(once, [{ name: 'len', value: '8M' }]);
  expect(sources(twice)).toEqual(['let len = 2M', '# Parameters\nlet len = 8M', 'print len']);
  expect(twice.cells.map(({ id }) => id)).toEqual(once.cells.map(({ id }) => id));
});

test('are TypeScript behind a cell in TypeScript', () => {
  expect(sources(injectParameters(notebook(code('%%ts\nlet n = 1', [], 'parameters')), [{ name: 'n', value: '[1, 2]' }]))[1]).toBe('%%ts\n// Parameters\nlet n = [1, 2]');
});

test('have no id in formats that know none, and one of their own in those that do', () => {
  const old = { ...notebook(code('1')), nbformat_minor: 4 };
  expect(injectParameters(old, LEN).cells[0]).not.toHaveProperty('id');
  const taken = { ...notebook(), cells: [{ ...code('1'), id: 'injected-parameters' }] };
  expect(injectParameters(taken, LEN).cells[0]?.id).toBe('injected-parameters-2');
});
