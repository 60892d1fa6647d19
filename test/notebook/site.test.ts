import { describe, expect, it } from 'vitest';
import { openingOf } from '../../notebook/opening.js';
import { renderSite } from '../../notebook/site.js';
import { code, markdown, notebook } from './kit.js';

describe('how a notebook opens', () => {
  it('is its first heading and its first paragraph, without their marks', () => {
    const book = notebook(code('1'), markdown('# The `brk` call, explained\n\nIt moves *one* [address](https://example.org)\nup or down.\n\nMore.'), markdown('# Another'));
    expect(openingOf(book, 'file')).toEqual({ title: 'The brk call, explained', summary: 'It moves one address up or down.' });
  });

  it('is the name of the file where there is no heading', () => {
    expect(openingOf(notebook(code('1')), 'file')).toEqual({ title: 'file', summary: '' });
  });
});

describe('the page that leads to several', () => {
  const entry = { title: 'a <b>', summary: '"c" & d', page: 'x y&z.html', thumbnail: '<svg xmlns="http://www.w3.org/2000/svg"/>' };

  it('has a card for each, in order, and lets nothing out of its place', () => {
    const html = renderSite([entry, { ...entry, title: 'second', page: '02.html', thumbnail: undefined }]);
    expect([...html.matchAll(/<a href="([^"]*)"/g)].map(([, href]) => href)).toEqual(['x%20y%26z.html', '02.html']);
    expect(html).toContain('<h2>a &lt;b&gt;</h2>');
    expect(html).toContain('<p>&quot;c&quot; &amp; d</p>');
    expect(html.match(/<img/g)).toHaveLength(1);
  });

  it('loads nothing and runs nothing', () => {
    const html = renderSite([entry]);
    expect(html).toContain(`content="default-src 'none'; img-src data:; style-src 'unsafe-inline'"`);
    expect(html).not.toContain('<script');
    expect(html).not.toMatch(/(?:src|href)="(?:https?:)?\/\//);
  });
});
