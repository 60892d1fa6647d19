/** The pages of several notebooks -> one page that leads to them, a card with a picture for each. */
import { join } from 'node:path';
import { writeWhole } from '../files/write-whole.js';
import { htmlDocument } from './document.js';
import { dataUri, escapeHtml } from './html.js';
import type { Opening } from './opening.js';

export interface SiteEntry extends Opening {
  /** The page's file, beside the index. */
  readonly page: string;
  /** An SVG of a chart in it, where it has one. */
  readonly thumbnail: string | undefined;
}

export const SITE_INDEX = 'index.html';

/** @returns the path of the index */
export async function writeSite(dir: string, entries: readonly SiteEntry[]): Promise<string> {
  const path = join(dir, SITE_INDEX);
  await writeWhole(path, renderSite(entries));
  return path;
}

export function renderSite(entries: readonly SiteEntry[]): string {
  const body = `<body>
<main class="site">
<h1>mremap-lab</h1>
<ol>
${entries.map(card).join('\n')}
</ol>
</main>
</body>`;
  return htmlDocument({ title: 'mremap-lab', body });
}

function card({ page, title, summary, thumbnail }: SiteEntry): string {
  const picture = thumbnail === undefined ? '' : `<img src="${dataUri('image/svg+xml', thumbnail)}" alt="">`;
  const href = escapeHtml(page.split('/').map(encodeURIComponent).join('/'));
  return ['<li>', `<a href="${href}">`, `<div class="thumbnail">${picture}</div>`, `<h2>${escapeHtml(title)}</h2>`, '</a>', `<p>${escapeHtml(summary)}</p>`, '</li>'].join('\n');
}
