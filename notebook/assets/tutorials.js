/**
 * The tutorials as the package carries them, in dist/tutorials/: without outputs, which are most of their
 * size and come back with the first run. The stored outputs are for those who read the repository.
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
for (const file of readdirSync(from).filter((name) => name.endsWith('.ipynb'))) {
  writeFileSync(to + file, writeNotebook(withoutOutputs(readNotebook(readFileSync(from + file, 'utf8')))));
}
