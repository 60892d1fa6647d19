/** The magics there are. */
import type { CompletionList } from '../../dsl/api.js';
import { plainError, type CellError } from './error.js';

export const MAGICS: Readonly<Record<string, string>> = {
  '%%ts': 'the rest of the cell is TypeScript; `lab` is this session',
  '%%strace': 'the rest of the cell is a log of strace, replayed on the kernel of the session',
  '%reset': 'drops every name, of both languages, and starts a fresh process',
  '%attach': 'runs cells in a session elsewhere: `%attach NAME`, or the only one there is',
  '%detach': 'runs cells in the session of this notebook again',
  '%sessions': 'the sessions that run on this machine',
  '%lsmagic': 'this list',
  '?name': 'shows what is known about a name',
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
