/**
 * A kernelspec names programs by absolute path, so they must stay where they are. What npx runs lies
 * in a cache that npm may clear: from there all of it is copied beside the kernelspec.
 */
import { cp, readdir, rm } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { messages } from './messages.js';

export interface Programs {
  readonly node: string;
  readonly main: string;
}

const COPY = 'installation-';

/** The directory of the cache that holds a path: `~/.npm/_npx/3574ccef67093d2a`. */
export const npxDirectory = (path: string): string | undefined => /^.*?[/\\]_npx[/\\][^/\\]+(?=[/\\])/.exec(path)?.[0];

/** The caches of pnpm dlx, yarn dlx and bunx. */
const isPassing = (path: string): boolean => /[/\\](?:dlx-[^/\\]+|dlx|bunx-[^/\\]+)[/\\]/.test(path);

/**
 * Copies the programs to a place that lasts, if they are not in one.
 * @param directory of the kernelspec
 * @throws SetupError
 */
export async function durable({ node, main }: Programs, directory: string, copying: (to: string) => void): Promise<Programs> {
  if (isPassing(main)) throw messages.passing(main);
  const cache = npxDirectory(main);
  if (cache === undefined) return { node, main };
  const to = join(directory, `${COPY}${Date.now().toString(36)}`);
  copying(to);
  await cp(cache, to, { recursive: true, verbatimSymlinks: true });
  // npx can bring a Node along as well.
  const moved = (path: string): string => (path.startsWith(cache + sep) ? join(to, relative(cache, path)) : path);
  return { node: moved(node), main: moved(main) };
}

/** Earlier copies, which no kernelspec names any more. */
export async function removeCopies(directory: string, used: Programs): Promise<void> {
  for (const entry of await readdir(directory)) {
    const path = join(directory, entry);
    if (entry.startsWith(COPY) && !used.main.startsWith(path + sep)) await rm(path, { recursive: true, force: true });
  }
}
