/** The pages that a run wrote, to be opened. */
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { FileReport } from './file-report.js';

export function pageLines(reports: readonly FileReport[]): string {
  const pages = reports.flatMap(({ page }) => (page === undefined ? [] : [page]));
  if (pages.length === 0) return '';
  const lines = pages.map((page) => `  ${page}\n    ${pathToFileURL(resolve(page)).href}\n`);
  return `\n${pages.length === 1 ? 'The page' : 'The pages'}, to open in a browser:\n${lines.join('')}`;
}
