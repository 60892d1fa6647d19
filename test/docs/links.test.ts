/** Every link from one of our pages to another leads to a file that is there, and to a heading that it has. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const inFolder = (folder: string, ending: string): string[] =>
  readdirSync(join(ROOT, folder))
    .filter((file) => file.endsWith(ending))
    .map((file) => join(folder, file));

const PAGES = [...inFolder('.', '.md'), ...inFolder('docs', '.md'), ...inFolder('bench', '.md'), ...inFolder('notebooks', '.ipynb')];

function textOf(page: string): string {
  const text = readFileSync(join(ROOT, page), 'utf8');
  if (!page.endsWith('.ipynb')) return text;
  const { cells } = JSON.parse(text) as { cells: { cell_type: string; source: string[] }[] };
  return cells.flatMap(({ cell_type, source }) => (cell_type === 'markdown' ? [source.join('')] : [])).join('\n\n');
}

const withoutCode = (text: string): string => text.replace(/^```[\s\S]*?^```$/gm, '').replace(/`[^`\n]*`/g, '');

/** As GitHub makes it of a heading. */
const anchor = (heading: string): string =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replace(/\s/g, '-');

const anchorsOf = (page: string): string[] => [...textOf(page).matchAll(/^#+\s+(.*)$/gm)].map(([, heading]) => anchor(heading ?? ''));

test.each(PAGES)('%s', (page) => {
  const links = [...withoutCode(textOf(page)).matchAll(/\]\((?![a-z]+:)([^)\s]+)\)/g)].map(([, link]) => link ?? '');
  const broken = links.filter((link) => {
    const [path = '', heading] = link.split('#');
    const file = path === '' ? page : relative(ROOT, join(ROOT, dirname(page), path));
    if (!existsSync(join(ROOT, file))) return true;
    return heading !== undefined && /\.(md|ipynb)$/.test(file) && !anchorsOf(file).includes(heading);
  });
  expect(broken).toEqual([]);
});

test('the glossary has each word once, explains it in a sentence or two', () => {
  const entries = [...textOf('docs/glossary.md').matchAll(/^### (.+)\n(.+)$/gm)].map(([, word, text]) => [word ?? '', text ?? ''] as const);
  expect(new Set(entries.map(([word]) => anchor(word))).size).toBe(entries.length);
  expect(entries.length).toBeGreaterThan(50);
  expect(entries.filter(([, text]) => text.length < 40 || (text.match(/[.](?=\s|$)/g) ?? []).length > 3).map(([word]) => word)).toEqual([]);
});
