/** Colours for a cell's code: a token's kind by its looks alone, which is enough to read by. */
import { KEYWORDS } from '../dsl/index.js';

/** Keywords, and words that are some in their place only; the longest first. */
const WORDS = [...KEYWORDS, 'step', 'after', 'child', 'within'].sort((a, b) => b.length - a.length);

const TOKEN = new RegExp(
  [
    '(?<comment>#.*)',
    '(?<string>"(?:[^"\\\\\\n]|\\\\.)*"?)',
    '(?<number>\\b(?:0x[0-9a-fA-F_]+|\\d[\\d_]*(?:\\.\\d+)*)(?:[KMGT](?:iB)?\\b)?)',
    `(?<keyword>(?<![.\\w])(?:${WORDS.join('|')})\\b)`,
    '(?<constant>\\b[A-Z][A-Z0-9]*_[A-Z0-9_]+\\b|\\bE[A-Z]{3,}\\b|\\bNULL\\b)',
    '(?<call>\\b[a-z_]\\w*(?=\\())',
    '(?<plain>\\w+|\\W)',
  ].join('|'),
  'gu',
);

const KINDS = ['comment', 'string', 'number', 'keyword', 'constant', 'call'] as const;

/** @param escape how text that is no markup is written */
export function highlight(code: string, escape: (text: string) => string): string {
  // A cell of another language (`%%ts`) is left alone.
  if (code.startsWith('%')) return escape(code);
  let html = '';
  for (const { 0: text, groups } of code.matchAll(TOKEN)) {
    const kind = KINDS.find((k) => groups?.[k] !== undefined);
    html += kind === undefined ? escape(text) : `<span class="tok-${kind}">${escape(text)}</span>`;
  }
  return html;
}
