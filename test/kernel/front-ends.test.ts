/**
 * What front ends draw of what this kernel displays. The orders are those of their own sources; a type that is not
 * among them is not drawn.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { TestKernel } from './client.js';

const VEGA_LITE = 'application/vnd.vegalite.v5+json';

interface FrontEnd {
  /** First the best. */
  readonly order: readonly string[];
}

const FRONT_ENDS: Readonly<Record<string, FrontEnd>> = {
  // packages/rendermime/src/factories.ts: html 50, markdown 60, latex 70, svg 80, images 90, javascript 110, text 120;
  // packages/vega5-extension/src/index.ts: Vega-Lite 3 to 5 at 57. Notebook 7 is made of the same packages.
  'JupyterLab 4 and Notebook 7': { order: ['text/html', VEGA_LITE, 'text/markdown', 'text/latex', 'image/svg+xml', 'image/png', 'application/javascript', 'text/plain'] },
  // extensions/ipynb/src/deserializers.ts, orderOfMimeTypes. Its notebook renderers draw Vega-Lite 3 to 5.
  'VS Code': {
    order: [
      VEGA_LITE,
      'text/html',
      'application/javascript',
      'image/gif',
      'text/latex',
      'text/markdown',
      'image/png',
      'image/svg+xml',
      'image/jpeg',
      'application/json',
      'text/plain',
    ],
  },
  // notebook/static/notebook/js/outputarea.js, OutputArea.display_order
  'classic Notebook 6': {
    order: ['application/javascript', 'text/html', 'text/markdown', 'text/latex', 'image/svg+xml', 'image/png', 'image/jpeg', 'image/gif', 'application/pdf', 'text/plain'],
  },
  // nbconvert/exporters/html.py, display_data_priority; nbviewer and GitHub make static pages in the same way.
  'nbconvert, nbviewer and GitHub': {
    order: [
      'application/vnd.jupyter.widget-view+json',
      'application/javascript',
      'text/html',
      'text/markdown',
      'image/svg+xml',
      'text/latex',
      'image/png',
      'image/jpeg',
      'text/plain',
    ],
  },
  // jupyter_console shows text.
  'a terminal': { order: ['text/plain'] },
};

const drawn = ({ order }: FrontEnd, types: readonly string[]): string | undefined => order.find((type) => types.includes(type));

const MOVE = 'mmap(1G, 4M, rw, anon|private|fixed)\ntouch(1G, 4M)\nm = mremap(1G, 4M, 4M, maymove|fixed, 2G)\n';

/** What each shows, in the order of the table above. */
const DISPLAYS: Readonly<Record<string, { readonly code: string; readonly drawn: readonly string[] }>> = {
  'show moves': { code: `${MOVE}show moves m`, drawn: [VEGA_LITE, VEGA_LITE, 'image/png', 'image/png', 'text/plain'] },
  'show maps': { code: `${MOVE}show maps m`, drawn: [VEGA_LITE, VEGA_LITE, 'image/png', 'image/png', 'text/plain'] },
  'a plot': { code: 'sweep n in 1..9 { yield n * n }\nplot x=n y="n * n"', drawn: [VEGA_LITE, VEGA_LITE, 'image/png', 'image/png', 'text/plain'] },
  'a specification from %%ts': {
    code: '%%ts\n({ mark: "bar", data: { values: [{ a: 1 }] }, encoding: { x: { field: "a" } } })',
    drawn: [VEGA_LITE, VEGA_LITE, 'image/png', 'image/png', 'text/plain'],
  },
  'show steps': { code: `${MOVE}show steps m`, drawn: [VEGA_LITE, VEGA_LITE, 'image/png', 'image/png', 'text/plain'] },
  'a sweep': { code: 'sweep n in 1..3 { yield n }', drawn: ['text/html', 'text/html', 'text/html', 'text/html', 'text/plain'] },
  'a table': { code: 'sweep n in 1..3 { yield n }\nit', drawn: ['text/html', 'text/html', 'text/html', 'text/html', 'text/plain'] },
  'a number': { code: '6 * 7', drawn: ['text/plain', 'text/plain', 'text/plain', 'text/plain', 'text/plain'] },
  'a call': { code: MOVE.trimEnd(), drawn: [] },
  'a value from %%ts': { code: '%%ts\n({ a: [1, 2] })', drawn: ['text/plain', 'text/plain', 'text/plain', 'text/plain', 'text/plain'] },
};

let kernel: TestKernel;
beforeAll(async () => {
  kernel = await TestKernel.start();
});
afterAll(() => kernel.stop());

describe.each(Object.entries(DISPLAYS))('%s', (_name, { code, drawn: expected }) => {
  test('is drawn as it should be everywhere', async () => {
    const answer = await kernel.execute(code);
    expect(answer.reply['status']).toBe('ok');
    const shown = answer.iopub.filter((m) => m.type === 'display_data' || m.type === 'execute_result').at(-1);
    if (expected.length === 0) return expect(shown).toBeUndefined();
    const data = shown?.content['data'] as Record<string, unknown>;
    const types = Object.keys(data);
    expect(Object.values(FRONT_ENDS).map((frontEnd) => drawn(frontEnd, types))).toEqual(expected);
    // A terminal's share is a real one.
    expect(String(data['text/plain']).trim()).not.toBe('');
    // Every family that VS Code puts first has to be one that it can draw.
    for (const type of types) if (type.startsWith('application/vnd.')) expect(type).toBe(VEGA_LITE);
    // An SVG comes out blank in nbconvert's pages.
    expect(types).not.toContain('image/svg+xml');
    if (types.includes(VEGA_LITE)) expect(types.sort()).toEqual([VEGA_LITE, 'image/png', 'text/plain'].sort());
  });
});
