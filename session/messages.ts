/** Every message of this room that a user can see. */
import { SetupError } from '../machine/errors.js';

const START = 'open a notebook with the kernel "mremap", or run: mremap-lab console';

const list = (names: readonly string[]): string => names.join(', ');

export const messages = {
  notOurs: (dir: string, why: string) =>
    new SetupError(`sessions cannot be kept in ${dir}: ${why}`, 'whoever owns it could read along; remove it, or set XDG_RUNTIME_DIR to a directory of your own'),
  tooOpen: (dir: string, mode: number) =>
    new SetupError(`sessions cannot be kept in ${dir}: others may enter it (mode ${mode.toString(8).padStart(4, '0')})`, `run: chmod 700 ${dir}`),
  cannotMake: (dir: string, why: string) => new SetupError(`sessions cannot be kept in ${dir}: ${why}`, 'set XDG_RUNTIME_DIR to a directory that you may write to'),
  lockHeld: (file: string) => new SetupError(`${file} is held by another process`, 'try again; remove the file if that process hangs'),
  badName: (name: string) => new SetupError(`"${name}" cannot name a session`, 'a name has letters, digits, ".", "_" and "-", at most 32, and begins with a letter or a digit'),
  nobody: () => new SetupError('no session is running', START),
  several: (names: readonly string[]) => new SetupError(`several sessions are running: ${list(names)}`, 'name the one to join'),
  unknown: (name: string, names: readonly string[], near: string | undefined) =>
    new SetupError(`no session "${name}" is running`, near !== undefined ? `did you mean ${near}?` : names.length > 0 ? `there are: ${list(names)}` : START),
  self: (name: string) => new SetupError(`"${name}" is this session itself`, 'name another: %sessions lists them'),
  refused: (name: string, why: string) => new SetupError(`the session "${name}" does not let us in: ${why}`, 'update the older of the two installations of mremap-lab'),
  gone: (name: string) => new SetupError(`the session "${name}" went away while we knocked`, 'mremap-lab attach --list shows those that run'),
  ended: (name: string) => `the session "${name}" has ended`,
  lost: (name: string) => `the connection to the session "${name}" was lost for too long: what was waiting there has been dropped`,
} as const;
