/** Page tables as boxes on an axis: neighbours that fared alike and cannot be seen apart become one. */
import type { AddressSpace, Level, Vpn } from '../../machine/index.js';
import type { PageAxis } from '../page-axis.js';
import type { Range } from '../ranges.js';
import { sharedTables, tableMoves, type TableFate, type TableMove } from '../table-change.js';
import { filledTables, type FilledTables } from '../table-fill.js';
import { ownVmas } from './bands.js';

/** `left`: the place a table was taken from. */
export type BoxState = 'kept' | 'allocated' | 'rehung' | 'freed' | 'left';

/** Neighbouring tables, drawn as one box: `least` to `most` of their entries are set. */
export interface TableBox extends Range {
  readonly state: BoxState;
  readonly tables: number;
  readonly entries: number;
  readonly least: number;
  readonly most: number;
  /** Tables without an entry. */
  readonly empty: number;
  /** Tables that map pages of more than one mapping. */
  readonly shared: number;
}

/** More boxes than this on a level become fewer by dropping what tells neighbours apart. */
const BOXES = 120;

interface Piece extends FilledTables {
  readonly state: BoxState;
}

/** The boxes of one level and, where a call is drawn, what it did to the tables. */
export function tableBoxes(level: Level, after: AddressSpace, before: AddressSpace | undefined, axis: PageAxis, within: Range): { boxes: TableBox[]; moves: TableMove[] } {
  const shared = sharedTables(ownVmas(after), level);
  const now = clipped(filledTables(after, level), within);
  const moves = before === undefined ? [] : tableMoves(before, after, level.name).filter((m) => touches(m.from, m, within) || touches(m.to, m, within));
  const cuts = moves.flatMap((m) => (m.to === null ? [] : [m.to, m.to + m.count * m.span]));
  const fateAt = (start: Vpn): TableFate | undefined => moves.find((m) => m.to !== null && m.to <= start && start < m.to + m.count * m.span)?.fate;
  const pieces = now.flatMap((t) => cutAt(t, cuts)).map((t): Piece => ({ ...t, state: (fateAt(t.start) as 'allocated' | 'rehung' | undefined) ?? 'kept' }));
  const old = before === undefined ? [] : filledTables(before, level);
  const gone = moves.flatMap(({ from, count, span, fate }) =>
    from === null ? [] : clipped(old, { start: from, end: from + count * span }).map((t): Piece => ({ ...t, state: fate === 'freed' ? 'freed' : 'left' })),
  );
  const boxes = [...boxesOf(pieces, axis, shared), ...boxesOf(clipped(gone, within), axis, new Map())];
  return { boxes, moves };
}

const touches = (start: Vpn | null, m: TableMove, r: Range): boolean => start !== null && start < r.end && start + m.count * m.span > r.start;

/** The tables of runs that have a part in the range. */
function clipped<T extends FilledTables>(runs: readonly T[], r: Range): T[] {
  return runs.flatMap((t) => {
    const skip = Math.max(0, Math.floor((r.start - t.start) / t.span));
    const count = Math.min(t.count, Math.ceil((r.end - t.start) / t.span)) - skip;
    return count <= 0 ? [] : [{ ...t, start: t.start + skip * t.span, count }];
  });
}

function cutAt(t: FilledTables, cuts: readonly Vpn[]): FilledTables[] {
  const end = t.start + t.count * t.span;
  const edges = [t.start, ...cuts.filter((c) => c > t.start && c < end).sort((a, b) => a - b), end];
  return edges.slice(0, -1).flatMap((start, i) => {
    const count = ((edges[i + 1] ?? end) - start) / t.span;
    return count <= 0 ? [] : [{ ...t, start, count }];
  });
}

function boxesOf(pieces: readonly Piece[], axis: PageAxis, shared: ReadonlyMap<Vpn, number>): TableBox[] {
  const fine = merged(pieces, axis, shared, 6, true);
  return fine.length <= BOXES ? fine : merged(pieces, axis, shared, 12, false);
}

function merged(pieces: readonly Piece[], axis: PageAxis, shared: ReadonlyMap<Vpn, number>, narrow: number, apartByState: boolean): TableBox[] {
  const sharing = [...shared.keys()].sort((a, b) => a - b);
  const out: TableBox[] = [];
  for (const t of pieces.flatMap((run) => apart(run, axis))) {
    const end = t.start + t.count * t.span;
    const own = {
      start: t.start,
      end,
      state: t.state,
      tables: t.count,
      entries: t.count * t.filled,
      least: t.filled,
      most: t.filled,
      empty: t.filled === 0 ? t.count : 0,
      shared: sharing.filter((s) => s >= t.start && s < end).length,
    };
    const last = out.at(-1);
    if (last !== undefined && axis.at(end) - axis.at(last.start) < narrow && (last.state === t.state || !apartByState)) out[out.length - 1] = joined(last, own);
    else out.push(own);
  }
  return out;
}

const joined = (a: TableBox, b: TableBox): TableBox => ({
  start: a.start,
  end: b.end,
  state: a.state === 'kept' ? b.state : a.state,
  tables: a.tables + b.tables,
  entries: a.entries + b.entries,
  least: Math.min(a.least, b.least),
  most: Math.max(a.most, b.most),
  empty: a.empty + b.empty,
  shared: a.shared + b.shared,
});

/** The tables of a run one by one, where each has room for a frame of its own. */
function apart(run: Piece, axis: PageAxis): Piece[] {
  const width = axis.at(run.start + run.count * run.span) - axis.at(run.start);
  if (run.count === 1 || width / run.count < 8) return [run];
  return Array.from({ length: run.count }, (_, i) => ({ ...run, start: run.start + i * run.span, count: 1 }));
}
