import { PNG } from 'pngjs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { only, TestKernel, type Answer } from './client.js';

let kernel: TestKernel;
beforeAll(async () => {
  kernel = await TestKernel.start();
});
afterAll(() => kernel.stop());

const VEGA_LITE = 'application/vnd.vegalite.v5+json';
const MOVE = `let old = 1G, new = 2G
mmap(old, 4M, PROT_READ|PROT_WRITE, MAP_ANONYMOUS|MAP_PRIVATE|MAP_FIXED, -1, 0) = old
memset(old, 0xff, 4M)
m = mremap(old, 4M, 4M, MREMAP_MAYMOVE|MREMAP_FIXED, new)
`;

type Data = Record<string, unknown>;
const shown = (answer: Answer): { data: Data; metadata: Data } => only(answer, 'display_data') as { data: Data; metadata: Data };

function expectChart({ data, metadata }: { data: Data; metadata: Data }): void {
  expect(Object.keys(data).sort()).toEqual([VEGA_LITE, 'image/png', 'text/plain'].sort());
  expect(data[VEGA_LITE]).toMatchObject({ $schema: 'https://vega.github.io/schema/vega-lite/v5.json' });
  const { width, height } = PNG.sync.read(Buffer.from(String(data['image/png']), 'base64'));
  const at1x = metadata['image/png'] as { width: number; height: number };
  expect(Math.abs(width - 2 * at1x.width)).toBeLessThanOrEqual(1);
  expect(Math.abs(height - 2 * at1x.height)).toBeLessThanOrEqual(1);
  expect(width).toBeGreaterThan(100);
  expect(String(data['text/plain']).trim()).not.toBe('');
}

describe('show moves', () => {
  test('is a chart: Vega-Lite, PNG and text, and no more', async () => {
    expectChart(shown(await kernel.execute(`${MOVE}show moves m`)));
  });

  test('draws text with the bundled font', async () => {
    const { data } = shown(await kernel.execute(`${MOVE}show moves m`));
    const { data: pixels } = PNG.sync.read(Buffer.from(String(data['image/png']), 'base64'));
    const colours = new Set<number>();
    for (let i = 0; i < pixels.length; i += 4) colours.add(pixels.readUInt32BE(i));
    expect(colours.size).toBeGreaterThan(20);
  });

  test('keeps its place among the other outputs', async () => {
    const { iopub } = await kernel.execute(`${MOVE}print "before"\nshow moves m\nprint "after"\n6 * 7`);
    expect(iopub.map((m) => m.type).slice(2, -1)).toEqual(['stream', 'display_data', 'stream', 'execute_result']);
  });
});

test('a view without a chart is text and a table', async () => {
  const { data } = shown(await kernel.execute(`${MOVE}show diff m`));
  expect(Object.keys(data).sort()).toEqual(['text/html', 'text/plain']);
});

test('a refused call says why and is no error', async () => {
  const answer = await kernel.execute('r = mremap(0x1000, 4096, 4096, MREMAP_FIXED, 0x10000)');
  expect(answer.reply['status']).toBe('ok');
  const { data } = shown(answer);
  expect(Object.keys(data)).toEqual(['text/plain']);
  expect(data['text/plain']).toContain('EINVAL');
});

describe('a Vega-Lite specification built by hand', () => {
  const spec =
    '{ mark: "bar", data: { values: lab.records.map((r, i) => ({ i, pte: r.moved.pte })) }, encoding: { x: { field: "i", type: "ordinal" }, y: { field: "pte", type: "quantitative" } } }';

  test('is drawn as the last expression', async () => {
    const answer = await kernel.execute(`%%ts\n(${spec})`);
    expectChart(only(answer, 'execute_result') as { data: Data; metadata: Data });
  });
  test('is drawn by lab.display', async () => {
    expectChart(shown(await kernel.execute(`%%ts\nlab.display(${spec})`)));
  });
  test('fails as the cell where it makes no sense', async () => {
    const answer = await kernel.execute('%%ts\n({ $schema: "https://vega.github.io/schema/vega-lite/v5.json", mark: 7, data: { values: 3 } })');
    expect(only(answer, 'error')).toMatchObject({ evalue: expect.any(String) });
  });
});
