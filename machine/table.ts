/** Tables: the result of a sweep, and what several views consist of. */
import { count, hex, size } from './format.js';

/** A value of a table; null where there is none. */
export type TableCell = bigint | number | string | boolean | null;

/** A column: its name, and how its numbers are printed. */
export interface TableColumn {
  readonly name: string;
  /** How its numbers are printed. */
  readonly as: 'count' | 'size' | 'address' | 'text';
}

/** Rows of values, a value for each column. */
export interface Table {
  readonly columns: readonly TableColumn[];
  readonly rows: readonly (readonly TableCell[])[];
}

/** A value as its column prints it; empty for none. */
export function cellText(cell: TableCell | undefined, column: TableColumn): string {
  if (cell === null || cell === undefined) return '';
  if (typeof cell !== 'bigint' && typeof cell !== 'number') return String(cell);
  if (column.as === 'text') return String(cell);
  const value = BigInt(cell);
  if (value < 0n || column.as === 'count') return count(value);
  return column.as === 'size' ? size(value) : hex(value);
}

const ROWS = 200;

/** Text with aligned columns, numbers to the right. Of a long table only the first rows, and how many more there are. */
export function tableText({ columns, rows }: Table, limit = ROWS): string {
  const shown = rows.slice(0, limit).map((row) => columns.map((c, i) => cellText(row[i], c)));
  const widths = columns.map((c, i) => Math.max(c.name.length, ...shown.map((row) => (row[i] ?? '').length)));
  const right = columns.map((c, i) => c.as !== 'text' && rows.some((row) => typeof row[i] === 'bigint' || typeof row[i] === 'number'));
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, i) => (right[i] === true ? cell.padStart(widths[i] ?? 0) : cell.padEnd(widths[i] ?? 0)))
      .join('  ')
      .trimEnd();
  const lines = [line(columns.map((c) => c.name)), ...shown.map(line)];
  if (rows.length > limit) lines.push(`… and ${count(rows.length - limit)} more rows`);
  return lines.join('\n');
}
