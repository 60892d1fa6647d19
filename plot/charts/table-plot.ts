/** A table as a chart: lines, bars or a heat map, with the columns that the view names. */
import { cellText, size, type Channels, type Table, type TableCell, type TableColumn } from '../../machine/index.js';
import { chart, type Panel, type VegaLiteSpec } from '../spec.js';
import { CATEGORIES, HEAT, INK, PLANE, ROW_NAMES } from '../theme.js';

const HEIGHT = 320;
const TICKS = 8;

interface Channel {
  readonly column: TableColumn;
  readonly at: number;
}

export function tablePlot(table: Table, channels: Channels, model: string): VegaLiteSpec | null {
  const [x, y] = [find(table, channels.x), find(table, channels.y)];
  const color = channels.color === undefined ? undefined : find(table, channels.color);
  if (x === undefined || y === undefined || table.rows.length === 0) return null;
  const title = plotTitle(channels);
  const heading = { title, subtitle: [`${model}, ${table.rows.length} points`], description: `${title} on ${model}` };
  const used = [x, y, ...(color === undefined ? [] : [color])];
  const data = { values: table.rows.map((row) => rowOf(row, used)) };
  const tooltip = used.map(({ column, at }) => ({ field: `${at}_text`, type: 'nominal' as const, title: column.name }));
  const panel = { data, width: PLANE, height: HEIGHT, encoding: { ...encodings(channels.mark, table, x, y, color), tooltip }, mark: markOf(channels.mark) };
  return chart(heading, [panel as unknown as Panel]);
}

export const plotTitle = ({ title, x, y, color, mark }: Channels): string => {
  if (title !== undefined) return title;
  return mark === 'heat' && color !== undefined ? `${color} by ${x} and ${y}` : `${y} by ${x}${color === undefined ? '' : `, for each ${color}`}`;
};

function find(table: Table, name: string): Channel | undefined {
  const at = table.columns.findIndex((c) => c.name === name);
  const column = table.columns[at];
  return column === undefined ? undefined : { column, at };
}

/** A row's value and how it reads; names of columns may hold dots, which would mean a path to Vega-Lite. */
function rowOf(row: readonly TableCell[], used: readonly Channel[]): Record<string, string | number | boolean | null> {
  const values: Record<string, string | number | boolean | null> = {};
  for (const { column, at } of used) {
    const cell = row[at] ?? null;
    values[`${at}_value`] = typeof cell === 'bigint' ? Number(cell) : cell;
    values[`${at}_text`] = cellText(cell, column);
  }
  return values;
}

const numeric = (table: Table, { at }: Channel): boolean => table.rows.every((row) => typeof row[at] === 'bigint' || typeof row[at] === 'number');

function markOf(mark: Channels['mark']): object {
  switch (mark) {
    case 'line':
      return { type: 'line', point: { size: 28 }, strokeWidth: 1.8, aria: false };
    case 'bar':
      return { type: 'bar', aria: false };
    case 'heat':
      return { type: 'rect', stroke: INK.ground, strokeWidth: 0.5, aria: false };
  }
}

function encodings(mark: Channels['mark'], table: Table, x: Channel, y: Channel, color: Channel | undefined): object {
  const axis = { minExtent: ROW_NAMES, maxExtent: ROW_NAMES };
  if (mark === 'heat') {
    const value =
      color === undefined ? {} : { color: { field: `${color.at}_value`, type: 'quantitative', scale: { range: [...HEAT] }, legend: { title: color.column.name, orient: 'top' } } };
    return { x: ordinal(table, x), y: { ...ordinal(table, y), axis: { ...axis, title: y.column.name } }, ...value };
  }
  const lines = mark === 'line' && numeric(table, x);
  const group =
    color === undefined
      ? { color: { value: CATEGORIES[0] } }
      : { color: { ...nominal(table, color), scale: { range: [...CATEGORIES] }, legend: { title: color.column.name, orient: 'top', ...(lines ? { symbolType: 'stroke' } : {}) } } };
  const beside = mark === 'bar' && color !== undefined ? { xOffset: { field: `${color.at}_text`, sort: texts(table, color) } } : {};
  return {
    x: lines ? quantitative(table, x, {}) : ordinal(table, x),
    y: numeric(table, y) ? quantitative(table, y, axis) : { ...ordinal(table, y), axis: { ...axis, title: y.column.name } },
    ...group,
    ...beside,
  };
}

const texts = (table: Table, { column, at }: Channel): string[] => [...new Set(table.rows.map((row) => cellText(row[at], column)))];

/** In the order in which the table has them. */
const nominal = (table: Table, c: Channel): object => ({ field: `${c.at}_text`, type: 'nominal', sort: texts(table, c) });

function ordinal(table: Table, c: Channel): object {
  return { ...nominal(table, c), axis: { title: c.column.name, labelAngle: 0, labelOverlap: 'parity' } };
}

/** Sizes are marked at powers of two, and said in K, M and G. */
function quantitative(table: Table, c: Channel, axis: object): object {
  const values = table.rows.map((row) => Number(row[c.at]));
  const [low, high] = [Math.min(0, ...values), Math.max(1, ...values)];
  const common = { field: `${c.at}_value`, type: 'quantitative' };
  if (c.column.as === 'count' || c.column.as === 'text') {
    const whole = high - low <= TICKS ? { tickMinStep: 1 } : {};
    return { ...common, scale: { domain: [low, high], nice: true }, axis: { ...axis, title: c.column.name, format: ',d', ...whole } };
  }
  const step = 2 ** Math.max(0, Math.ceil(Math.log2((high - low) / TICKS)));
  const first = Math.ceil(low / step) * step;
  const ticks = Array.from({ length: Math.floor((high - first) / step) + 1 }, (_, i) => first + i * step);
  const labels = Object.fromEntries(ticks.map((t) => [String(t), c.column.as === 'size' ? size(BigInt(t)) : `0x${t.toString(16)}`]));
  return {
    ...common,
    scale: { domain: [low, high], nice: false },
    axis: { ...axis, title: c.column.name, values: ticks, labelExpr: `(${JSON.stringify(labels)})[toString(datum.value)]` },
  };
}
