/** `mremap-lab tutorials`: the notebooks of the package, copied to where Jupyter can open and save them. */
import { constants, copyFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { EXIT, type ExitCode } from './exit.js';
import { messages } from './messages.js';
import { makeOutDir, writing } from './out-dir.js';
import { out } from './terminal.js';

/** Made by the build (notebook/assets/tutorials.js). */
const TUTORIALS = fileURLToPath(new URL('../tutorials/', import.meta.url));

export async function tutorials(dir: string): Promise<ExitCode> {
  await makeOutDir(dir);
  for (const file of (await readdir(TUTORIALS)).sort()) {
    const to = join(dir, file);
    out((await writing(dir, () => copied(join(TUTORIALS, file), to))) ? `${to}\n` : messages.kept(to));
  }
  out(messages.nextToTutorials(dir));
  return EXIT.ok;
}

/** False where there is a file of that name: somebody may have worked in it. */
async function copied(from: string, to: string): Promise<boolean> {
  try {
    await copyFile(from, to, constants.COPYFILE_EXCL);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  }
}
