/** What the session of this process is called. */
import { createRequire } from 'node:module';
import { basename } from 'node:path';
import { nameFrom } from '../../session/name.js';
import type { Place } from './sharing.js';

/** MREMAP_LAB_SESSION has its name; `off`: nobody can join it. */
const VARIABLE = 'MREMAP_LAB_SESSION';

export function sessionPlace(kind: Place['kind'], env: Readonly<Record<string, string | undefined>> = process.env): Place | undefined {
  const { [VARIABLE]: wanted, JPY_SESSION_NAME: notebook } = env;
  if (wanted === 'off') return undefined;
  const { version } = createRequire(import.meta.url)('mremap-lab/package.json') as { version: string };
  // Jupyter says which notebook a kernel is for; other front ends do not.
  const name = wanted !== undefined && wanted !== '' ? wanted : basename(notebook ?? '', '.ipynb');
  return { name: nameFrom(name, kind), kind, version };
}
