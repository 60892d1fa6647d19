/** One output of a cell -> HTML, in the richest form that is safe and needs no network. */
import { ansiToHtml } from './ansi.js';
import type { Chart } from './charts.js';
import { dataUri, escapeHtml, scriptJson } from './html.js';
import type { Markdown } from './markdown.js';
import type { CellOutput, MimeBundle } from './nbformat.js';
import { safeHtml } from './safe-html.js';

export function renderOutput(output: CellOutput, chart: Chart | undefined, markdown: Markdown): string {
  switch (output.output_type) {
    case 'stream':
      return pre(output.text, output.name === 'stderr' ? 'stderr' : 'text');
    case 'error':
      return pre(output.traceback.length > 0 ? output.traceback.join('\n') : `${output.ename}: ${output.evalue}`, 'error');
    case 'display_data':
    case 'execute_result':
      return chart === undefined ? bundle(output.data, markdown) : figure(chart, output.data);
  }
}

function figure(chart: Chart, data: MimeBundle): string {
  const text = data['text/plain'];
  const { spec, svg, number } = chart;
  const asText = typeof text === 'string' ? `<details><summary>as text</summary>${pre(text, 'text')}</details>` : '';
  return [
    `<figure class="chart" id="chart-${number}">`,
    `<div class="card"><img src="${dataUri('image/svg+xml', svg)}" alt="${escapeHtml(titleOf(spec, number))}"></div>`,
    `<script type="application/json">${scriptJson(spec)}</script>`,
    `<figcaption><span>chart ${number}</span>${asText}</figcaption>`,
    '</figure>',
  ].join('\n');
}

function bundle(data: MimeBundle, markdown: Markdown): string {
  const text = (mime: string): string | undefined => (typeof data[mime] === 'string' ? data[mime] : undefined);
  for (const mime of ['image/png', 'image/jpeg', 'image/gif']) {
    const picture = text(mime);
    if (picture !== undefined) return image(`data:${mime};base64,${picture.replace(/\s/g, '')}`, text('text/plain'));
  }
  const svg = text('image/svg+xml');
  if (svg !== undefined) return image(dataUri('image/svg+xml', svg), text('text/plain'));
  const md = text('text/markdown');
  if (md !== undefined) return `<div class="prose">${markdown.render(md)}</div>`;
  const table = safeHtml(text('text/html') ?? '');
  if (table !== undefined) return `<div class="output table">${table}</div>`;
  const plain = text('text/plain');
  if (plain !== undefined) return pre(plain, 'text');
  const [mime, content] = Object.entries(data)[0] ?? ['nothing', ''];
  return pre(typeof content === 'string' ? content : `${mime}\n${JSON.stringify(content, null, 2)}`, 'text');
}

const image = (src: string, alt = ''): string => `<img class="picture" src="${escapeHtml(src)}" alt="${escapeHtml(alt)}">`;

const pre = (text: string, kind: string): string => `<pre class="output ${kind}">${ansiToHtml(text.replace(/\n$/, ''))}</pre>`;

function titleOf(spec: Chart['spec'], number: number): string {
  const { title, description } = spec;
  if (typeof description === 'string') return description;
  const text = typeof title === 'object' && title !== null && 'text' in title ? title.text : title;
  return text === undefined ? `chart ${number}` : [text].flat().join(' ');
}
