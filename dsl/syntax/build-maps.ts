/** What is between the braces of `maps`: lines as /proc/PID/maps prints them. */
import type { IToken } from 'chevrotain';
import type { MapsLine } from './ast.js';
import type { Reporter } from '../messages/diagnostics.js';
import { MAPS_END } from '../messages/messages.js';
import { bracedOf, endOf, MapsLine as MapsLineToken } from './tokens.js';

/** Range, permissions, and of the rest whatever is there: offset, device, inode, name. */
const LINE = /^([0-9a-f]+)-([0-9a-f]+)\s+([r-][w-][x-][ps])(?:\s+([0-9a-f]+)(?=\s|$))?(?:\s+[0-9a-f]+:[0-9a-f]+)?(?:\s+\d+(?=\s|$))?(?:\s+(\S.*))?$/i;

export function mapsLines(block: IToken, reporter: Reporter): MapsLine[] {
  const lines: MapsLine[] = [];
  const { open, close } = bracedOf(block);
  // One that was made up for.
  if (close?.image === '') reporter.report({ start: open.startOffset, end: endOf(open) }, 'unclosed-bracket', open.image, MAPS_END);
  for (const token of bracedOf(block).tokens) {
    const text = token.image.trim();
    if (token.tokenType !== MapsLineToken || text === '' || text.startsWith('#')) continue;
    const start = token.startOffset + token.image.indexOf(text);
    const span = { start, end: start + text.length };
    const more = lines.length === 0 ? undefined : ofSmaps(text);
    if (more !== undefined) {
      lines.push({ ...(lines.pop() as MapsLine), ...more });
      continue;
    }
    const line = read(text);
    if (line === undefined) reporter.report(span, 'bad-maps-line', text);
    else if (line.start >= line.end) reporter.report(span, 'empty-maps-line', text);
    else if (line.start < (lines.at(-1)?.end ?? 0n)) reporter.report(span, 'maps-overlap', text);
    else lines.push({ ...line, span });
  }
  return lines;
}

/** What smaps says below each line: of all that, two things decide how it came about. */
function ofSmaps(text: string): Partial<MapsLine> | undefined {
  const [, key, value = ''] = /^([A-Z][A-Za-z_]+):\s*(.*)$/.exec(text) ?? [];
  if (key === undefined) return undefined;
  const kilobytes = /^(\d+) kB$/.exec(value)?.[1];
  switch (key) {
    case 'VmFlags':
      return { vmFlags: value.trim().split(/\s+/) };
    case 'Anonymous':
      return kilobytes === undefined ? {} : { anonymous: BigInt(kilobytes) << 10n };
    case 'Name':
      return { name: value.trim() };
    default:
      return {};
  }
}

function read(text: string): Omit<MapsLine, 'span'> | undefined {
  const [, start, end, perms, offset, name] = LINE.exec(text) ?? [];
  if (start === undefined || end === undefined || perms === undefined) return undefined;
  return {
    start: BigInt(`0x${start}`),
    end: BigInt(`0x${end}`),
    perms: perms.toLowerCase(),
    ...(offset !== undefined && { offset: BigInt(`0x${offset}`) }),
    ...(name !== undefined && { name }),
  };
}
