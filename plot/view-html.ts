/** Views that read better as a table than as a chart; null for the others. */
import { cellText, count, size, toBytes, type AddressSpace, type LogSummary, type View } from '../machine/index.js';
import { escapeHtml, htmlTable, type HtmlRow } from './html/table.js';
import { logTexts, moveText, rangeOf } from './log-cost.js';
import { printkText } from './text/steps.js';
import { callText } from './title.js';
import { plural } from './totals.js';
import { faultedText, offsetText, pgoffText, rangeText } from './vma-text.js';

const ROWS = 200;

/** A view as an HTML table; null for one that is a chart only. */
export function viewHtml(view: View): string | null {
  switch (view.what) {
    case 'steps':
      return view.printk === true ? `<pre>${escapeHtml(printkText(view.record))}</pre>` : null;
    case 'maps':
      return `${spaceHtml(view.record.before, 'Before')}\n${spaceHtml(view.record.after, `After ${callText(view.record)}`)}`;
    case 'space':
      return spaceHtml(view.space, `Address space on ${view.model}`);
    case 'log':
      return view.log.dearest.length === 0 ? null : logHtml(view.log, view.model);
    case 'compare':
    case 'rmap':
    case 'table':
      return tableHtml(view);
    case 'plot':
    case 'moves':
    case 'cost':
    case 'schedule':
    case 'tables':
      return null;
  }
}

function tableHtml({ title, text, table, model }: Extract<View, { what: 'table' | 'compare' | 'rmap' }>): string {
  const { columns } = table;
  const rows = table.rows.slice(0, ROWS).map((row): HtmlRow => ({ cells: columns.map((c, i) => cellText(row[i], c)) }));
  const more = table.rows.length - rows.length;
  const sentences = text.map((t) => `<p>${escapeHtml(t)}</p>\n`).join('');
  if (rows.length === 0) return `<p>${escapeHtml(`${title} on ${model}`)}</p>\n${sentences}`;
  const note = more > 0 ? `… and ${plural(more, 'more row')}` : undefined;
  return `${sentences}${htmlTable({ caption: `${title} on ${model}`, heads: columns.map((c) => c.name), rows, note })}`;
}

function logHtml(log: LogSummary, model: string): string {
  const rows = log.dearest.map((m): HtmlRow => ({ cells: [count(m.line), rangeOf(m, 'pte'), rangeOf(m, 'pmd'), rangeOf(m, 'pud'), moveText(m)] }));
  return htmlTable({ caption: `The dearest mremaps of the log on ${model}`, heads: ['line', 'PTEs', 'PMDs', 'PUDs', 'call'], rows, note: logTexts(log).join('. ') });
}

function spaceHtml(space: AddressSpace, caption: string): string {
  const g = space.geometry;
  const vmas = [...space.vmas()].filter((v) => !v.background);
  const rows = vmas
    .slice(0, ROWS)
    .map((v): HtmlRow => ({ cells: [rangeText(g, v.start, v.end), v.perms, offsetText(g, v), v.kind, size(toBytes(g, v.end - v.start)), faultedText(space, v), pgoffText(v)] }));
  const more = vmas.length - rows.length;
  return htmlTable({
    caption,
    heads: ['range', 'perms', 'offset', 'kind', 'size', 'pages', 'pgoff'],
    rows,
    note: more > 0 ? `… and ${plural(more, 'more mapping')}` : undefined,
  });
}
