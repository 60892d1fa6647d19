/** An executed notebook -> its files: the notebook itself, a page, and every chart as SVG. */
import { writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { makeDir } from '../kernel/make-dir.js';
import { drawCharts } from './charts.js';
import { imagesBelow } from './images.js';
import type { Notebook } from './nbformat.js';
import { renderPage } from './page.js';
import { writeNotebook } from './write.js';

export interface Exported {
  readonly notebook: string;
  readonly page: string;
  readonly charts: readonly string[];
}

/** @param source the file the notebook was read from: its name is kept, and pictures lie beside it */
export async function exportNotebook(notebook: Notebook, source: string, dir: string): Promise<Exported> {
  const name = basename(source, '.ipynb');
  const charts = await drawCharts(notebook);
  const page = renderPage(notebook, { fallbackTitle: name, charts, loadImage: imagesBelow(dirname(source)) });
  await makeDir(dir);
  const write = async (file: string, content: string): Promise<string> => {
    const path = join(dir, file);
    await writeFile(path, content);
    return path;
  };
  return {
    notebook: await write(`${name}.ipynb`, writeNotebook(notebook)),
    page: await write(`${name}.html`, page),
    charts: await Promise.all([...charts.values()].map(({ svg, number }) => write(`${name}-${number}.svg`, svg))),
  };
}
