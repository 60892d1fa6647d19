import { describe, expect, it } from 'vitest';
import { safeHtml } from '../../notebook/safe-html.js';

describe('HTML of an output', () => {
  it('is taken where it is a table and nothing else, without its attributes', () => {
    const table = '<table>\n<caption style="text-align:left">a &lt; b</caption>\n<tbody>\n<tr><td style="text-align:left"><strong>1</strong></td></tr>\n</tbody>\n</table><p>…</p>';
    expect(safeHtml(table)).toBe('<table>\n<caption>a &lt; b</caption>\n<tbody>\n<tr><td><strong>1</strong></td></tr>\n</tbody>\n</table><p>…</p>');
  });

  it.each([
    '',
    '<p>text</p>',
    '<table><tr><td><script>alert(1)</script></td></tr></table>',
    '<table><tr><td onclick="alert(1)">1</td></tr></table>',
    '<table><tr><td><img src=x></td></tr></table>',
    '<table><tr><td>1</tr></td></table>',
    '<table><tr><td>1',
    '</main><table></table>',
    '<table></table></main>',
    '<table><td>a < b</td></table>',
    '<table><td>&nbsp;</td></table>',
    '<table style="background:url(x)" style="a>b"></table>',
  ])('is refused otherwise: %s', (html) => {
    expect(safeHtml(html)).toBeUndefined();
  });
});
