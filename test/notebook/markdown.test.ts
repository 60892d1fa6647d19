import { describe, expect, it } from 'vitest';
import { Markdown } from '../../notebook/markdown.js';

const render = (source: string, load: (path: string) => string | undefined = () => undefined): string => new Markdown(load).render(source);

describe('markdown', () => {
  it('lets no HTML and no script link through', () => {
    expect(render('<script>alert(1)</script>')).not.toContain('<script');
    expect(render('<img src=x onerror=alert(1)>')).not.toContain('<img');
    expect(render('[a](javascript:alert(1))')).not.toContain('<a');
  });

  it('takes pictures in, and names those it may not load', () => {
    expect(render('![a](fig%201.png)', (path) => `data:image/png;base64,${path}`)).toContain('src="data:image/png;base64,fig 1.png"');
    expect(render('![a](https://example.org/a.png)')).toBe('<p><a href="https://example.org/a.png" rel="noopener noreferrer">a</a></p>\n');
    const attached = new Markdown(() => undefined).render('![a](attachment:b.png)', { 'b.png': { 'image/png': 'AA\nBB' } });
    expect(attached).toContain('src="data:image/png;base64,AABB"');
  });

  it('leads from page to page', () => {
    expect(render('[next](02-next.ipynb#end)')).toContain('href="02-next.html#end"');
    expect(render('[file](https://example.org/a.ipynb)')).toContain('href="https://example.org/a.ipynb"');
  });

  it('gives headings anchors that are unique', () => {
    const markdown = new Markdown(() => undefined);
    expect(markdown.render('# A *b* `c`!\n## Ü\n## Ü')).toMatch(/id="a-b-c".*id="ü".*id="ü-1"/s);
    expect(markdown.headings).toEqual([
      { level: 1, text: 'A b c!', id: 'a-b-c' },
      { level: 2, text: 'Ü', id: 'ü' },
      { level: 2, text: 'Ü', id: 'ü-1' },
    ]);
  });
});
