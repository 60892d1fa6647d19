/** Which of Jupyter's places for kernels is meant. */
import { execFileSync } from 'node:child_process';
import { join, resolve } from 'node:path';
import { prefixDataDir, userDataDir } from './data-dir.js';
import { messages } from './messages.js';

export const KERNEL_NAME = 'mremap';

export interface PlaceOptions {
  /** The data directory of this user; the default. */
  readonly user?: boolean;
  /** An installation prefix, `/usr/local` or a virtual environment, instead. */
  readonly prefix?: string;
  /** The prefix of the active environment of Python. */
  readonly sysPrefix?: boolean;
  /** What Jupyter calls the kernel. */
  readonly name?: string;
}

/** @throws SetupError */
export function kernelDirectory({ user = false, prefix, sysPrefix = false, name = KERNEL_NAME }: PlaceOptions): string {
  if ([user, prefix !== undefined, sysPrefix].filter(Boolean).length > 1) throw messages.twoPlaces();
  if (!/^[a-z0-9._-]+$/.test(name) || /^\.+$/.test(name)) throw messages.badName(name);
  return join(prefix !== undefined ? prefixDataDir(resolve(prefix)) : sysPrefix ? prefixDataDir(activePrefix()) : userDataDir(), 'kernels', name);
}

/** Where a kernel of that name might be as well. */
export function usualDirectories(name: string): string[] {
  const { VIRTUAL_ENV, CONDA_PREFIX } = process.env;
  const prefixes = [VIRTUAL_ENV, CONDA_PREFIX, '/usr/local', '/usr'].filter((p): p is string => p !== undefined && p !== '');
  return [userDataDir(), ...prefixes.map((p) => prefixDataDir(p))].map((data) => join(data, 'kernels', name));
}

function activePrefix(): string {
  const { VIRTUAL_ENV, CONDA_PREFIX } = process.env;
  const named = [VIRTUAL_ENV, CONDA_PREFIX].find((p) => p !== undefined && p !== '');
  if (named !== undefined) return named;
  try {
    // Outside of an environment it is the system's own, as for every other kernel's --sys-prefix.
    return execFileSync('python3', ['-c', 'import sys; print(sys.prefix)'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  } catch {
    throw messages.noEnvironment();
  }
}
