/** Writes the kernelspec `mremap`, so that every Jupyter on this machine finds the kernel. */
import { access, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { SetupError } from '../machine/index.js';
import { prefixDataDir, userDataDir } from './install/data-dir.js';
import { LOGO_SVG, logoPng } from './install/logo.js';
import { makeDir } from './make-dir.js';

export const KERNEL_NAME = 'mremap';

export interface InstallOptions {
  /** The data directory of this user; the default. */
  readonly user?: boolean;
  /** An installation prefix, `/usr/local` or a virtual environment, instead. */
  readonly prefix?: string;
}

/** The program of the kernel process, absolute. */
export const kernelMain = (): string => fileURLToPath(new URL('./main.js', import.meta.url));

export const kernelSpec = () => ({
  argv: [process.execPath, kernelMain(), '{connection_file}'],
  display_name: 'mremap',
  language: 'mremap',
  interrupt_mode: 'message',
  metadata: { debugger: false },
});

/** @returns the directory that was written */
export async function installKernelspec({ user = false, prefix }: InstallOptions = {}): Promise<string> {
  if (user && prefix !== undefined) throw new SetupError('--user and --prefix are two places', 'give one of them');
  const data = prefix === undefined ? userDataDir() : prefixDataDir(resolve(prefix));
  const directory = join(data, 'kernels', KERNEL_NAME);
  try {
    await access(kernelMain());
    await makeDir(directory);
    await Promise.all([
      writeFile(join(directory, 'kernel.json'), `${JSON.stringify(kernelSpec(), null, 2)}\n`),
      writeFile(join(directory, 'logo-svg.svg'), LOGO_SVG),
      writeFile(join(directory, 'logo-32x32.png'), await logoPng(32)),
      writeFile(join(directory, 'logo-64x64.png'), await logoPng(64)),
    ]);
  } catch (e) {
    throw new SetupError(`cannot write the kernelspec to ${directory}: ${e instanceof Error ? e.message : String(e)}`, 'choose a directory you may write to with --prefix DIR');
  }
  return directory;
}
