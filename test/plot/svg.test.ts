import { describe, expect, test } from 'vitest';
import { SetupError } from '../../machine/index.js';
import { specToSvg, type VegaLiteSpec } from '../../plot/index.js';

const bar = (data: object, mark: object = { type: 'bar' }): VegaLiteSpec =>
  ({ $schema: 'https://vega.github.io/schema/vega-lite/v5.json', data, mark, encoding: { x: { field: 'url', type: 'nominal' } } }) as unknown as VegaLiteSpec;

describe('a specification that wants something loaded', () => {
  test.each([
    ['data', bar({ url: 'https://example.org/moves.csv' })],
    ['data in a file', bar({ url: 'file:///etc/passwd' })],
    ['data of a layer', { layer: [{ ...bar({ url: '/moves.csv' }) }] } as unknown as VegaLiteSpec],
    ['data of a lookup', { ...bar({ values: [] }), transform: [{ lookup: 'a', from: { data: { url: 'b.json' }, key: 'a' } }] } as unknown as VegaLiteSpec],
    ['an image', bar({ values: [{}] }, { type: 'image', url: 'https://example.org/cat.png' })],
  ])('is refused: %s', async (_, spec) => {
    const refused = await specToSvg(spec).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(SetupError);
    expect((refused as SetupError).message).toMatch(/the chart wants to load .*, and charts are drawn without a network/);
    expect((refused as SetupError).hint).toContain('`values`');
  });

  test('is not refused for a column called url, and loads no image that its rows name', async () => {
    expect(await specToSvg(bar({ values: [{ url: 'https://example.org/' }] }))).toContain('<svg');
    const image = { ...bar({ values: [{ a: 'https://example.org/cat.png' }] }, { type: 'image', width: 9, height: 9 }), encoding: { url: { field: 'a', type: 'nominal' } } };
    expect(await specToSvg(image as unknown as VegaLiteSpec)).not.toMatch(/href="http/);
  });
});
