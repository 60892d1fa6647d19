import { describe, expect, it } from 'vitest';
import { ansiToHtml, stripAnsi } from '../../notebook/ansi.js';

describe('terminal text', () => {
  it('becomes spans', () => {
    expect(ansiToHtml('\x1b[1;31merror\x1b[0m: <b>\n\x1b[34m 1 |\x1b[39m x')).toBe(
      '<span class="ansi-bold ansi-red">error</span>: &lt;b&gt;\n<span class="ansi-blue"> 1 |</span> x',
    );
  });

  it('loses every sequence that is no colour', () => {
    const text = '\x1b]0;title\x07\x1b[2Ja\x1b[38;5;12mb\x1b[0m\x1bMc';
    expect(ansiToHtml(text)).toBe('abc');
    expect(stripAnsi(text)).toBe('abc');
  });
});
