/**
 * Files of a user, written whole or not at all: beside the file, out to the disk, then in its place in one step. A full
 * disk, a crash and `kill -9` leave what was there before or what is new, never a part and never nothing. A process that
 * was killed may leave `.NAME.*.tmp` behind; the next one that writes NAME removes it.
 */
import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { access, lstat, open, readdir, readlink, realpath, rename, rm, stat, writeFile, type FileHandle } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';

/** As many links as the kernel follows (fs/namei.c). */
const MOST_LINKS = 40;

/** Of a name, so much goes into that of the temporary file: a name has at most 255 bytes. */
const NAME_KEPT = 50;

/**
 * A symbolic link stays one, and what it leads to keeps its mode and its owner. What is no regular file, such as a pipe or
 * a terminal, is written to as it is.
 * @param mode of a file that is not there yet, before the umask
 * @throws the error of the file system
 */
export async function writeWhole(path: string, content: string | Uint8Array, mode = 0o666): Promise<void> {
  const before = await stat(path).catch(unlessMissing);
  if (before?.isFile() === false) return writeFile(path, content);
  const target = await ofLink(path);
  // Renaming asks for the directory's permission only.
  if (before !== undefined) await access(target, constants.W_OK);
  await removeLeftovers(target);

  const beside = `${prefixOf(target)}${process.pid}-${randomBytes(6).toString('hex')}.tmp`;
  const file = await open(beside, 'wx', before === undefined ? mode : 0o600);
  try {
    try {
      await file.writeFile(content);
      if (before !== undefined) await keep(file, before);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(beside, target);
  } catch (error) {
    await rm(beside, { force: true }).catch(() => undefined);
    throw error;
  }
  await syncDirectory(dirname(target));
}

async function keep(file: FileHandle, { uid, gid, mode }: { readonly uid: number; readonly gid: number; readonly mode: number }): Promise<void> {
  const ours = await file.stat();
  // Before the mode: a change of owner takes some bits of it away.
  if (ours.uid !== uid || ours.gid !== gid) await file.chown(uid, gid);
  await file.chmod(mode & 0o7777);
}

/** Where a path leads, also when nothing is there yet. */
async function ofLink(path: string): Promise<string> {
  let at = resolve(path);
  for (let followed = 0; followed < MOST_LINKS; followed++) {
    const there = await realpath(at).catch(unlessMissing);
    if (there !== undefined) return there;
    if ((await lstat(at).catch(unlessMissing))?.isSymbolicLink() !== true) return at;
    at = resolve(dirname(at), await readlink(at));
  }
  return at;
}

const prefixOf = (target: string): string => join(dirname(target), `.${basename(target).slice(0, NAME_KEPT)}.`);

/** Those of processes that are gone. */
async function removeLeftovers(target: string): Promise<void> {
  const prefix = basename(prefixOf(target));
  for (const name of await readdir(dirname(target)).catch((): string[] => [])) {
    if (!name.startsWith(prefix)) continue;
    const pid = /^(\d+)-[0-9a-f]{12}\.tmp$/.exec(name.slice(prefix.length))?.[1];
    if (pid !== undefined && !isRunning(Number(pid))) await rm(join(dirname(target), name), { force: true }).catch(() => undefined);
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** The new name, too, has to be on the disk. Not every file system can be asked for that. */
async function syncDirectory(dir: string): Promise<void> {
  const handle = await open(dir, 'r').catch(() => undefined);
  await handle?.sync().catch(() => undefined);
  await handle?.close();
}

function unlessMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code === 'ENOENT') return undefined;
  throw error;
}
