/** Which column of a table goes where in its chart: `x=offset y=pte color=len`. */
import type { Channels, Table, TableColumn } from '../machine/index.js';
import type { PlotStatement } from './ast.js';
import type { Report } from './diagnostics.js';
import { closest } from './suggest.js';

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

/**
 * What is left out follows from the table: x is its first column, y its last, colour the one other
 * column there is; two variables and no colour asked for make lines of one colour each.
 */
export function channelsOf(given: PlotStatement['channels'], table: Table): Channels {
  const said = new Map(given.map(({ key, value }) => [key.text, value.text]));
  const names = table.columns.map((c) => c.name);
  const x = said.get('x') ?? names[0] ?? '';
  const y = said.get('y') ?? names.findLast((n) => n !== x) ?? x;
  const others = names.filter((n) => n !== x && n !== y);
  const color = said.get('color') ?? (others.length === 1 ? others[0] : undefined);
  const asked = said.get('mark');
  const title = said.get('title');
  return {
    x,
    y,
    ...(color !== undefined && { color }),
    mark: asked !== undefined && isMark(asked) ? asked : isNumeric(table, x) ? 'line' : 'bar',
    ...(title !== undefined && { title }),
  };
}

function isNumeric(table: Table, name: string): boolean {
  const at = table.columns.findIndex((c: TableColumn) => c.name === name);
  return table.rows.every((row) => typeof row[at] === 'bigint' || typeof row[at] === 'number');
}
