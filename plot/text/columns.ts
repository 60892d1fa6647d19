/** Tables of text whose columns line up. */

export interface Column {
  readonly title: string;
  readonly align?: 'left' | 'right';
}

/** Rows under their titles; a row shorter than the columns ends early. */
export function columns(heads: readonly Column[], rows: readonly (readonly string[])[], indent = '  '): string[] {
  const all = [heads.map((h) => h.title), ...rows];
  const widths = heads.map((_, i) => Math.max(...all.map((r) => [...(r[i] ?? '')].length)));
  return all.map((row) => (indent + row.map((cell, i) => pad(cell, widths[i] ?? 0, heads[i]?.align ?? 'left')).join('  ')).trimEnd());
}

function pad(cell: string, width: number, align: 'left' | 'right'): string {
  const space = ' '.repeat(Math.max(0, width - [...cell].length));
  return align === 'left' ? cell + space : space + cell;
}

/** The first lines of many, and how many more there are. */
export function firstOf<T>(items: Iterable<T>, limit: number): { shown: T[]; more: number } {
  const shown: T[] = [];
  let more = 0;
  for (const item of items) {
    if (shown.length < limit) shown.push(item);
    else more++;
  }
  return { shown, more };
}
