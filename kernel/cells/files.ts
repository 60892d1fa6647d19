/** Reads and writes the files that magics name, relative to the notebook. */
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { reason } from '../../files/reason.js';
import { writeWhole } from '../../files/write-whole.js';
import { SetupError } from '../../machine/index.js';

export async function readUserFile(file: string): Promise<string> {
  const bytes = await readFile(file).catch((e: unknown) => {
    throw new SetupError(`cannot read ${file}: ${reason(e)}`, `paths are relative to ${process.cwd()}`);
  });
  return (file.endsWith('.gz') ? await promisify(gunzip)(bytes) : bytes).toString('utf8');
}

export async function writeUserFile(file: string, text: string): Promise<void> {
  await writeWhole(file, text).catch((e: unknown) => {
    throw new SetupError(`cannot write ${file}: ${reason(e)}`, `paths are relative to ${process.cwd()}`);
  });
}
