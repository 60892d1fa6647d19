/** What an expression can be worth. */
import {
  givesAddress, toBytes, type Errno, type FolioInfo, type Geometry, type LevelName, type OpRecord, type Relocation, type RmapVisit, type Table,
  type TableCell, type TableChange, type Vma, type WalkEntry,
} from '../../machine/index.js'; // prettier-ignore

import type { Body } from '../syntax/ast.js';
import type { Source } from '../messages/diagnostics.js';

export type Value =
  /** `address` only says how to print it: what a call returned, or an address computed from one. */
  | { readonly kind: 'integer'; readonly value: bigint; readonly address?: boolean }
  | { readonly kind: 'boolean'; readonly value: boolean }
  | { readonly kind: 'string'; readonly value: string }
  | { readonly kind: 'errno'; readonly value: Errno }
  | { readonly kind: 'result'; readonly record: OpRecord }
  | { readonly kind: 'moved'; readonly record: OpRecord }
  | { readonly kind: 'tables'; readonly tables: TableChange }
  /** `undefined` where the call did not ask for it. */
  | { readonly kind: 'relocation'; readonly relocation: Relocation | undefined }
  | { readonly kind: 'levels'; readonly levels: Readonly<Partial<Record<LevelName, number>>> }
  | { readonly kind: 'lines'; readonly lines: readonly string[] }
  | { readonly kind: 'vma'; readonly vma: Vma; readonly geometry: Geometry }
  | { readonly kind: 'vmas'; readonly vmas: readonly Vma[]; readonly geometry: Geometry }
  | { readonly kind: 'entry'; readonly level: LevelName; readonly entry: WalkEntry | undefined; readonly pfn?: number }
  | { readonly kind: 'list'; readonly items: readonly Value[] }
  | { readonly kind: 'table'; readonly table: Table }
  | { readonly kind: 'row'; readonly table: Table; readonly index: number }
  | { readonly kind: 'folio'; readonly folio: FolioInfo; readonly geometry: Geometry }
  | { readonly kind: 'visits'; readonly visits: readonly RmapVisit[]; readonly geometry: Geometry }
  | { readonly kind: 'visit'; readonly visit: RmapVisit; readonly geometry: Geometry }
  | FunctionValue
  /** A question without an answer, and the reason: nothing is mapped there, for example. */
  | { readonly kind: 'none'; readonly at?: bigint };

/** The names that can be seen somewhere. */
export interface Bindings {
  get(name: string): Value | undefined;
  all(): Map<string, Value>;
}

/** What `def` binds. */
export interface FunctionValue {
  readonly kind: 'function';
  readonly name: string;
  readonly parameters: readonly string[];
  readonly body: Body;
  /** The text it stands in: another one than the caller's when it was defined in an earlier cell. */
  readonly source: Source;
  /** The names around it. */
  readonly names: Bindings;
}

/** The name of the last table that a statement made. */
export const LAST_TABLE = 'it';

/** From the leaves up. */
export const LEVELS = ['pte', 'pmd', 'pud', 'p4d', 'pgd'] as const satisfies readonly LevelName[];

export type Kind = Value['kind'];

/** How messages name a kind of value. */
export const KIND_NAMES: Readonly<Record<Kind, string>> = {
  integer: 'a number',
  boolean: 'true or false',
  string: 'a string',
  errno: 'an errno',
  result: 'the result of a call',
  moved: 'the counters of a move',
  tables: 'a change of page tables',
  relocation: 'what became of a relocation',
  levels: 'a count by level',
  lines: 'a list of lines',
  vma: 'a VMA',
  vmas: 'a list of VMAs',
  entry: 'a page-table entry',
  list: 'a list',
  table: 'a table',
  row: 'a row of a table',
  folio: 'a folio',
  visits: 'the VMAs of a walk',
  visit: 'a VMA of a walk',
  function: 'a function',
  none: 'none',
};

export const integer = (value: bigint | number): Value => ({ kind: 'integer', value: BigInt(value) });
export const addressOf = (value: bigint): Value => ({ kind: 'integer', value, address: true });
export const boolean = (value: boolean): Value => ({ kind: 'boolean', value });
export const string = (value: string): Value => ({ kind: 'string', value });
export const pageAddress = (g: Geometry, vpn: number): Value => addressOf(toBytes(g, vpn));

/** Whether values of a kind are numbers: see `asInteger`. */
export const isNumeric = (kind: Kind): boolean => kind === 'integer' || kind === 'result' || kind === 'levels';

/** The value as a number, if it can be one: a call counts as its address or -1, a count by level as its sum. */
export function asInteger(v: Value): bigint | undefined {
  switch (v.kind) {
    case 'integer':
      return v.value;
    case 'result':
      return v.record.result.kind === 'value' ? v.record.result.value : -1n;
    case 'levels':
      return BigInt(Object.values(v.levels).reduce((a, b) => a + b, 0));
    default:
      return undefined;
  }
}

/** True of a number that is printed in hexadecimal. */
export function isAddress(v: Value): boolean {
  if (v.kind === 'integer') return v.address === true;
  return v.kind === 'result' && givesAddress(v.record.op);
}

/** The kind of one element: what an index gives, or the variable of a `for`. */
export const ELEMENTS: Readonly<Partial<Record<Kind, Kind | 'unknown'>>> = { vmas: 'vma', visits: 'visit', lines: 'string', table: 'row', list: 'unknown' };

/** The values of a list, a range or a table. */
export function itemsOf(v: Value): { readonly count: number; readonly at: (i: number) => Value } | undefined {
  const none: Value = { kind: 'none' };
  const all = <T>(items: readonly T[], value: (item: T) => Value) => ({
    count: items.length,
    at: (i: number): Value => {
      const item = items[i];
      return item === undefined ? none : value(item);
    },
  });
  switch (v.kind) {
    case 'list':
      return all(v.items, (item) => item);
    case 'lines':
      return all(v.lines, string);
    case 'vmas':
      return all(v.vmas, (vma) => ({ kind: 'vma', vma, geometry: v.geometry }));
    case 'visits':
      return all(v.visits, (visit) => ({ kind: 'visit', visit, geometry: v.geometry }));
    case 'table':
      return { count: v.table.rows.length, at: (index) => ({ kind: 'row', table: v.table, index }) };
    default:
      return undefined;
  }
}

/** A cell of a table, as a value again. */
export function cellValue(cell: TableCell | undefined, isAddress: boolean): Value {
  if (cell === null || cell === undefined) return { kind: 'none' };
  if (typeof cell === 'string') return string(cell);
  if (typeof cell === 'boolean') return boolean(cell);
  return isAddress ? addressOf(BigInt(cell)) : integer(cell);
}
