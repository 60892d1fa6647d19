/** An executed notebook -> its files: the notebook itself, a page, and every chart as SVG. */
import { basename, dirname, join } from 'node:path';
import { makeDir } from '../files/make-dir.js';
import { writeWhole } from '../files/write-whole.js';
import { drawCharts, type Charts, type Undrawn } from './charts.js';
import { imagesBelow } from './images.js';
import type { Notebook } from './nbformat.js';
import { openingOf } from './opening.js';
import { renderPage } from './page.js';
import { SITE_INDEX, type SiteEntry } from './site.js';
import { slimNotebook } from './slim.js';
import { writeNotebook } from './write.js';

/** The chart with most in it, which stands for the notebook on the index page. */
const fullest = (charts: Charts): string | undefined =>
  [...charts.values()].map(({ svg }) => svg).reduce<string | undefined>((most, svg) => (most === undefined || svg.length > most.length ? svg : most), undefined);

export interface Exported {
  readonly notebook: string;
  readonly page: string;
  readonly charts: readonly string[];
  readonly undrawn: readonly Undrawn[];
  /** Its place on the page that leads to several. */
  readonly entry: SiteEntry;
}

export interface ExportOptions {
  /** The page is one of several, and links to the index of them. */
  readonly inSite?: boolean;
  /** The notebook is to be kept in a repository: small pictures in place of charts. */
  readonly slim?: boolean;
}

/** @param source the file the notebook was read from: its name is kept, and pictures lie beside it */
export async function exportNotebook(notebook: Notebook, source: string, dir: string, { inSite = false, slim = false }: ExportOptions = {}): Promise<Exported> {
  const name = basename(source, '.ipynb');
  const { charts, undrawn } = await drawCharts(notebook);
  const page = renderPage(notebook, { fallbackTitle: name, charts, loadImage: imagesBelow(dirname(source)), ...(inSite ? { index: SITE_INDEX } : {}) });
  await makeDir(dir);
  const write = async (file: string, content: string): Promise<string> => {
    const path = join(dir, file);
    await writeWhole(path, content);
    return path;
  };
  return {
    notebook: await write(`${name}.ipynb`, writeNotebook(slim ? await slimNotebook(notebook, charts) : notebook)),
    page: await write(`${name}.html`, page),
    charts: await Promise.all([...charts.values()].map(({ svg, number }) => write(`${name}-${number}.svg`, svg))),
    undrawn,
    entry: { ...openingOf(notebook, name), page: `${name}.html`, thumbnail: fullest(charts) },
  };
}
