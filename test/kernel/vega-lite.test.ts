import { expect, test } from 'vitest';
import { chartSummary, isVegaLite, toVegaLite } from '../../kernel/cells/vega-lite.js';

const bar = { mark: 'bar', data: { values: [{ a: 1 }, { a: 2 }] }, encoding: { x: { field: 'a' }, y: { aggregate: 'count' } } };

test('recognises specifications and nothing else', () => {
  for (const spec of [bar, { $schema: 'https://vega.github.io/schema/vega-lite/v6.json' }, { layer: [] }, { data: {}, vconcat: [] }, { repeat: ['a'], spec: bar }]) {
    expect(isVegaLite(spec)).toBe(true);
  }
  for (const value of [null, 3, 'bar', [bar], {}, { mark: 'bar' }, { layer: 'x' }, { $schema: 'https://vega.github.io/schema/vega/v5.json', mark: 'bar', data: {} }]) {
    expect(isVegaLite(value)).toBe(false);
  }
});

test('is plain JSON with the schema front ends know; addresses stay exact', () => {
  const spec = toVegaLite({ ...bar, data: { values: [{ a: 4096n, b: 0xffff_ffff_ffff_f001n }] } });
  expect(spec).toMatchObject({ $schema: 'https://vega.github.io/schema/vega-lite/v5.json', data: { values: [{ a: 4096, b: '0xfffffffffffff001' }] } });
});

test('says in a line what it shows', () => {
  expect(chartSummary({ ...bar, title: 'Moves' })).toBe('Vega-Lite chart "Moves": bar of 2 rows, x=a');
  expect(chartSummary({ layer: [] })).toBe('Vega-Lite chart: layer');
});
