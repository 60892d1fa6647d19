/** The magics there are. */
import type { CompletionList } from '../../dsl/api.js';
import { plainError, type CellError } from './error.js';

export const MAGICS: Readonly<Record<string, string>> = {
  '%%ts': 'the rest of the cell is TypeScript; `lab` is this session',
  '%%maps': 'the rest of the cell is lines of /proc/PID/maps, mapped and shown',
  '%%strace': 'the rest of the cell is a log of strace, replayed on the kernel of the session',
  '%kernel': '%kernel [MODEL]: starts a fresh process on a model, `6.12 without realign`; alone says which is in use',
  '%reset': 'drops every name, of both languages, and starts a fresh process',
  '%time': '%time [STATEMENT]: how long the cell, or the statement, takes',
  '%export': '%export FILE: writes what ran in this session, since the last %reset, as a program',
  '%load': '%load FILE: puts a file into this cell, to be read and run',
  '%run': '%run FILE: runs a program, or a log of strace, in this session',
  '%clear': 'clears what the cell has said so far',
  '%attach': '%attach [NAME]: runs cells in a session elsewhere, the only other one where none is named',
  '%detach': 'ends that: cells run in the session of this notebook again',
  '%sessions': 'the sessions that run on this machine',
  '%lsmagic': 'this list',
  '%help': '%help NAME: a page about a call, a flag, an errno, a setting, a statement or a value',
  '?name': 'the same as %help',
};

export function magicList(): string {
  const width = Math.max(...Object.keys(MAGICS).map((name) => name.length));
  return Object.entries(MAGICS)
    .map(([name, text]) => `${name.padEnd(width)}  ${text}\n`)
    .join('');
}

export const unknownMagic = (magic: string): CellError => plainError('UnknownMagic', `${magic} is no magic of this kernel; %lsmagic lists those there are`);

/** Completes a magic where one can stand: alone on its line. */
export function completeMagic(text: string, cursor: number): CompletionList | undefined {
  const start = text.lastIndexOf('\n', cursor - 1) + 1;
  const typed = text.slice(start, cursor);
  if (!/^%%?\w*$/.test(typed)) return undefined;
  const items = Object.entries(MAGICS)
    .filter(([name]) => name.startsWith(typed))
    .map(([name, detail]) => ({ text: name, kind: 'keyword' as const, detail }));
  return { start, end: cursor, items };
}

/** What follows `%kernel` is what follows `kernel`: as code, at the same place. */
export function kernelLine(text: string, cursor: number): string | undefined {
  const start = text.lastIndexOf('\n', cursor - 1) + 1;
  const line = text.slice(start, cursor);
  return /^\s*%\s*kernel\s/.test(line) ? `${text.slice(0, start)}${line.replace('%', ' ')}${text.slice(cursor)}` : undefined;
}
