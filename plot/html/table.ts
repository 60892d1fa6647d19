/** Semantic HTML tables, escaped. */

export const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (c) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' })[c] ?? c);

export interface HtmlRow {
  readonly cells: readonly string[];
  /** A row that must stand out. */
  readonly strong?: boolean;
}

export interface HtmlTable {
  readonly caption: string;
  readonly heads: readonly string[];
  readonly rows: readonly HtmlRow[];
  /** Below the table. */
  readonly note?: string;
}

/** Colours are left to the page, so that it reads on light and dark alike. */
export function htmlTable({ caption, heads, rows, note }: HtmlTable): string {
  const head = heads.map((h) => `<th scope="col" style="text-align:left">${escapeHtml(h)}</th>`).join('');
  const body = rows.map((r) => `<tr>${r.cells.map((c) => cell(c, r.strong === true)).join('')}</tr>`).join('\n');
  const foot = note === undefined ? '' : `<p>${escapeHtml(note)}</p>`;
  return `<table>\n<caption style="text-align:left">${escapeHtml(caption)}</caption>\n<thead><tr>${head}</tr></thead>\n<tbody>\n${body}\n</tbody>\n</table>${foot}`;
}

function cell(text: string, strong: boolean): string {
  const escaped = escapeHtml(text);
  return `<td style="text-align:left">${strong && text !== '' ? `<strong>${escaped}</strong>` : escaped}</td>`;
}
