/** Which page tables a call allocated, freed or moved: found by comparing their identities before and after. */
import { type AddressSpace, type Level, type LevelName, type OpRecord, type Pages, type TableRun, type Vma, type Vpn } from '../machine/index.js';
import type { Range } from './ranges.js';
import { plural } from './totals.js';

const LEVELS: readonly LevelName[] = ['pte', 'pmd', 'pud', 'p4d', 'pgd'];

export type TableFate = 'allocated' | 'freed' | 'rehung';

/** Neighbouring tables to which the same happened. */
export interface TableMove {
  readonly fate: TableFate;
  readonly level: LevelName;
  /** Where they were; null where they were not. */
  readonly from: Vpn | null;
  /** Where they are. */
  readonly to: Vpn | null;
  readonly span: Pages;
  readonly count: number;
}

/** In the order of their identities: tables that stayed where they were are left out. */
export function tableMoves(before: AddressSpace, after: AddressSpace, level: LevelName): TableMove[] {
  const byId = (space: AddressSpace): TableRun[] => [...space.tables(level)].sort((a, b) => a.id - b.id);
  const [old, now] = [byId(before), byId(after)];
  const out: TableMove[] = [];
  let [i, j] = [0, 0];
  let [b, a] = [old[0], now[0]];
  const rest = (run: TableRun, by: number): TableRun | undefined =>
    run.count === by ? undefined : { ...run, id: run.id + by, start: run.start + by * run.span, count: run.count - by };
  while (b !== undefined || a !== undefined) {
    const first = b === undefined || (a !== undefined && a.id < b.id) ? a : b;
    if (first === undefined) break;
    const same = b !== undefined && a !== undefined && a.id === b.id;
    const other = first === b ? a : b;
    const count = same ? Math.min(a?.count ?? 0, b?.count ?? 0) : Math.min(first.count, other === undefined ? Infinity : other.id - first.id);
    const [from, to] = [same || first === b ? (b?.start ?? null) : null, same || first === a ? (a?.start ?? null) : null];
    if (from !== to) out.push({ fate: from === null ? 'allocated' : to === null ? 'freed' : 'rehung', level, from, to, span: first.span, count });
    if (b !== undefined && from !== null) b = rest(b, count) ?? old[++i];
    if (a !== undefined && to !== null) a = rest(a, count) ?? now[++j];
  }
  return out;
}

/** What happened to the tables of every level, from PTE tables up. */
export const allTableMoves = ({ before, after }: OpRecord): TableMove[] => LEVELS.flatMap((level) => tableMoves(before, after, level));

const WORDS: Readonly<Record<TableFate, string>> = { allocated: 'allocated', freed: 'freed', rehung: 're-hung' };

/** `1 PTE table allocated, 2 PMD tables re-hung`. */
export function tableMovesText(moves: readonly TableMove[]): string {
  const parts = (['rehung', 'allocated', 'freed'] as const).flatMap((fate) =>
    LEVELS.flatMap((level) => {
      const n = moves.reduce((sum, m) => (m.fate === fate && m.level === level ? sum + m.count : sum), 0);
      return n === 0 ? [] : [`${plural(n, `${level.toUpperCase()} table`)} ${WORDS[fate]}`];
    }),
  );
  return parts.length === 0 ? 'no page table came, went or moved' : parts.join(', ');
}

/** The first pages of tables that map pages of more than one mapping: such a table cannot be moved or freed for one of them alone. */
export function sharedTables(vmas: readonly Vma[], level: Level): Map<Vpn, number> {
  const span = 2 ** (level.shift + level.bits);
  const starts = new Map<Vpn, number>();
  let before: Range | undefined;
  for (const v of vmas) {
    const first = Math.floor(v.start / span) * span;
    if (before !== undefined && Math.floor((before.end - 1) / span) * span === first) starts.set(first, (starts.get(first) ?? 1) + 1);
    before = v;
  }
  return starts;
}
