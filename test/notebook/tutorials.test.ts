/** The tutorials as they are stored: what every one of them promises to its reader. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, test } from 'vitest';
import type { CodeCell, Notebook } from '../../notebook/nbformat.js';
import { openingOf } from '../../notebook/opening.js';
import { readNotebook } from '../../notebook/read.js';
import { fingerprintOf } from '../../notebook/slim.js';

const FOLDER = fileURLToPath(new URL('../../notebooks/', import.meta.url));
const FILES = readdirSync(FOLDER).filter((file) => file.endsWith('.ipynb')).sort(); // prettier-ignore

/** The clinic is about what fails, and draws nothing. */
const WITHOUT_CHARTS = ['09-errno-clinic.ipynb'];

const codeOf = ({ cells }: Notebook): CodeCell[] => cells.filter((cell): cell is CodeCell => cell.cell_type === 'code');

test('they are numbered without a gap', () => {
  expect(FILES.map((file) => Number(file.slice(0, 2)))).toEqual(FILES.map((_, i) => i));
});

test('they take less than 2 MB together, pictures included', () => {
  expect(FILES.map((file) => statSync(join(FOLDER, file)).size).reduce((a, b) => a + b)).toBeLessThan(2e6);
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
    const charts = codeOf(notebook).flatMap(({ outputs }) => outputs).filter((output) => fingerprintOf(output) !== undefined); // prettier-ignore
    expect(charts.length).toBeGreaterThanOrEqual(WITHOUT_CHARTS.includes(file) ? 0 : 2);
  });

  it('has of each chart a picture that every front end shows, and no Vega-Lite: `npm run bless:notebooks` writes it so', () => {
    for (const output of codeOf(notebook).flatMap(({ outputs }) => outputs)) {
      if (!('data' in output)) continue;
      expect(Object.keys(output.data).filter((mime) => mime.includes('vega'))).toEqual([]);
      const png = output.data['image/png'];
      expect(png === undefined).toBe(fingerprintOf(output) === undefined);
      if (typeof png !== 'string') continue;
      const bytes = Buffer.from(png, 'base64');
      // Behind signature, length and name of IHDR: width, height, bits a pixel, and 3 for a palette.
      expect([bytes.toString('latin1', 1, 4), bytes.readUInt32BE(16) > 100, (bytes[24] ?? 99) <= 8, bytes[25]]).toEqual(['PNG', true, true, 3]);
    }
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
