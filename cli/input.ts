/** What a named file is, and its text: the name decides, or the first lines where it says nothing. */
import { open, readFile, stat } from 'node:fs/promises';
import { SetupError } from '../machine/errors.js';
import type { Notebook } from '../notebook/index.js';
import { fileError, messages } from './messages.js';

export type Input =
  | { readonly kind: 'script'; readonly file: string; readonly text: string }
  | { readonly kind: 'notebook'; readonly file: string; readonly notebook: Notebook }
  /** A log is read when it is replayed: it may be longer than memory. What came by a pipe is held. */
  | { readonly kind: 'log'; readonly file: string; readonly source: LogSource };

export interface LogSource {
  readonly file: string;
  readonly packed: boolean;
  readonly bytes?: Uint8Array;
}

/** Standard input. */
export const STDIN = '-';

const LOG = /\.strace(\.gz)?$/;
/** Whether it is a log, or may be one: what has a name of another kind is none. */
export const mayBeLog = (file: string): boolean => !/\.(mremap|ipynb)$/.test(file);
export const isLog = (file: string): boolean => LOG.test(file);

/** Enough to tell by what a file is. */
const HEAD = 1 << 16;

/** @throws SetupError that names the file and what is wrong with it. */
export async function readInput(file: string): Promise<Input> {
  if (file === STDIN) return readPipe();
  if (isLog(file) || mayBeLog(file)) return readUnnamed(file);
  // The name decides, but a file that is not there is told as just that.
  const text = decode(
    file,
    await readFile(file).catch((error: unknown) => {
      throw fileError(file, error);
    }),
  );
  return file.endsWith('.mremap') ? { kind: 'script', file, text } : notebook(file, text);
}

async function notebook(file: string, text: string): Promise<Input> {
  // What reads notebooks takes longer to load than a scenario takes to run.
  const { readNotebook } = await import('../notebook/index.js');
  try {
    return { kind: 'notebook', file, notebook: readNotebook(text) };
  } catch (error) {
    throw error instanceof SetupError ? messages.inFile(file, error) : error;
  }
}

const isPacked = (head: Uint8Array): boolean => head[0] === 0x1f && head[1] === 0x8b;

async function readUnnamed(file: string): Promise<Input> {
  const head = await headOf(file);
  const packed = file.endsWith('.gz') || isPacked(head);
  if (packed || isLog(file)) return { kind: 'log', file, source: { file, packed } };
  switch (await kindOf(file, head)) {
    case 'log':
      return { kind: 'log', file, source: { file, packed } };
    case 'notebook':
      return notebook(file, decode(file, await readFile(file)));
    case 'maps':
      return maps(file, decode(file, await readFile(file)));
    case 'unknown':
      throw messages.unknownKind(file);
  }
}

/** What is piped in: a log, a dump, a notebook, and whatever is none of them is a scenario. */
async function readPipe(): Promise<Input> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk as Uint8Array);
  const bytes = Buffer.concat(chunks);
  const source: LogSource = { file: STDIN, packed: isPacked(bytes), bytes };
  if (source.packed) return { kind: 'log', file: STDIN, source };
  switch (await kindOf(STDIN, bytes.subarray(0, HEAD))) {
    case 'log':
      return { kind: 'log', file: STDIN, source };
    case 'notebook':
      return notebook(STDIN, decode(STDIN, bytes));
    case 'maps':
      return maps(STDIN, decode(STDIN, bytes));
    case 'unknown':
      return { kind: 'script', file: STDIN, text: decode(STDIN, bytes) };
  }
}

async function kindOf(file: string, head: Uint8Array): Promise<'log' | 'notebook' | 'maps' | 'unknown'> {
  if (head.includes(0)) throw messages.notText(file);
  // The end may cut a character in two.
  const text = new TextDecoder().decode(head);
  if (/^\s*\{/.test(text) && /"(?:cells|nbformat)"/.test(text)) return 'notebook';
  const { looksLikeLog, looksLikeMaps } = await import('../dsl/logs/index.js');
  if (looksLikeMaps(text)) return 'maps';
  return looksLikeLog(text) ? 'log' : 'unknown';
}

/** A dump is mapped and shown; its lines stand one further down than in the file. */
const maps = (file: string, text: string): Input => ({ kind: 'script', file, text: `maps {\n${text.trimEnd()}\n}\nshow maps\n` });

async function headOf(file: string): Promise<Uint8Array> {
  try {
    if ((await stat(file)).isDirectory()) throw messages.isDirectory(file);
    const handle = await open(file);
    try {
      const { buffer, bytesRead } = await handle.read(new Uint8Array(HEAD), 0, HEAD, 0);
      return buffer.subarray(0, bytesRead);
    } finally {
      await handle.close();
    }
  } catch (error) {
    throw error instanceof SetupError ? error : fileError(file, error);
  }
}

function decode(file: string, bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw messages.notText(file);
  }
}
