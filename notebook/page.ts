/** An executed notebook -> one HTML page that needs nothing beside it: no server, no network, no scripts to be read. */
import { createHash } from 'node:crypto';
import { pageAsset } from './page-asset.js';
import type { Charts } from './charts.js';
import { htmlDocument } from './document.js';
import { highlight } from '../present/highlight.js';
import { escapeHtml } from './html.js';
import { Markdown, type Heading, type LoadImage } from './markdown.js';
import type { Cell, CodeCell, Notebook } from './nbformat.js';
import { renderOutput } from './render-output.js';

export interface PageOptions {
  /** Where the notebook has no heading of its own. */
  readonly fallbackTitle: string;
  readonly charts: Charts;
  readonly loadImage: LoadImage;
  /** The page that leads to this one and its like, where there is one. */
  readonly index?: string;
}

/** A page with fewer headings needs no table of contents. */
const LONG = 4;

/** @throws SetupError when the build left out what the page is made of. */
export function renderPage(notebook: Notebook, options: PageOptions): string {
  const markdown = new Markdown(options.loadImage);
  const cells = notebook.cells.map((cell) => renderCell(cell, options.charts, markdown)).filter((html) => html !== '');
  const title = markdown.headings.find((h) => h.level === 1)?.text ?? options.fallbackTitle;
  const script = options.charts.size === 0 ? '' : pageAsset('charts.js').replaceAll('</script', '<\\/script');
  const contents = renderContents(markdown.headings);
  const back = options.index === undefined ? '' : `<p class="index"><a href="${escapeHtml(options.index)}">all notebooks</a></p>\n`;
  const body = `<body${contents === '' ? '' : ' class="long"'}>
${contents}<main>
${back}${cells.join('\n')}
</main>
${script === '' ? '' : `<script>${script}</script>\n`}</body>`;
  return htmlDocument({ title, script: sourceOf(script), body });
}

function renderCell(cell: Cell, charts: Charts, markdown: Markdown): string {
  switch (cell.cell_type) {
    case 'markdown':
      return `<section class="prose">\n${markdown.render(cell.source, cell.attachments)}</section>`;
    case 'raw':
      return cell.source.trim() === '' ? '' : `<pre class="output text">${escapeHtml(cell.source)}</pre>`;
    case 'code':
      return cell.source.trim() === '' ? '' : renderCode(cell, charts, markdown);
  }
}

function renderCode(cell: CodeCell, charts: Charts, markdown: Markdown): string {
  const count = cell.execution_count;
  const outputs = cell.outputs.map((output) => renderOutput(output, charts.get(output), markdown));
  return [
    `<section class="cell"${count === null ? '' : ` id="in-${count}"`}>`,
    `<div class="prompt" title="code cell ${count ?? 'not run'}">${count ?? '·'}</div>`,
    `<pre class="code"><code>${highlight(cell.source, escapeHtml)}</code></pre>`,
    ...outputs,
    '</section>',
  ].join('\n');
}

function renderContents(headings: readonly Heading[]): string {
  const shown = headings.filter((h) => h.level <= 3);
  if (shown.length < LONG) return '';
  const items = shown.map((h) => `<li class="level-${h.level}"><a href="#${escapeHtml(h.id)}">${escapeHtml(h.text)}</a></li>`);
  return `<nav aria-label="Contents">\n<ol>\n${items.join('\n')}\n</ol>\n</nav>\n`;
}

/** The page's content security policy: the browser runs no script but ours. */
const sourceOf = (script: string): string => (script === '' ? "'none'" : `'sha256-${createHash('sha256').update(script).digest('base64')}'`);
