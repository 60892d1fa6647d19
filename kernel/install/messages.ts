/** Every message about installing that a user can see. */
import { SetupError } from '../../machine/index.js';

export const messages = {
  twoPlaces: () => new SetupError('--user, --prefix and --sys-prefix are different places', 'give one of them'),
  badName: (name: string) => new SetupError(`"${name}" cannot name a kernel`, 'Jupyter takes lower-case letters, digits, ".", "_" and "-"'),
  noEnvironment: () =>
    new SetupError('no environment is active: neither VIRTUAL_ENV nor CONDA_PREFIX is set, and there is no python3', 'activate one, or name a directory with --prefix DIR'),
  foreign: (directory: string) => new SetupError(`${directory} holds a kernel that is not ours`, 'choose another name with --name'),
  cannotWrite: (directory: string, why: string) => new SetupError(`cannot write the kernelspec to ${directory}: ${why}`, 'choose a directory you may write to with --prefix DIR'),
  cannotRemove: (directory: string, why: string) => new SetupError(`cannot remove ${directory}: ${why}`, 'check its permissions'),
  notInstalled: (name: string, directory: string, elsewhere: readonly string[]) =>
    new SetupError(`there is no kernel "${name}" in ${directory}`, elsewhere.length === 0 ? 'nothing has to be done' : elsewhere.map((other) => `it is in ${other}`).join('\n')),
  passing: (main: string) =>
    new SetupError(
      `mremap-lab runs from a cache that will be cleared: ${main}`,
      'install it first, with npm install --global mremap-lab or in a project, and run: mremap-lab kernel install',
    ),
} as const;
