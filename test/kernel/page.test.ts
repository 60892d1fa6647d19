import { expect, test } from 'vitest';
import { page } from '../../kernel/language/page.js';

const TEXT = 'munmap(addr, length)\n\nUnmaps <a> & "b".\nA second line.\n\n  flags  ONE, TWO|THREE\n\nErrors:\n  EINVAL  not aligned\n  EPERM  sealed';

test('a page is text, Markdown and HTML', () => {
  expect(page(TEXT, 'mremap').data).toEqual({
    'text/plain': TEXT,
    'text/markdown': [
      '```mremap\nmunmap(addr, length)\n```',
      'Unmaps <a> & "b".  \nA second line.',
      '| | |\n|---|---|\n| `flags` | ONE, TWO\\|THREE |',
      '**Errors:**\n\n| | |\n|---|---|\n| `EINVAL` | not aligned |\n| `EPERM` | sealed |',
    ].join('\n\n'),
    'text/html': [
      '<pre>munmap(addr, length)</pre>',
      '<p>Unmaps &lt;a&gt; &amp; &quot;b&quot;.<br>A second line.</p>',
      '<table><tr><td><code>flags</code></td><td style="text-align:left">ONE, TWO|THREE</td></tr></table>',
      '<p><strong>Errors:</strong></p><table><tr><td><code>EINVAL</code></td><td style="text-align:left">not aligned</td></tr><tr><td><code>EPERM</code></td><td style="text-align:left">sealed</td></tr></table>',
    ].join('\n'),
  });
});

test('a value is code', () => {
  expect(page('m = 0x1000', 'mremap').data).toMatchObject({ 'text/markdown': '```mremap\nm = 0x1000\n```', 'text/html': '<pre>m = 0x1000</pre>' });
});
