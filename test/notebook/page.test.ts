import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { drawCharts } from '../../notebook/charts.js';
import type { Notebook } from '../../notebook/nbformat.js';
import { renderPage } from '../../notebook/page.js';
import { code, display, markdown, notebook, stdout } from './kit.js';

const BAD = '</script><script>alert(1)</script><img src=x onerror=alert(1)>"\'&';

async function page(book: Notebook): Promise<string> {
  return renderPage(book, { fallbackTitle: 'fallback <b>', charts: (await drawCharts(book)).charts, loadImage: () => undefined });
}

const bars = (title: string): Record<string, unknown> => ({
  $schema: 'https://vega.github.io/schema/vega-lite/v5.json',
  title,
  data: { values: [{ a: BAD, b: 1 }] },
  mark: 'bar',
  encoding: { x: { field: 'a' }, y: { field: 'b', type: 'quantitative' } },
});

const chart = (title: string) => display({ 'application/vnd.vegalite.v5+json': bars(title), 'image/png': 'AAAA', 'text/plain': BAD });

describe('a page', () => {
  it('lets nothing out of its place, wherever it stands', async () => {
    const error = { output_type: 'error', ename: BAD, evalue: BAD, traceback: [] } as const;
    const html = await page(
      notebook(
        markdown(`# ${BAD}\n\n${BAD}`),
        { cell_type: 'raw', metadata: {}, source: BAD },
        code(`print "${BAD}" # ${BAD}`, [
          stdout(BAD),
          error,
          { ...error, traceback: [BAD] },
          display({ 'text/html': BAD, 'text/plain': BAD }),
          display({ 'text/html': BAD }),
          display({ 'text/markdown': BAD }),
          display({ 'image/png': `AA" onerror="alert(1)`, 'text/plain': BAD }),
          display({ 'application/json': { [BAD]: BAD } }),
          chart(BAD),
        ]),
      ),
    );
    // One script runs, ours; one holds the chart's data.
    expect(html.match(/<script/g)).toHaveLength(2);
    expect(html.match(/<\/script/g)).toHaveLength(2);
    expect(html).not.toContain('<img src=x');
    expect(html).not.toMatch(/<img(?: \w+="[^"]*")* onerror=/);
  });

  it('lets the browser run its own script only, and load nothing', async () => {
    const html = await page(notebook(code('1', [chart('t')])));
    const script = /<script>([^]*?)<\/script>/.exec(html)?.[1] ?? '';
    const hash = createHash('sha256').update(script).digest('base64');
    expect(html).toContain(`content="default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'sha256-${hash}'"`);
    expect(await page(notebook(code('1')))).toContain("script-src 'none'");
  });

  it('carries every chart as a picture with what it is about, and no script where there is no chart', async () => {
    const html = await page(notebook(code('1', [chart('first'), chart('second')])));
    expect([...html.matchAll(/<img src="data:image\/svg\+xml;base64,[\w+/=]+" alt="(\w+)">/g)].map((m) => m[1])).toEqual(['first', 'second']);
    expect(await page(notebook(code('1', [stdout('x')])))).not.toContain('<script');
  });

  it('keeps the lines of code, and numbers what ran', async () => {
    const html = await page(notebook(code('if = 1\n\n\tb  = 2', [stdout('')]), code('not run')));
    expect(html).toContain('<span class="tok-keyword">if</span> = <span class="tok-number">1</span>\n\n\tb  = ');
    expect(html).toContain('id="in-1"');
    expect(html.match(/<section class="cell"/g)).toHaveLength(2);
  });

  it('is called after its first heading, or its file', async () => {
    expect(await page(notebook(markdown('text\n\n# A *title*')))).toContain('<title>A title</title>');
    expect(await page(notebook(markdown('text')))).toContain('<title>fallback &lt;b&gt;</title>');
  });

  it('has a table of contents when it is long', async () => {
    expect(await page(notebook(markdown('# a\n## b\n## c')))).not.toContain('<nav');
    expect(await page(notebook(markdown('# a\n## b\n## c\n### d\n#### e')))).toMatch(/<nav[^]*href="#d">d<[^]*<\/nav>/);
  });

  it('is the same for the same notebook', async () => {
    const book = notebook(markdown('# a'), code('1', [chart('t')]));
    expect(await page(book)).toBe(await page(book));
  });
});
