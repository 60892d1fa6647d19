/** The kernelspec `mremap`: written, so that every Jupyter on this machine finds the kernel, and removed. */
import { existsSync } from 'node:fs';
import { access, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { durable, removeCopies, type Programs } from './install/durable.js';
import { LOGO_SVG, logoPng } from './install/logo.js';
import { messages } from './install/messages.js';
import { KERNEL_NAME, kernelDirectory, usualDirectories, type PlaceOptions } from './install/place.js';
import { makeDir } from '../files/make-dir.js';
import { reason } from '../files/reason.js';
import { writeWhole } from '../files/write-whole.js';

export { KERNEL_NAME, kernelDirectory };

export interface InstallOptions extends PlaceOptions {
  /** Only for as long as this process runs: it may name programs that do not last. */
  readonly passing?: boolean;
  /** Told before the installation is copied to where it lasts. */
  readonly onCopy?: (to: string) => void;
}

const LANGUAGE = 'mremap';

/** The program of the kernel process, absolute. */
export const kernelMain = (): string => fileURLToPath(new URL('./main.js', import.meta.url));

const here = (): Programs => ({ node: process.execPath, main: kernelMain() });

export const kernelSpec = ({ node, main }: Programs = here(), name = KERNEL_NAME) => ({
  argv: [node, main, '{connection_file}'],
  display_name: name === KERNEL_NAME ? 'mremap' : `mremap (${name})`,
  language: LANGUAGE,
  interrupt_mode: 'message',
  metadata: { debugger: false },
});

/** @returns the directory that was written @throws SetupError */
export async function installKernelspec(options: InstallOptions = {}): Promise<string> {
  const directory = kernelDirectory(options);
  if ((await owner(directory)) === 'somebody') throw messages.foreign(directory);
  try {
    await access(kernelMain());
    await makeDir(directory);
    const programs = options.passing === true ? here() : await durable(here(), directory, options.onCopy ?? (() => undefined));
    await writeWhole(join(directory, 'logo-svg.svg'), LOGO_SVG);
    await writeWhole(join(directory, 'logo-32x32.png'), await logoPng(32));
    await writeWhole(join(directory, 'logo-64x64.png'), await logoPng(64));
    // The last: with it the kernel is there.
    await writeWhole(join(directory, 'kernel.json'), `${JSON.stringify(kernelSpec(programs, options.name), null, 2)}\n`);
    await removeCopies(directory, programs);
  } catch (e) {
    throw e instanceof Error && 'syscall' in e ? messages.cannotWrite(directory, reason(e)) : e;
  }
  return directory;
}

/** @returns the directory that is gone @throws SetupError */
export async function uninstallKernelspec(options: PlaceOptions = {}): Promise<string> {
  const directory = kernelDirectory(options);
  const whose = await owner(directory);
  if (whose === 'somebody') throw messages.foreign(directory);
  if (whose === 'nobody') {
    const { name = KERNEL_NAME } = options;
    throw messages.notInstalled(
      name,
      directory,
      usualDirectories(name).filter((other) => existsSync(join(other, 'kernel.json'))),
    );
  }
  try {
    await rm(directory, { recursive: true });
  } catch (e) {
    throw messages.cannotRemove(directory, reason(e));
  }
  return directory;
}

/** Whose kernelspec a directory holds. */
async function owner(directory: string): Promise<'us' | 'somebody' | 'nobody'> {
  const file = join(directory, 'kernel.json');
  if (!existsSync(file)) return 'nobody';
  try {
    return (JSON.parse(await readFile(file, 'utf8')) as { language?: unknown }).language === LANGUAGE ? 'us' : 'somebody';
  } catch {
    return 'somebody';
  }
}
