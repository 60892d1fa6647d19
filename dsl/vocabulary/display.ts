/** Values as a person reads them. */
import {
  cellText, hex, isAccess, opText, resultText, size, tableText, toBytes, type AddressSpace, type FolioInfo, type Geometry, type OpRecord,
  type RmapVisit, type TableChange, type Vma,
} from '../../machine/index.js'; // prettier-ignore
import { asInteger, isAddress, LEVELS, type Value } from './values.js';

/** In one line, as `print` and a failed expectation show it. */
export function brief(v: Value, inHex = isAddress(v)): string {
  switch (v.kind) {
    case 'integer':
      return number(v.value, inHex);
    case 'boolean':
      return String(v.value);
    case 'string':
    case 'errno':
      return v.value;
    case 'result':
      return v.record.result.kind === 'value' ? number(asInteger(v) ?? 0n, inHex) : resultText(v.record);
    case 'moved':
      return counts([
        [v.record.moved.pte, 'pte'],
        [v.record.moved.pmd, 'pmd'],
        [v.record.moved.pud, 'pud'],
        [v.record.moved.huge_pmd, 'huge_pmd'],
        [v.record.moved.huge_pud, 'huge_pud'],
      ]);
    case 'tables':
      return tableChange(v.tables) || 'none';
    case 'relocation': {
      const { outcome, folios, why } = v.relocation ?? { outcome: 'none', folios: 0 };
      return `${outcome}, ${plural(folios, 'page')}${why === undefined ? '' : ` (${why})`}`;
    }
    case 'levels':
      return counts(LEVELS.map((level) => [v.levels[level] ?? 0, level]));
    case 'lines':
      return v.lines.join('; ');
    case 'vma':
      return mapsLine(v.geometry, v.vma);
    case 'vmas':
      return someOf(v.vmas, '; ', (vma) => mapsLine(v.geometry, vma));
    case 'entry': {
      const where = v.entry === undefined ? '' : ` at index ${v.entry.index}`;
      return `${v.level} entry${where}: ${v.entry?.state ?? 'none'}`;
    }
    case 'list':
      return listText(v, { items: MOST_ITEMS, characters: MOST_CHARACTERS }, 0);
    case 'row':
      return v.table.columns.map((c, i) => `${c.name}=${cellText(v.table.rows[v.index]?.[i] ?? null, c)}`).join(' ');
    case 'folio':
      return folioText(v.folio);
    case 'visit':
      return visitText(v.visit, v.geometry);
    case 'visits':
      return someOf(v.visits, '; ', (visit) => visitText(visit, v.geometry));
    case 'table':
      return `a table of ${plural(v.table.rows.length, 'row')}`;
    case 'function':
      return `${v.name}(${v.parameters.join(', ')})`;
    case 'none':
      return 'none';
  }
}

/** What is shown of one value: a list of lists can hold more than memory does, for each is there once however often it is named. */
const MOST_ITEMS = 10_000;
const MOST_CHARACTERS = 1 << 20;
const DEEPEST = 20;

/** Counted down over all of a value. */
interface Budget {
  items: number;
  characters: number;
}

function listText({ items }: Extract<Value, { kind: 'list' }>, budget: Budget, depth: number): string {
  if (depth >= DEEPEST) return `[... ${plural(items.length, 'item')}]`;
  const parts: string[] = [];
  for (const [i, item] of items.entries()) {
    if (budget.items <= 0 || budget.characters <= 0) {
      parts.push(`... ${items.length - i} more`);
      break;
    }
    budget.items--;
    const text = item.kind === 'list' ? listText(item, budget, depth + 1) : brief(item);
    if (item.kind !== 'list') budget.characters -= text.length;
    parts.push(text);
  }
  return `[${parts.join(', ')}]`;
}

function someOf<T>(all: readonly T[], between: string, text: (one: T) => string): string {
  const some = all.slice(0, MOST_ITEMS).map(text);
  if (all.length > some.length) some.push(`... ${all.length - some.length} more`);
  return some.join(between);
}

/** As a page's dump begins: where it is, who maps it, who holds it. */
export function folioText({ pfn, order, index, mapping, mapcount, refcount, pins, exclusive }: FolioInfo): string {
  const where = mapping.kind === 'anon_vma' || mapping.kind === 'file' ? `${mapping.kind} ${mapping.id}` : mapping.kind;
  const held = pins === 0 ? '' : ` pincount=${pins}`;
  return `folio pfn=${hex(BigInt(pfn))} order=${order} index=${index} mapping=${where} mapcount=${mapcount} refcount=${refcount}${held}${exclusive ? ' exclusive' : ''}`;
}

function visitText(v: RmapVisit, g: Geometry): string {
  const at = (vpn: number): string => toBytes(g, vpn).toString(16);
  return `process ${v.process}: ${at(v.start)}-${at(v.end)} pgoff ${v.pgoff}: ${hex(toBytes(g, v.at))} ${v.found ? 'maps the page' : 'does not map it'}`;
}

/** In full, as the result of a cell. */
export function display(v: Value): string {
  switch (v.kind) {
    case 'result':
      return callText(v.record);
    case 'lines':
      return v.lines.join('\n');
    case 'vmas':
      return someOf(v.vmas, '\n', (vma) => mapsLine(v.geometry, vma));
    case 'visits':
      return someOf(v.visits, '\n', (visit) => visitText(visit, v.geometry));
    case 'table':
      return tableText(v.table);
    default:
      return brief(v);
  }
}

/** `mremap(...) = 0x7f...`, as strace prints it. */
export const straceLine = (record: OpRecord): string => `${opText(record.op)} = ${resultText(record)}`;

/** A call and what it did. */
function callText(record: OpRecord): string {
  const { op, result, faults } = record;
  if (isAccess(op)) {
    const faulted = faults.read + faults.write;
    return faulted === 0 ? opText(op) : `${opText(op)}: faulted ${plural(faulted, 'page')} in`;
  }
  return op.name === 'mremap' && result.kind === 'value' ? `${straceLine(record)}\n${cost(record)}` : straceLine(record);
}

/** What an operation cost, where it cost anything: entries moved, tables, flushes, faults. */
export function costText(record: OpRecord): string {
  const { moved, faults } = record;
  const parts: string[] = [];
  const entries = brief({ kind: 'moved', record });
  const tables = tableChange(record.tables);
  if (entries !== 'nothing') parts.push(`moved ${entries}`);
  if (tables !== '') parts.push(`tables: ${tables}`);
  if (moved.flush > 0) parts.push(plural(moved.flush, 'flush', 'flushes'));
  if (faults.read + faults.write > 0) parts.push(`faulted ${plural(faults.read + faults.write, 'page')} in`);
  return parts.join('; ');
}

/** What a move cost: `moved 512 pte; tables: 1 pte allocated; 2 flushes`. */
function cost(record: OpRecord): string {
  const tables = tableChange(record.tables);
  const parts = [`moved ${brief({ kind: 'moved', record })}`];
  if (tables !== '') parts.push(`tables: ${tables}`);
  parts.push(plural(record.moved.flush, 'flush', 'flushes'));
  return parts.join('; ');
}

function tableChange({ allocated, freed }: TableChange): string {
  const side = (levels: TableChange['freed'], done: string): string[] => {
    const some = LEVELS.filter((level) => (levels[level] ?? 0) > 0);
    return some.length === 0 ? [] : [`${some.map((level) => `${levels[level]} ${level}`).join(' + ')} ${done}`];
  };
  return [...side(allocated, 'allocated'), ...side(freed, 'freed')].join(', ');
}

function counts(of: readonly (readonly [number, string])[]): string {
  const some = of.filter(([n]) => n > 0);
  return some.length === 0 ? 'nothing' : some.map(([n, what]) => `${n} ${what}`).join(', ');
}

export const plural = (n: number, one: string, many = `${one}s`): string => `${n} ${n === 1 ? one : many}`;

const number = (value: bigint, inHex: boolean): string => (inHex && value >= 0n ? hex(value) : value.toString());

/** As /proc/PID/maps prints it, without device and inode. */
export function mapsLine(g: Geometry, vma: Vma): string {
  const at = (vpn: number): string => toBytes(g, vpn).toString(16);
  const offset = toBytes(g, vma.pgoff).toString(16).padStart(8, '0');
  return `${at(vma.start)}-${at(vma.end)} ${vma.perms} ${vma.kind === 'anon' ? '' : `${offset} ${vma.kind}`}`.trimEnd();
}

/** The VMAs around an unmapped address, for a hint. */
export function nearest(space: AddressSpace, at: bigint): string | undefined {
  const g = space.geometry;
  let below: Vma | undefined;
  let above: Vma | undefined;
  for (const vma of space.vmas()) {
    if (toBytes(g, vma.end) <= at) below = vma;
    else if (toBytes(g, vma.start) > at) {
      above = vma;
      break;
    }
  }
  const parts: string[] = [];
  if (below !== undefined) parts.push(`${mapsLine(g, below)} ends ${distance(at - toBytes(g, below.end), 'below')}`);
  if (above !== undefined) parts.push(`${mapsLine(g, above)} begins ${distance(toBytes(g, above.start) - at, 'above')}`);
  return parts.length === 0 ? undefined : parts.join('; ');
}

const distance = (bytes: bigint, where: string): string => (bytes === 0n ? 'there' : `${size(bytes)} ${where}`);
