/** The pages that a run wrote, to be opened. */
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { FileReport } from './file-report.js';

/** @param index the page that leads to the others */
export function pageLines(reports: readonly FileReport[], index?: string): string {
  const pages = reports.flatMap(({ page }) => (page === undefined ? [] : [page]));
  if (pages.length === 0) return '';
  const open = (page: string): string => `  ${page}\n    ${pathToFileURL(resolve(page)).href}\n`;
  if (index === undefined) return `\n${pages.length === 1 ? 'The page' : 'The pages'}, to open in a browser:\n${pages.map(open).join('')}`;
  return `\nA page for each notebook:\n${pages.map((page) => `  ${page}\n`).join('')}and one that leads to them all, to open in a browser:\n${open(index)}`;
}
