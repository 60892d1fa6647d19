/** Page tables as a tree by level, and the walk to a page. */
import { count, hex, size, toBytes, type AddressSpace, type Level, type OpRecord, type Vpn } from '../../machine/index.js';
import { allTableMoves, sharedTables, tableMovesText } from '../table-change.js';
import { filledTables, type FilledTables } from '../table-fill.js';
import { addressText, callText } from '../title.js';
import { plural, tableCount } from '../totals.js';
import { columns, firstOf } from './columns.js';

const LINES = 80;

export function tablesText(space: AddressSpace, at: Vpn | undefined, model: string, record?: OpRecord): string {
  const head = `page tables  [${model}, ${space.geometry.name}]: ${plural(tableCount(space), 'table page')}`;
  if (at !== undefined) return [head, ...walkLines(space, at)].join('\n');
  if (record === undefined) return [head, ...treeLines(space)].join('\n');
  return [`${callText(record)}  [${model}]`, ...changeLines(record), '', head, ...treeLines(space)].join('\n');
}

const FATES = { allocated: 'allocated', freed: 'freed', rehung: 're-hung' } as const;

/** What the call did to the tables. */
function changeLines(record: OpRecord): string[] {
  const g = record.after.geometry;
  const moves = allTableMoves(record);
  const { shown, more } = firstOf(moves, LINES / 2);
  const at = (start: Vpn | null): string => (start === null ? '' : addressText(g, start));
  const rows = shown.map((m) => [FATES[m.fate], m.level.toUpperCase(), count(m.count), at(m.from), m.from === null || m.to === null ? '' : '→', at(m.to)]);
  const heads = [
    { title: 'fate' },
    { title: 'level' },
    { title: 'tables', align: 'right' },
    { title: 'from', align: 'right' },
    { title: '' },
    { title: 'to', align: 'right' },
  ] as const;
  return [tableMovesText(moves), ...(moves.length === 0 ? [] : columns(heads, rows)), ...(more > 0 ? [`  … and ${plural(more, 'more line')}`] : [])];
}

function treeLines(space: AddressSpace): string[] {
  const g = space.geometry;
  const levels = [...g.levels].reverse();
  const filled = levels.map((l) => filledTables(space, l));
  const vmas = [...space.vmas()].filter((v) => !v.background);
  const shared = levels.map((l) => [...sharedTables(vmas, l).keys()]);
  const rows = function* (depth: number, from: Vpn, to: Vpn): Generator<string[]> {
    const level = levels[depth];
    if (level === undefined) return;
    for (const t of within(filled[depth] ?? [], from, to)) {
      const sharing = (shared[depth] ?? []).filter((s) => s >= t.start && s < t.start + t.count * t.span).length;
      yield row(space, level, t, depth, sharing);
      yield* rows(depth + 1, t.start, t.start + t.count * t.span);
    }
  };
  const { shown, more } = firstOf(rows(0, 0, Infinity), LINES);
  const lines = columns(
    [{ title: 'level' }, { title: 'from', align: 'right' }, { title: 'to', align: 'right' }, { title: 'tables', align: 'right' }, { title: 'entries set' }],
    shown,
  );
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

function row(space: AddressSpace, level: Level, t: FilledTables, depth: number, sharing: number): string[] {
  const g = space.geometry;
  const all = 2 ** level.bits;
  const each = t.count > 1 ? ' each' : '';
  const state = t.filled === 0 ? 'left over, empty' : t.filled === all ? `all ${count(all)}${each}` : `${count(t.filled)} of ${count(all)}${each}`;
  const end = toBytes(g, t.start) + BigInt(t.count) * toBytes(g, t.span);
  return [
    '  '.repeat(depth) + level.name.toUpperCase(),
    addressText(g, t.start),
    hex(end),
    count(t.count),
    sharing === 0 ? state : `${state}; ${t.count === 1 ? 'serves' : `${count(sharing)} serve`} several mappings`,
  ];
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
