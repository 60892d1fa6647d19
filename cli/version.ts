import { createRequire } from 'node:module';

/** The package's own version: it can ask for itself by name. */
export function version(): string {
  const { version: text } = createRequire(import.meta.url)('mremap-lab/package.json') as { version: string };
  return text;
}
