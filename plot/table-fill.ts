/** How many entries of each page table are set, counted in stretches of tables that are alike. */
import type { AddressSpace, Geometry, Level, Pages, TableRun, Vpn } from '../machine/index.js';

/** Tables side by side, each with `filled` of its entries set. */
export interface FilledTables {
  readonly start: Vpn;
  readonly span: Pages;
  readonly count: number;
  readonly filled: number;
}

export interface Extent {
  readonly start: Vpn;
  readonly pages: Pages;
}

/** `below` is what the entries point to: ascending, disjoint, each in whole entries of `entry` pages. */
export function* fillTables(tables: Iterable<TableRun>, below: Iterable<Extent>, entry: Pages): Generator<FilledTables> {
  const next = below[Symbol.iterator]();
  let child = next.next();
  let open = null as FilledTables | null;
  const end = (e: Extent): Vpn => e.start + e.pages;
  for (const run of tables) {
    for (let i = 0; i < run.count;) {
      const start = run.start + i * run.span;
      const stop = start + run.span;
      while (child.done !== true && end(child.value) <= start) child = next.next();
      let count = 1;
      let filled = 0;
      if (child.done === true || child.value.start >= stop) {
        count = child.done === true ? run.count - i : Math.min(run.count - i, Math.floor((child.value.start - start) / run.span));
      } else if (child.value.start <= start && end(child.value) >= stop) {
        count = Math.min(run.count - i, Math.floor((end(child.value) - start) / run.span));
        filled = run.span / entry;
      } else {
        while (child.done !== true && child.value.start < stop) {
          filled += (Math.min(end(child.value), stop) - Math.max(child.value.start, start)) / entry;
          if (end(child.value) > stop) break;
          child = next.next();
        }
      }
      i += count;
      if (open !== null && open.start + open.count * open.span === start && open.filled === filled) {
        open = { ...open, count: open.count + count };
      } else {
        if (open !== null) yield open;
        open = { start, span: run.span, count, filled };
      }
    }
  }
  if (open !== null) yield open;
}

const tableSpan = (l: Level): Pages => 2 ** (l.shift + l.bits);

/** The tables of a level; the root, which an address space need not list, is always there. */
export function tablesOf(space: AddressSpace, level: Level, from?: Vpn, to?: Vpn): TableRun[] {
  const listed = [...space.tables(level.name, from, to)];
  const root = space.geometry.levels.at(-1);
  if (listed.length > 0 || level !== root) return listed;
  return [{ level: level.name, start: 0, span: tableSpan(level), count: 1, id: 0 }];
}

/** Filled tables of one level; all of them, or those that intersect a range. */
export function filledTables(space: AddressSpace, level: Level, from?: Vpn, to?: Vpn): FilledTables[] {
  const tables = tablesOf(space, level, from, to);
  const first = tables[0];
  const last = tables.at(-1);
  if (first === undefined || last === undefined) return [];
  return [...fillTables(tables, entriesBelow(space, level, first.start, last.start + last.count * last.span), 2 ** level.shift)];
}

/** What the entries of a level point to: tables of the level below, or pages. */
export function* entriesBelow(space: AddressSpace, level: Level, from: Vpn, to: Vpn): Generator<Extent> {
  const below = space.geometry.levels[space.geometry.levels.indexOf(level) - 1];
  const clip = (start: Vpn, end: Vpn): Extent => ({ start: Math.max(start, from), pages: Math.min(end, to) - Math.max(start, from) });
  if (below === undefined) {
    for (const p of space.pages(from, to)) yield clip(p.start, p.start + p.count);
    return;
  }
  let at = from;
  for (const t of space.tables(below.name, from, to)) {
    const end = t.start + t.count * t.span;
    yield* hugeEntries(space, level, at, Math.max(at, t.start));
    yield clip(t.start, end);
    at = end;
  }
  yield* hugeEntries(space, level, at, Math.max(at, to));
}

/** Entries that map pages themselves, where no table of the level below does. */
function* hugeEntries(space: AddressSpace, level: Level, from: Vpn, to: Vpn): Generator<Extent> {
  if (from >= to) return;
  const entry = 2 ** level.shift;
  let end = from;
  for (const p of space.pages(from, to)) {
    const start = Math.max(end, Math.floor(p.start / entry) * entry);
    end = Math.max(end, Math.min(to, Math.ceil((p.start + p.count) / entry) * entry));
    if (end > start) yield { start, pages: end - start };
  }
}

/** How many entries of a level map huge pages: those set that lead to no table. */
export function hugeEntriesOf(space: AddressSpace, level: Level): number {
  const below = space.geometry.levels[space.geometry.levels.indexOf(level) - 1];
  if (below === undefined) return 0;
  const set = filledTables(space, level).reduce((n, t) => n + t.count * t.filled, 0);
  return tablesOf(space, below).reduce((n, t) => n - t.count, set);
}

export const entriesOf = (g: Geometry, t: FilledTables): number => {
  const level = g.levels.find((l) => tableSpan(l) === t.span);
  return level === undefined ? 0 : 2 ** level.bits;
};
