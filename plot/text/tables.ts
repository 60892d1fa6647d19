/** Page tables as a tree by level, and the walk to a page. */
import { count, hex, size, toBytes, type AddressSpace, type Level, type Vpn } from '../../machine/index.js';
import { filledTables, type FilledTables } from '../table-fill.js';
import { addressText } from '../title.js';
import { plural } from '../totals.js';
import { columns, firstOf } from './columns.js';

const LINES = 80;

export function tablesText(space: AddressSpace, at: Vpn | undefined, model: string): string {
  const head = `page tables  [${model}, ${space.geometry.name}]: ${plural(space.usage.tablePages, 'table page')}`;
  return at === undefined ? [head, ...treeLines(space)].join('\n') : [head, ...walkLines(space, at)].join('\n');
}

function treeLines(space: AddressSpace): string[] {
  const g = space.geometry;
  const levels = [...g.levels].reverse();
  const filled = levels.map((l) => filledTables(space, l));
  const rows = function* (depth: number, from: Vpn, to: Vpn): Generator<string[]> {
    const level = levels[depth];
    if (level === undefined) return;
    for (const t of within(filled[depth] ?? [], from, to)) {
      yield row(space, level, t, depth);
      yield* rows(depth + 1, t.start, t.start + t.count * t.span);
    }
  };
  const { shown, more } = firstOf(rows(0, 0, Infinity), LINES);
  const lines = columns([{ title: 'level' }, { title: 'from', align: 'right' }, { title: 'to', align: 'right' }, { title: 'tables', align: 'right' }, { title: 'entries set' }], shown);
  return more > 0 ? [...lines, `  … and ${plural(more, 'more line')}`] : lines;
}

/** Runs are uniform, so a part of one is one too. */
function* within(tables: readonly FilledTables[], from: Vpn, to: Vpn): Generator<FilledTables> {
  for (const t of tables) {
    const start = Math.max(t.start, from);
    const end = Math.min(t.start + t.count * t.span, to);
    if (start < end) yield { ...t, start, count: Math.max(1, (end - start) / t.span) };
  }
}

function row(space: AddressSpace, level: Level, t: FilledTables, depth: number): string[] {
  const g = space.geometry;
  const all = 2 ** level.bits;
  const each = t.count > 1 ? ' each' : '';
  const state = t.filled === 0 ? 'empty' : t.filled === all ? `all ${count(all)}${each}` : `${count(t.filled)} of ${count(all)}${each}`;
  const end = toBytes(g, t.start) + BigInt(t.count) * toBytes(g, t.span);
  return ['  '.repeat(depth) + level.name.toUpperCase(), addressText(g, t.start), hex(end), count(t.count), state];
}

export interface WalkRow {
  readonly level: Level;
  readonly index: number;
  readonly state: 'none' | 'table' | 'page';
  /** The table that the entry stands in. */
  readonly table: FilledTables | undefined;
  readonly start: Vpn;
  readonly span: number;
}

export function walkRows(space: AddressSpace, at: Vpn): WalkRow[] {
  return space.walk(at).flatMap((e) => {
    const level = space.geometry.levels.find((l) => l.name === e.level);
    if (level === undefined) return [];
    const span = 2 ** (level.shift + level.bits);
    const start = Math.floor(at / span) * span;
    const table = filledTables(space, level, start, start + span).find((t) => t.start <= start && start < t.start + t.count * t.span);
    return [{ level, index: e.index, state: e.state, table, start, span }];
  });
}

const LEADS = { none: 'none', table: 'a table below', page: 'the page' } as const;

function walkLines(space: AddressSpace, at: Vpn): string[] {
  const g = space.geometry;
  const rows = walkRows(space, at).map((w) => [
    `${w.level.name}[${w.index}]`,
    LEADS[w.state],
    `${addressText(g, w.start)}..${addressText(g, w.start + w.span)}`,
    size(toBytes(g, 2 ** w.level.shift)),
    w.table === undefined ? '' : `${count(w.table.filled)} of ${count(2 ** w.level.bits)}`,
  ]);
  return [
    `walk to ${addressText(g, at)}`,
    ...columns([{ title: 'entry' }, { title: 'leads to' }, { title: 'its table covers' }, { title: 'entry spans', align: 'right' }, { title: 'entries set' }], rows),
  ];
}
