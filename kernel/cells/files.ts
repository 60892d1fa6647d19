/** Reads and writes the files that magics name, relative to the notebook. */
import { readFile, stat } from 'node:fs/promises';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { reason } from '../../files/reason.js';
import { writeWhole } from '../../files/write-whole.js';
import { SetupError } from '../../machine/index.js';

/** Bytes, also of what a packed file unpacks to: a few kilobytes can unpack to more than memory holds. */
const LARGEST = 64 << 20;

/** @throws SetupError */
export async function readUserFile(file: string): Promise<string> {
  const refused = (why: string): SetupError => new SetupError(`cannot read ${file}: ${why}`, `paths are relative to ${process.cwd()}`);
  try {
    const { size } = await regular(file);
    if (size > LARGEST) throw tooLarge(file);
    const bytes = await readFile(file);
    return (file.endsWith('.gz') ? await promisify(gunzip)(bytes, { maxOutputLength: LARGEST }) : bytes).toString('utf8');
  } catch (e) {
    if (e instanceof SetupError) throw e;
    if ((e as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge(file);
    throw refused(reason(e));
  }
}

/** What never ends, such as /dev/zero, is no file to be read whole. */
async function regular(file: string): Promise<{ readonly size: number }> {
  const found = await stat(file);
  if (found.isDirectory() || found.isFile()) return found;
  throw new SetupError(`cannot read ${file}: it is no regular file`, 'name a file');
}

const tooLarge = (file: string): SetupError =>
  new SetupError(`cannot read ${file}: it has more than ${LARGEST >> 20} MB`, 'a log of any length can be run on the command line: mremap-lab run FILE.strace.gz');

export async function writeUserFile(file: string, text: string): Promise<void> {
  await writeWhole(file, text).catch((e: unknown) => {
    throw new SetupError(`cannot write ${file}: ${reason(e)}`, `paths are relative to ${process.cwd()}`);
  });
}
