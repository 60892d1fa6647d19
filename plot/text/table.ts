/** Tables and plots of them, as text. */
import { tableText, type Channels, type Table } from '../../machine/index.js';

export function tableViewText(title: string, sentences: readonly string[], table: Table, model: string): string {
  const body = table.rows.length === 0 ? [] : [tableText(table)];
  return [`${title}  [${model}]`, ...sentences, ...body].join('\n');
}

/** What is drawn, and the columns it is drawn from. */
export function plotText(title: string, table: Table, channels: Channels, model: string): string {
  const wanted = [channels.x, ...(channels.color === undefined ? [] : [channels.color]), channels.y];
  const at = wanted.map((name) => table.columns.findIndex((c) => c.name === name)).filter((i) => i >= 0);
  const part: Table = {
    columns: at.flatMap((i) => table.columns[i] ?? []),
    rows: table.rows.map((row) => at.map((i) => row[i] ?? null)),
  };
  return tableViewText(title, [], part, model);
}
