/** Colours for a cell's code: a token's kind by its looks alone, which is enough to read by. */
import { escapeHtml } from './html.js';

const KEYWORDS =
  'kernel machine with without let def if else for in step expect print show why advise sweep yield plot compare layout maps race thread replay always never sometimes set fail after child and or not';

const TOKEN = new RegExp(
  [
    '(?<comment>#.*)',
    '(?<string>"(?:[^"\\\\\\n]|\\\\.)*"?)',
    '(?<number>\\b(?:0x[0-9a-fA-F_]+|\\d[\\d_]*(?:\\.\\d+)*)(?:[KMGT](?:iB)?\\b)?)',
    `(?<keyword>(?<![.\\w])(?:${KEYWORDS.split(' ').join('|')})\\b)`,
    '(?<constant>\\b[A-Z][A-Z0-9]*(?:_[A-Z0-9_]+)+\\b|\\bE[A-Z]{3,}\\b|\\bNULL\\b)',
    '(?<call>\\b[a-z_]\\w*(?=\\())',
    '(?<plain>\\w+|\\W)',
  ].join('|'),
  'gu',
);

const KINDS = ['comment', 'string', 'number', 'keyword', 'constant', 'call'] as const;

export function highlight(code: string): string {
  // A cell of another language (`%%ts`) is left alone.
  if (code.startsWith('%')) return escapeHtml(code);
  let html = '';
  for (const { 0: text, groups } of code.matchAll(TOKEN)) {
    const kind = KINDS.find((k) => groups?.[k] !== undefined);
    html += kind === undefined ? escapeHtml(text) : `<span class="tok-${kind}">${escapeHtml(text)}</span>`;
  }
  return html;
}
