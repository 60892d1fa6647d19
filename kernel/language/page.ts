/**
 * A page of help in three forms: text for terminals, Markdown and HTML for front ends that lay text
 * out. The text has the shape that the language gives its pages: what it is about in the first
 * paragraph, then sentences, headings that end in a colon, and indented lines of a name and a text.
 */
import type { Bundle } from '../cells/bundle.js';

type Block =
  | { readonly kind: 'code'; readonly lines: readonly string[] }
  | { readonly kind: 'prose'; readonly lines: readonly string[] }
  | { readonly kind: 'rows'; readonly heading: string | undefined; readonly rows: readonly (readonly [string, string])[] };

/** @param language how the first paragraph is coloured */
export function page(text: string, language: string): Bundle {
  const blocks = blocksOf(text);
  return { data: { 'text/plain': text, 'text/markdown': markdown(blocks, language), 'text/html': html(blocks) }, metadata: {} };
}

const ROW = /^ {2}(\S+) {2,}(\S.*)$/;

function blocksOf(text: string): Block[] {
  return text.split(/\n{2,}/).map((paragraph, i): Block => {
    const lines = paragraph.split('\n');
    const heading = lines[0]?.endsWith(':') === true ? lines[0] : undefined;
    const rows = (heading === undefined ? lines : lines.slice(1)).map((line) => ROW.exec(line));
    if (rows.length > 0 && rows.every((row) => row !== null)) return { kind: 'rows', heading, rows: rows.map(([, name = '', what = '']) => [name, what] as const) };
    return { kind: i === 0 || lines.every((line) => line.startsWith('  ')) ? 'code' : 'prose', lines };
  });
}

function markdown(blocks: readonly Block[], language: string): string {
  const cell = (text: string): string => text.replaceAll('|', '\\|');
  return blocks
    .map((block) => {
      switch (block.kind) {
        case 'code':
          return ['```' + language, ...block.lines, '```'].join('\n');
        case 'prose':
          return block.lines.join('  \n');
        case 'rows':
          return [
            ...(block.heading === undefined ? [] : [`**${block.heading}**`, '']),
            '| | |',
            '|---|---|',
            ...block.rows.map(([name, what]) => `| \`${cell(name)}\` | ${cell(what)} |`),
          ].join('\n');
      }
    })
    .join('\n\n');
}

const ESCAPED: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
const escaped = (text: string): string => text.replace(/[&<>"]/g, (c) => ESCAPED[c] ?? c);

function html(blocks: readonly Block[]): string {
  return blocks
    .map((block) => {
      switch (block.kind) {
        case 'code':
          return `<pre>${block.lines.map(escaped).join('\n')}</pre>`;
        case 'prose':
          return `<p>${block.lines.map(escaped).join('<br>')}</p>`;
        case 'rows': {
          const rows = block.rows.map(([name, what]) => `<tr><td><code>${escaped(name)}</code></td><td style="text-align:left">${escaped(what)}</td></tr>`);
          return `${block.heading === undefined ? '' : `<p><strong>${escaped(block.heading)}</strong></p>`}<table>${rows.join('')}</table>`;
        }
      }
    })
    .join('\n');
}
