/** One site for all of these tests: every tutorial, and a notebook with a chart of each kind that matters here. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { TestProject } from 'vitest/node';
import { writeNotebook } from '../../notebook/write.js';
import { code, markdown, notebook } from '../notebook/kit.js';
import { CHROMIUM, hasChromium } from './kit.js';

declare module 'vitest' {
  interface ProvidedContext {
    /** Where the site is, and the names of the tutorials in it. */
    site: { readonly dir: string; readonly tutorials: readonly string[] };
  }
}

const root = fileURLToPath(new URL('../../', import.meta.url));

const map = (at: string, size: string): string => `let p = ${at}\nmmap(p, ${size}, PROT_READ|PROT_WRITE, MAP_ANONYMOUS|MAP_PRIVATE|MAP_FIXED, -1, 0) = p\nmemset(p, 1, ${size})\n`;

const LEVELS = notebook(
  markdown('# Levels\n\nA page with everything on it.\n\n## Entries\n\n| a | b |\n|---|---|\n| 1 | 2 |'),
  code(`kernel 6.12\n${map('129M', '2M')}m = mremap(p, 2M, 2M, MREMAP_MAYMOVE|MREMAP_FIXED, p - 32M)\nshow moves m`),
  markdown('## Tables of tables\n\n`text` and more text.'),
  code(`kernel 6.12\n${map('129G', '2G')}m = mremap(p, 2G, 2G, MREMAP_MAYMOVE|MREMAP_FIXED, 200G)\nshow moves m\nshow steps m\nshow maps m`),
  markdown('## Words'),
  code(`print "${'a long line '.repeat(30)}"  # ${'and a long comment '.repeat(10)}`),
  code('expect 1 == 2', [], 'raises-exception'),
);

export default function setup(project: TestProject): () => void {
  const dir = mkdtempSync(join(tmpdir(), 'mremap-site-'));
  const files = readdirSync(join(root, 'notebooks'))
    .filter((file) => file.endsWith('.ipynb'))
    .sort();
  if (hasChromium) {
    writeFileSync(join(dir, 'levels.ipynb'), writeNotebook(LEVELS));
    const notebooks = [join(dir, 'levels.ipynb'), ...files.map((file) => join(root, 'notebooks', file))];
    execFileSync(process.execPath, [join(root, 'dist/cli/main.js'), 'run', ...notebooks, '--out', dir]);
  } else {
    process.stderr.write(`The pages are not looked at: there is no Chromium at ${CHROMIUM}. CHROMIUM=PATH names another.\n`);
  }
  project.provide('site', { dir, tutorials: files.map((file) => file.replace(/\.ipynb$/, '')) });
  return () => rmSync(dir, { recursive: true, force: true });
}
