/** Files of the build, also for a caller that runs from source, as tests do. */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export function built(path: string): string {
  const above = new URL('../', import.meta.url);
  const dist = new URL('dist/', above);
  return fileURLToPath(new URL(path, existsSync(dist) ? dist : above));
}
