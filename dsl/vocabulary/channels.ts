/** Which column of a table goes where in its chart: `x=offset y=pte color=len`. */
import type { Channels, Table, TableColumn } from '../../machine/index.js';
import type { PlotStatement } from '../syntax/ast.js';
import type { Report } from '../messages/diagnostics.js';
import { closest } from '../messages/suggest.js';

const KEYS = ['x', 'y', 'color', 'mark', 'title'] as const;
type Key = (typeof KEYS)[number];
const MARKS = ['line', 'bar', 'heat'] as const;

const isKey = (name: string): name is Key => (KEYS as readonly string[]).includes(name);
const isMark = (name: string): name is Channels['mark'] => (MARKS as readonly string[]).includes(name);

/** @param columns the names of the table's columns, where the text tells */
export function checkChannels(channels: PlotStatement['channels'], columns: readonly string[] | undefined, report: Report): void {
  for (const { key, value } of channels) {
    if (!isKey(key.text)) report(key.span, 'unknown-channel', key.text, closest(key.text, KEYS), KEYS);
    else if (key.text === 'mark') {
      if (!isMark(value.text)) report(value.span, 'unknown-mark', value.text, MARKS);
    } else if (key.text !== 'title' && columns !== undefined && !columns.includes(value.text)) {
      report(value.span, 'unknown-column', value.text, closest(value.text, columns), columns);
    }
  }
}

/** More lines than this are not told apart by colour: a heat map shows them better. */
const LINES = 8;

/**
 * What is left out follows from the table: x is its first column, y its last, colour the one other
 * column there is. A heat map has its value, the last column, as colour, and the first two as x and y.
 * Two variables make lines of one colour each, and a heat map where those would be too many.
 */
export function channelsOf(given: PlotStatement['channels'], table: Table): Channels {
  const said = new Map(given.map(({ key, value }) => [key.text, value.text]));
  const names = table.columns.map((c) => c.name);
  const [asked, title] = [said.get('mark'), said.get('title')];
  const mark = asked !== undefined && isMark(asked) ? asked : undefined;
  const rest = title === undefined ? {} : { title };
  const x = said.get('x') ?? names.find((n) => n !== said.get('y') && n !== said.get('color')) ?? '';
  const left = (taken: readonly (string | undefined)[]): string[] => names.filter((n) => n !== x && !taken.includes(n));

  const y = said.get('y') ?? left([said.get('color')]).at(-1) ?? x;
  const others = left([y]);
  const color = said.get('color') ?? (others.length === 1 ? others[0] : undefined);
  const crowded = mark === undefined && !said.has('y') && !said.has('color') && color !== undefined && isCrowded(table, color);
  if (mark !== 'heat' && !crowded) return { x, y, ...(color !== undefined && { color }), mark: mark ?? (isNumeric(table, x) ? 'line' : 'bar'), ...rest };

  const value = said.get('color') ?? left([said.get('y')]).at(-1);
  return { x, y: said.get('y') ?? left([value])[0] ?? x, ...(value !== undefined && { color: value }), mark: 'heat', ...rest };
}

function isCrowded(table: Table, name: string): boolean {
  const at = table.columns.findIndex((c: TableColumn) => c.name === name);
  return new Set(table.rows.map((row) => row[at])).size > LINES;
}

function isNumeric(table: Table, name: string): boolean {
  const at = table.columns.findIndex((c: TableColumn) => c.name === name);
  return table.rows.every((row) => typeof row[at] === 'bigint' || typeof row[at] === 'number');
}
