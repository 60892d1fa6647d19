/**
 * A `%%maps` cell: lines as they were copied out of /proc/PID/maps. There two neighbours that look
 * alike may be two mappings, kept apart by what no line shows: one was written to and the other not.
 * Such lines are joined, where a `maps { }` block that somebody wrote would be a mistake.
 */
import { yellow } from './error.js';

export interface PastedMaps {
  /** As long as the text. */
  readonly code: string;
  readonly warning: string | undefined;
}

interface Line {
  readonly at: number;
  readonly end: string;
  readonly perms: string;
  readonly offset: string;
  readonly name: string;
}

const LINE = /^(\s*)([0-9a-f]+)-([0-9a-f]+)\s+([r-][w-][x-][ps])\s+([0-9a-f]+)\s+\S+\s+\d+(?!\d)(.*)$/i;

export function joinNeighbours(text: string): PastedMaps {
  const lines = text.split('\n');
  const joined: string[] = [];
  let open: (Line & { readonly start: string }) | undefined;
  for (const [i, line] of lines.entries()) {
    const [, , start = '', end = '', perms = '', offset = '', rest = ''] = LINE.exec(line) ?? [];
    const name = rest.trim();
    if (start === '') {
      if (line.trim() !== '') open = undefined;
      continue;
    }
    if (open !== undefined && goesOn(open, start, perms, offset, name) && end.length === open.end.length) {
      const first = lines[open.at] ?? '';
      lines[open.at] = first.replace(`${open.start}-${open.end}`, `${open.start}-${end}`);
      lines[i] = ' '.repeat(line.length);
      joined.push(`${open.at + 1} and ${i + 1}`);
      open = { ...open, end };
    } else open = { at: i, start, end, perms, offset, name };
  }
  const warning = joined.length === 0 ? undefined : `${yellow('warning')}: one mapping each on the model, for nothing in them keeps them apart: lines ${joined.join(', ')}\n`;
  return { code: lines.join('\n'), warning };
}

function goesOn(open: Line & { readonly start: string }, start: string, perms: string, offset: string, name: string): boolean {
  if (start !== open.end || perms !== open.perms || name !== open.name) return false;
  const anonymous = name === '' || name.startsWith('[');
  return anonymous || hex(offset) === hex(open.offset) + hex(open.end) - hex(open.start);
}

const hex = (digits: string): bigint => BigInt(`0x${digits}`);
