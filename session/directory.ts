/** Where the sockets of sessions lie: a directory that nobody else can enter. */
import { mkdirSync, lstatSync, readdirSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { messages } from './messages.js';
import { LONGEST_NAME } from './name.js';

const SUFFIX = '.sock';

/** The path of a socket has at most 107 bytes (unix(7)). */
const LONGEST_DIR = 107 - '/'.length - LONGEST_NAME - SUFFIX.length;

export interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly tmp: string;
  readonly uid: number;
}

const here = (): Surroundings => ({ env: process.env, tmp: tmpdir(), uid: process.getuid?.() ?? 0 });

/** `$XDG_RUNTIME_DIR/mremap-lab`, or `mremap-lab-UID` among the temporary files. */
export function sessionDir({ env, tmp, uid }: Surroundings = here()): string {
  const runtime = env['XDG_RUNTIME_DIR'];
  const usable = runtime !== undefined && runtime.startsWith('/') && isOwnDirectory(runtime, uid);
  const own = `mremap-lab-${uid}`;
  const places = [...(usable ? [join(runtime, 'mremap-lab')] : []), join(tmp, own)];
  return places.find((dir) => Buffer.byteLength(dir) <= LONGEST_DIR) ?? join('/tmp', own);
}

/** @throws SetupError when others could read along */
export function makeSessionDir(dir = sessionDir()): string {
  try {
    mkdirSync(dir, { mode: 0o700 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw messages.cannotMake(dir, (error as Error).message);
  }
  refuseIfOpen(dir);
  return dir;
}

/** @throws SetupError likewise; a directory that is not there is no danger. */
export function refuseIfOpen(dir: string, uid = process.getuid?.()): void {
  // Not what a link leads to: whoever made the link can change it.
  const found = lstatSync(dir, { throwIfNoEntry: false });
  if (found === undefined) return;
  if (found.isSymbolicLink()) throw messages.notOurs(dir, 'it is a symbolic link');
  if (!found.isDirectory()) throw messages.notOurs(dir, 'it is no directory');
  if (uid !== undefined && found.uid !== uid) throw messages.notOurs(dir, `it belongs to the user ${found.uid}`);
  if ((found.mode & 0o077) !== 0) throw messages.tooOpen(dir, found.mode & 0o7777);
}

export const socketPath = (dir: string, name: string): string => join(dir, `${name}${SUFFIX}`);

/** The names of all sockets there, of living sessions and dead ones. */
export function socketNames(dir: string): string[] {
  try {
    return readdirSync(dir)
      .filter((file) => file.endsWith(SUFFIX))
      .map((file) => file.slice(0, -SUFFIX.length))
      .sort();
  } catch {
    return [];
  }
}

/** By its specification it has to be the user's own; behind sudo it may be somebody else's. */
function isOwnDirectory(path: string, uid: number): boolean {
  const found = statSync(path, { throwIfNoEntry: false });
  return found !== undefined && found.isDirectory() && found.uid === uid;
}
