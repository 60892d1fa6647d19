import { describe, expect, it, test } from 'vitest';
import fc from 'fast-check';
import { safeHtml } from '../../notebook/safe-html.js';

describe('HTML of an output', () => {
  it('keeps a table, without what it says about its looks', () => {
    const table =
      '<table>\n<caption style="text-align:left">a &lt; b</caption>\n<tbody>\n<tr><td style="text-align:left" colspan="2"><strong>1</strong></td></tr>\n</tbody>\n</table><p>…</p>';
    expect(safeHtml(table)).toBe('<table>\n<caption>a &lt; b</caption>\n<tbody>\n<tr><td colspan="2"><strong>1</strong></td></tr>\n</tbody>\n</table><p>…</p>');
  });

  it('keeps a table that begins with sentences, as `why` and `advise` write them', () => {
    const html = '<p>Two reasons.</p>\n<table><tr><td>1</td></tr></table>';
    expect(safeHtml(html)).toBe(html);
  });

  it.each([
    ['<p>text</p>', '<p>text</p>'],
    ['<pre>a &amp; b</pre>', '<pre>a &amp; b</pre>'],
    ['<div class="x"><style>td { color: url(x) }</style><table border="1"><tr><td onclick="alert(1)">1</td></tr></table></div>', '<div><table><tr><td>1</td></tr></table></div>'],
    ['<a href="javascript:alert(1)">x</a>', 'x'],
    ['<table><tr><td>1', '<table><tr><td>1</td></tr></table>'],
    ['</main><p>x</p></body></html>', '<p>x</p>'],
    ['<p>a < b</p>', '<p>a &lt; b</p>'],
    ['<!-- <p>x --><p>y</p>', '<p>y</p>'],
  ])('is cleaned: %s', (html, safe) => {
    expect(safeHtml(html)).toBe(safe);
  });

  it.each([
    '',
    '  \n',
    '<style>p {}</style>',
    '<table><tr><td><script>alert(1)</script></td></tr></table>',
    '<table><tr><td><img src=x onerror=alert(1)></td></tr></table>',
    '<svg onload=alert(1)><p>x</p>',
    '<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=alert(1)&gt;">',
    '<form><p>password</p><input></form>',
    '<iframe srcdoc="<p>x</p>"></iframe>',
    '<link rel=stylesheet href=http://example.org/>',
    '<meta http-equiv=refresh content="0;url=http://example.org">',
    `<p>${'x'.repeat(5_000_000)}</p>`,
  ])('is left to the plain text where it shows what a page does not: %#', (html) => {
    expect(safeHtml(html)).toBeUndefined();
  });

  test('nesting as deep as it likes takes no stack along', () => {
    const html = '<div>'.repeat(300_000);
    expect(safeHtml(html) ?? '').not.toContain('<div>'.repeat(200));
  });

  test('whatever pieces it is made of, no attribute and no tag gets through that is not on the list', () => {
    const piece = fc.constantFrom(
      '<',
      '>',
      '"',
      "'",
      '=',
      '/',
      'p',
      'td',
      'table',
      ' onclick=',
      'javascript:',
      '<!--',
      '-->',
      '<p ',
      '<td colspan=',
      '<b/',
      '&lt;',
      '&#60;',
      '\0',
      '<![CDATA[',
      ']]>',
      'x',
      ' ',
      '<script',
      '<svg',
      '<a href',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
        const safe = safeHtml(pieces.join('')) ?? '';
        for (const [tag] of safe.matchAll(/<[^>]*>/g)) expect(tag).toMatch(/^<\/?[a-z0-9]+(?: (?:colspan|rowspan|scope)(?:="[^"<>]*")?)*(?: \/)?>$/);
      }),
      { numRuns: 2000 },
    );
  });
});
