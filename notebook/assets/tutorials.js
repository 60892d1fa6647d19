/**
 * The tutorials as the package carries them, in dist/tutorials/: without outputs, which are most of their
 * size and come back with the first run. The stored outputs are for those who read the repository. The
 * glossary that they link to comes along.
 */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath, URL } from 'node:url';
import { withoutOutputs } from '../../dist/notebook/nbformat.js';
import { readNotebook } from '../../dist/notebook/read.js';
import { writeNotebook } from '../../dist/notebook/write.js';

const from = fileURLToPath(new URL('../../notebooks/', import.meta.url));
const to = fileURLToPath(new URL('../../dist/tutorials/', import.meta.url));

rmSync(to, { recursive: true, force: true });
mkdirSync(to, { recursive: true });
const glossary = readFileSync(fileURLToPath(new URL('../../docs/glossary.md', import.meta.url)), 'utf8');
writeFileSync(`${to}glossary.md`, glossary.replace(/\[([^\]]*)\]\([\w-]+\.md\)/g, '$1'));

/** Links to the docs, which are not beside the copies. */
const relinked = (cell) => ({ ...cell, source: cell.source.replaceAll('](../docs/glossary.md', '](glossary.md').replace(/\[([^\]]*)\]\(\.\.\/docs\/[^)]*\)/g, '$1') });

for (const file of readdirSync(from).filter((name) => name.endsWith('.ipynb'))) {
  const notebook = withoutOutputs(readNotebook(readFileSync(from + file, 'utf8')));
  writeFileSync(to + file, writeNotebook({ ...notebook, cells: notebook.cells.map(relinked) }));
}
