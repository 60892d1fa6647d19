/** The sessions that run, as a table. */
import type { Found } from '../../session/index.js';

const HEAD = ['session', 'of', 'process', 'directory', 'guests'];

/** @param marked the one to point at: one's own, or the one that was joined */
export function sessionList(found: readonly Found[], marked?: string): string {
  const rows = found.map(({ name, info }) =>
    info === undefined ? [name, '', '', 'busy: it does not answer now', ''] : [name, info.kind, String(info.pid), info.cwd, info.guests.join(', ') || 'none'],
  );
  const widths = HEAD.map((title, i) => Math.max(title.length, ...rows.map((row) => (row[i] ?? '').length)));
  const line = (row: readonly string[]): string =>
    row
      .map((text, i) => text.padEnd(widths[i] ?? 0))
      .join('  ')
      .trimEnd();
  const mark = (row: readonly string[]): string => (marked === undefined ? '' : row[0] === marked ? '* ' : '  ');
  return [HEAD, ...rows].map((row) => `${mark(row)}${line(row)}\n`).join('');
}
