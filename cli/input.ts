/** What a named file is, and its text. */
import { readFile } from 'node:fs/promises';
import { SetupError } from '../machine/errors.js';
import { readNotebook, type Notebook } from '../notebook/index.js';
import { fileError, messages } from './messages.js';

export type Input =
  | { readonly kind: 'script'; readonly file: string; readonly text: string }
  | { readonly kind: 'notebook'; readonly file: string; readonly notebook: Notebook };

/** @throws SetupError that names the file and what is wrong with it. */
export async function readInput(file: string): Promise<Input> {
  // The name decides, but a file that is not there is told as just that.
  const bytes = await readFile(file).catch((error: unknown) => {
    throw fileError(file, error);
  });
  if (/\.(strace|gz)$/.test(file)) throw messages.logsComeLater(file);
  if (!/\.(mremap|ipynb)$/.test(file)) throw messages.unknownKind(file);
  const text = decode(file, bytes);
  if (file.endsWith('.mremap')) return { kind: 'script', file, text };
  try {
    return { kind: 'notebook', file, notebook: readNotebook(text) };
  } catch (error) {
    throw error instanceof SetupError ? messages.inFile(file, error) : error;
  }
}

function decode(file: string, bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw messages.notText(file);
  }
}
