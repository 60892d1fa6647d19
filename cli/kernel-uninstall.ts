/** `mremap-lab kernel uninstall`: takes back what `kernel install` wrote. */
import { SetupError } from '../machine/errors.js';
import { KERNEL_NAME, uninstallKernelspec } from '../kernel/kernelspec.js';
import type { PlaceOptions } from '../kernel/install/place.js';
import { EXIT, type ExitCode } from './exit.js';
import { setupErrorText } from './messages.js';
import { err, out } from './terminal.js';

export async function kernelUninstall(options: PlaceOptions): Promise<ExitCode> {
  try {
    out(`removed the kernel "${options.name ?? KERNEL_NAME}" from ${await uninstallKernelspec(options)}\n`);
    return EXIT.ok;
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    err(setupErrorText(error));
    return EXIT.failed;
  }
}
