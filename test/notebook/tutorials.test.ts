/** The tutorials as they are stored: what every one of them promises to its reader. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, test } from 'vitest';
import { specOf } from '../../notebook/charts.js';
import type { CodeCell, Notebook } from '../../notebook/nbformat.js';
import { openingOf } from '../../notebook/opening.js';
import { readNotebook } from '../../notebook/read.js';

const FOLDER = fileURLToPath(new URL('../../notebooks/', import.meta.url));
const FILES = readdirSync(FOLDER).filter((file) => file.endsWith('.ipynb')).sort(); // prettier-ignore

/** The clinic is about what fails, and draws nothing. */
const WITHOUT_CHARTS = ['09-errno-clinic.ipynb'];

const codeOf = ({ cells }: Notebook): CodeCell[] => cells.filter((cell): cell is CodeCell => cell.cell_type === 'code');

test('they are numbered without a gap', () => {
  expect(FILES.map((file) => Number(file.slice(0, 2)))).toEqual(FILES.map((_, i) => i));
});

describe.each(FILES)('%s', (file) => {
  const notebook = readNotebook(readFileSync(join(FOLDER, file), 'utf8'));

  it('says in its first lines what it is about', () => {
    const { title, summary } = openingOf(notebook, '');
    expect(title).not.toBe('');
    expect(summary.length).toBeGreaterThan(60);
  });

  it('claims at least five things that are checked when it runs', () => {
    const claims = codeOf(notebook).flatMap(({ source }) => source.split('\n')).filter((line) => /^\s*expect\b/.test(line)); // prettier-ignore
    expect(claims.length).toBeGreaterThanOrEqual(5);
  });

  it('shows at least two charts', () => {
    const charts = codeOf(notebook).flatMap(({ outputs }) => outputs).filter((output) => specOf(output) !== undefined); // prettier-ignore
    expect(charts.length).toBeGreaterThanOrEqual(WITHOUT_CHARTS.includes(file) ? 0 : 2);
  });

  it('was run from top to bottom, without an error', () => {
    expect(codeOf(notebook).map((cell) => cell.execution_count)).toEqual(codeOf(notebook).map((_, i) => i + 1));
    expect(codeOf(notebook).flatMap(({ outputs }) => outputs).filter(({ output_type }) => output_type === 'error')).toEqual([]); // prettier-ignore
  });

  it('ends with an exercise that an expectation checks', () => {
    const last = codeOf(notebook).at(-1);
    expect(last?.source).toMatch(/^\s*expect\b/m);
    expect(notebook.cells.some((cell) => cell.cell_type === 'markdown' && /^## Your turn$/m.test(cell.source))).toBe(true);
  });

  it('leads to notebooks that are there', () => {
    const links = notebook.cells.flatMap((cell) => (cell.cell_type === 'markdown' ? [...cell.source.matchAll(/\]\(([^):]+\.ipynb)\)/g)].map(([, link]) => link ?? '') : []));
    expect(links.filter((link) => !existsSync(join(FOLDER, link)))).toEqual([]);
  });
});
