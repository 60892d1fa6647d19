/** `mremap-lab kernel install`: tells every Jupyter on this machine, or under a prefix, where the kernel is. */
import { SetupError } from '../machine/errors.js';
import { KERNEL_NAME, installKernelspec, type InstallOptions } from '../kernel/kernelspec.js';
import { EXIT, type ExitCode } from './exit.js';
import { messages, setupErrorText } from './messages.js';
import { err, out } from './terminal.js';

export async function kernelInstall(options: InstallOptions): Promise<ExitCode> {
  try {
    const directory = await installKernelspec({ ...options, onCopy: (to) => err(messages.copying(to)) });
    out(`installed the kernel "${options.name ?? KERNEL_NAME}" in ${directory}\n`);
    return EXIT.ok;
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    err(setupErrorText(error));
    return EXIT.failed;
  }
}
