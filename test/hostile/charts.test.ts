/** Charts of strangers: whatever their specification says, they are drawn or refused, and nobody else notices. */
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { Painter } from '../../kernel/drawing/painter.js';
import { SetupError } from '../../machine/index.js';
import { drawCharts } from '../../notebook/charts.js';
import { renderPage } from '../../notebook/page.js';
import { cleanSpec } from '../../plot/foreign/clean.js';
import { ALLOWED_NAMES } from '../../plot/foreign/names.js';
import { Place } from '../cli/kit.js';
import { TestKernel } from '../kernel/client.js';
import { code, display, notebook } from '../notebook/kit.js';
import { random } from './random.js';

type Json = Record<string, unknown>;

const SCHEMA = 'https://vega.github.io/schema/vega-lite/v5.json';
const MIME = 'application/vnd.vegalite.v5+json';
const x = { field: 'a', type: 'quantitative' };
const bar = (more: Json = {}): Json => ({ $schema: SCHEMA, data: { values: [{ a: 1, b: 'u', h: 'x' }] }, mark: 'bar', encoding: { x }, ...more });

/** What cannot be drawn, or not in time; each crashed or hung something of somebody's. */
const UNDRAWABLE: Readonly<Record<string, unknown>> = {
  'an unknown mark': bar({ mark: 'nosuch' }),
  'a mark that is no text': bar({ mark: { type: 7 } }),
  'no mark at all': { $schema: SCHEMA, a: {} },
  'an expression that ends early': bar({ transform: [{ calculate: '1+', as: 'z' }] }),
  'an expression that names nothing': bar({ transform: [{ filter: 'nosuch(datum)' }] }),
  'data of the network': bar({ data: { url: 'http://127.0.0.1:1/x.json' } }),
  'data of the machine': bar({ data: { url: 'file:///etc/passwd' } }),
  'layers that are none': { $schema: SCHEMA, layer: [null, 3, 'x'] },
  'a chart in a chart, for ever': Array.from({ length: 3000 }).reduce<Json>((inner) => ({ $schema: SCHEMA, vconcat: [inner] }), bar()),
  'ten million rows': bar({ data: { sequence: { start: 0, stop: 1e8 } }, transform: [{ calculate: 'toString(datum.data)', as: 'a' }] }),
  'a list': [],
};

const KERNEL_DRAWS: Readonly<Record<string, unknown>> = {
  links: bar({ encoding: { x, href: { field: 'h' } } }),
  'a link on the mark': bar({ mark: { type: 'bar', href: 'javascript:alert(1)' } }),
  'pictures of the network': bar({ mark: { type: 'image', url: 'http://127.0.0.1:1/x.png' } }),
  'options for the page': bar({ usermeta: { embedOptions: { bind: 'body', renderer: 'canvas', loader: { http: true } } } }),
  'an input that is a picture': bar({ params: [{ name: 'p', value: 1, bind: { input: 'image', src: 'http://127.0.0.1:1/', element: 'body' } }] }),
};

const painter = new Painter(3);
afterAll(() => painter.close());

describe('a chart that cannot be drawn', () => {
  test.each(Object.entries(UNDRAWABLE))('is refused, and the next is drawn: %s', async (_, spec) => {
    await expect(painter.draw(spec as object, { foreign: true })).rejects.toBeInstanceOf(SetupError);
    expect(await painter.draw(bar(), { foreign: true })).toMatch(/^<svg/);
  });

  test('is given up when its cell is', async () => {
    const controller = new AbortController();
    const slow = painter.draw(UNDRAWABLE['ten million rows'] as object, { foreign: true, signal: controller.signal });
    setTimeout(() => controller.abort(new Error('given up')), 100);
    await expect(slow).rejects.toThrow('given up');
    expect(await painter.draw(bar(), { foreign: true })).toMatch(/^<svg/);
  });

  test('leaves a page with what is stored beside it', async () => {
    const cells = Object.values(UNDRAWABLE)
      .filter((spec) => !Array.isArray(spec))
      .slice(0, 6)
      .map((spec) => code('x', [display({ [MIME]: spec, 'text/plain': 'stored <text>' })]));
    const book = notebook(...cells, code('x', [display({ [MIME]: bar(), 'text/plain': 't' })]));
    const { charts, undrawn } = await drawCharts(book);
    expect(charts.size).toBe(1);
    expect(undrawn.map(({ cell }) => cell)).toEqual(cells.map((_, i) => i + 1));
    const page = renderPage(book, { fallbackTitle: 't', charts, loadImage: () => undefined });
    expect(page.split('stored &lt;text&gt;').length - 1).toBe(cells.length);
  });

  test('costs no other notebook its page', async () => {
    const place = new Place();
    const bad = Object.values(UNDRAWABLE).slice(0, 2);
    const books = bad.map((spec, i) => place.notebook(`bad-${i}.ipynb`, code('x', [display({ [MIME]: spec, 'text/plain': 't' })], 'skip'), code('print 1')));
    const good = place.notebook('good.ipynb', code('print 2'));
    const { status, stdout, stderr } = await place.run(['run', ...books, good, '--out', 'out']);
    expect(stderr).toBe('');
    expect(status).toBe(0);
    expect(stdout.match(/warning\[chart-not-drawn\]: output 1 of cell 1 of the file: the chart cannot be drawn: /g)).toHaveLength(bad.length);
    expect(readdirSync(place.path('out')).filter((file) => file.endsWith('.html'))).toHaveLength(bad.length + 2);
  });

  test('is an error of its cell in a notebook, and the next cell runs', async () => {
    const kernel = await TestKernel.start();
    try {
      for (const spec of [...Object.values(UNDRAWABLE).slice(1, 6), { ...bar(), encoding: null, mark: null }, { layer: 'x', $schema: SCHEMA }]) {
        const { reply } = await kernel.execute(`%%ts\n(${JSON.stringify(spec)})`);
        expect(reply).toMatchObject({ status: 'error', ename: 'SetupError' });
      }
      for (const spec of Object.values(KERNEL_DRAWS)) expect((await kernel.execute(`%%ts\n(${JSON.stringify(spec)})`)).reply['status']).toBe('ok');
      const { reply } = await kernel.execute(`%%ts\nlab.display(${JSON.stringify(bar({ mark: 'nosuch' }))})`);
      expect(reply['status']).toBe('error');
      expect((await kernel.execute('print 1')).reply['status']).toBe('ok');
    } finally {
      await kernel.stop();
    }
  });
});

/** Something of a specification replaced by what nobody expects there. */
function mutated(spec: unknown, next: () => number): unknown {
  const odd = [
    null,
    0,
    -1,
    NaN,
    1e308,
    '',
    'nosuch',
    'datum.',
    '\u0000',
    [],
    {},
    [[]],
    { field: null },
    { expr: 'width*' },
    { signal: 'x' },
    true,
    'url(#x)',
    '1970',
    ['a', null],
    { $ref: '#' },
  ];
  const pick = <T>(from: readonly T[]): T => from[Math.floor(next() * from.length)] as T;
  if (typeof spec !== 'object' || spec === null || next() < 0.2) return pick(odd);
  const key = pick(Object.keys(spec));
  if (key === undefined) return pick(odd);
  const copy = (Array.isArray(spec) ? [...spec] : { ...spec }) as Json;
  if (next() < 0.1) copy[pick(['mark', 'encoding', 'transform', 'layer', 'data', 'params', 'href', 'usermeta', 'repeat', 'facet', 'resolve', 'width'])] = pick(odd);
  else copy[key] = mutated((spec as Json)[key], next);
  return copy;
}

test('three hundred charts with something wrong in them are drawn or refused, each in its time', async () => {
  const { next, seed } = random();
  const bases = [
    bar(),
    bar({ encoding: { x, y: { aggregate: 'count' }, color: { field: 'b', type: 'nominal' }, tooltip: [x] }, width: 300 }),
    bar({ transform: [{ calculate: 'datum.a + 1', as: 'c' }, { filter: 'datum.c > 0' }], params: [{ name: 'p', value: 1, bind: { input: 'range', min: 0 } }] }),
    {
      $schema: SCHEMA,
      data: { values: [{ a: 1 }] },
      hconcat: [{ mark: 'point', encoding: { x } }, { layer: [{ mark: 'line', encoding: { x, y: x } }] }],
      config: { axis: { grid: false } },
    },
  ];
  const faults: string[] = [];
  for (let i = 0; i < 300; i++) {
    let spec: unknown = bases[i % bases.length];
    for (let n = 0; n < 1 + (i % 3); n++) spec = mutated(spec, next);
    await painter.draw(spec as object, { foreign: true }).catch((error: unknown) => {
      if (!(error instanceof SetupError)) faults.push(`seed ${seed}: ${JSON.stringify(spec)}: ${String(error)}`);
    });
  }
  expect(faults).toEqual([]);
});

describe('what is allowed in a specification', () => {
  const cleaned = (more: Json): Json => cleanSpec(bar(more)) as unknown as Json;

  test('is all that charts of ours use', () => {
    const dir = fileURLToPath(new URL('../plot/snapshots/', import.meta.url));
    const specs = readdirSync(dir).filter((file) => file.endsWith('.json'));
    expect(specs.length).toBeGreaterThan(20);
    for (const file of specs) {
      const spec = JSON.parse(readFileSync(dir + file, 'utf8')) as unknown;
      expect(cleanSpec(spec), file).toEqual(spec);
    }
  });

  test('has the names of the schema, but for those that lead out of the chart', () => {
    const schema = createRequire(import.meta.url)('vega-lite/vega-lite-schema.json') as unknown;
    const names = new Set<string>();
    const collect = (part: unknown): void => {
      if (typeof part !== 'object' || part === null) return;
      const { properties } = part as { properties?: unknown };
      if (typeof properties === 'object' && properties !== null && !Array.isArray(part)) for (const name of Object.keys(properties)) names.add(name);
      for (const inner of Object.values(part)) collect(inner);
    };
    collect(schema);
    const left = [...names].filter((name) => !ALLOWED_NAMES.has(name)).sort();
    expect(left).toEqual(['$ref', 'bind', 'cursor', 'element', 'href', 'image', 'url', 'usermeta']);
    expect([...ALLOWED_NAMES].filter((name) => !names.has(name))).toEqual([]);
  });

  test('no options for whoever embeds it', () => expect(cleaned({ usermeta: { embedOptions: { bind: 'body' } }, nosuch: 1 })).toEqual(bar()));
  test('no links, whatever they hang on', () => {
    const config = { bar: { href: 'javascript:1', cursor: 'url(http://x)' }, image: { url: 'x' } };
    expect(cleaned({ mark: { type: 'bar', href: 'x', url: 'y' }, encoding: { x, href: { value: 'x' }, url: { value: 'x' } }, config })).toEqual({
      ...bar({ mark: { type: 'bar' } }),
      config: { bar: {} },
    });
  });
  test('no paint that is elsewhere', () => expect(cleaned({ background: 'URL(http://x/#a)' })['background']).toBe(''));
  test('rows and texts as they are', () => {
    const data = { values: [{ url: 'x', href: 'y', usermeta: { bind: 1 } }] };
    expect(cleaned({ data, title: { text: 'url(x)' } })).toMatchObject({ data, title: { text: 'url(x)' } });
  });
  test.each([
    [
      { input: 'range', min: 0, max: 3, element: 'body', onclick: 'x' },
      { input: 'range', min: 0, max: 3 },
    ],
    [{ input: 'image', src: 'http://x' }, undefined],
    [
      { input: 'select', options: [1, 2], labels: ['a', { b: 1 }] },
      { input: 'select', options: [1, 2] },
    ],
    [{ element: '#in-1', event: 'click' }, {}],
    [{ a: { input: 'text', src: 'x' }, element: 'body' }, { a: { input: 'text' } }],
    ['scales', 'scales'],
    ['body', undefined],
  ])('of an input element only its settings: %j', (bind, left) => {
    expect((cleaned({ params: [{ name: 'p', bind }] })['params'] as Json[])[0]?.['bind']).toEqual(left);
  });
});
