import { mkdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';

/** mkdir -p. Node's own never comes back where a file system refuses with ENOENT, as /proc does. */
export async function makeDir(dir: string): Promise<void> {
  try {
    await mkdir(dir);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST' && (await stat(dir)).isDirectory()) return;
    if (code !== 'ENOENT' || dirname(dir) === dir) throw error;
    await makeDir(dirname(dir));
    await mkdir(dir);
  }
}
