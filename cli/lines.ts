/** The lines of a file that is too long to be held: as they come, unpacked where the name ends in .gz. */
import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import type { LogSource } from './input.js';

/** A longer line is cut off here: no line of a log is as long. */
const LONGEST = 1 << 16;

export interface LineOptions {
  /** Asked between chunks: whether to read on. */
  readonly goesOn?: () => boolean;
  /** Characters that are kept of a line. */
  readonly longest?: number;
}

/** How much is read at once: enough that few lines are cut in two. */
const CHUNK = 1 << 18;

/**
 * Calls `onLine` for each line, without its end.
 * @throws the error of the file system or of the unpacker
 */
export async function eachLine(source: LogSource, onLine: (line: string) => void, { goesOn = () => true, longest = LONGEST }: LineOptions = {}): Promise<void> {
  let rest = '';
  for await (const chunk of textOf(source) as AsyncIterable<string>) {
    const text = rest === '' ? chunk : rest + chunk;
    let at = 0;
    for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', at)) {
      onLine(withoutReturn(text, at, end));
      at = end + 1;
    }
    rest = text.length - at > longest ? text.slice(at, at + longest) : text.slice(at);
    if (!goesOn()) return;
  }
  if (rest !== '') onLine(withoutReturn(rest, 0, rest.length));
}

const RETURN = 13;

const withoutReturn = (text: string, from: number, to: number): string => text.slice(from, to > from && text.charCodeAt(to - 1) === RETURN ? to - 1 : to);

/** An error of the file reaches whoever reads the text. */
function textOf({ file, packed, bytes: held }: LogSource): Readable {
  const bytes = held === undefined ? createReadStream(file, { highWaterMark: CHUNK }) : Readable.from([held]);
  if (!packed) return bytes.setEncoding('utf8');
  const text = createGunzip({ chunkSize: CHUNK });
  bytes.on('error', (error: Error) => text.destroy(error));
  return bytes.pipe(text).setEncoding('utf8');
}
