/** What a named file is, and its text. */
import { access, constants, readFile, stat } from 'node:fs/promises';
import { SetupError } from '../machine/errors.js';
import { readNotebook, type Notebook } from '../notebook/index.js';
import { fileError, messages } from './messages.js';

export type Input =
  | { readonly kind: 'script'; readonly file: string; readonly text: string }
  | { readonly kind: 'notebook'; readonly file: string; readonly notebook: Notebook }
  /** A log is read when it is replayed: it may be longer than memory. */
  | { readonly kind: 'log'; readonly file: string };

const LOG = /\.strace(\.gz)?$/;
export const isLog = (file: string): boolean => LOG.test(file);

/** @throws SetupError that names the file and what is wrong with it. */
export async function readInput(file: string): Promise<Input> {
  if (isLog(file)) return readable(file);
  // The file's name decides what it is; a missing file is reported as missing whatever its name.
  const bytes = await readFile(file).catch((error: unknown) => {
    throw fileError(file, error);
  });
  if (!/\.(mremap|ipynb)$/.test(file)) throw messages.unknownKind(file);
  const text = decode(file, bytes);
  if (file.endsWith('.mremap')) return { kind: 'script', file, text };
  try {
    return { kind: 'notebook', file, notebook: readNotebook(text) };
  } catch (error) {
    throw error instanceof SetupError ? messages.inFile(file, error) : error;
  }
}

async function readable(file: string): Promise<Input> {
  try {
    await access(file, constants.R_OK);
    if ((await stat(file)).isDirectory()) throw messages.isDirectory(file);
  } catch (error) {
    throw error instanceof SetupError ? error : fileError(file, error);
  }
  return { kind: 'log', file };
}

function decode(file: string, bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw messages.notText(file);
  }
}
