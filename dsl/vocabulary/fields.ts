/** The one table of fields: what follows the dot, of what kind it is, and how to get it. */
import { costOf, locksTaken, stepValueText, type MoveCounters, type OpRecord, type Step } from '../../machine/index.js';
import { addressOf, boolean, cellValue, integer, LEVELS, pageAddress, string, type Kind, type Value } from './values.js';

type Of<K extends Kind> = Extract<Value, { kind: K }>;

export interface Field<K extends Kind> {
  readonly gives: Kind;
  /** One line of help. */
  readonly summary: string;
  readonly get: (of: Of<K>) => Value;
}

type Fields = { readonly [K in Kind]?: Readonly<Record<string, Field<K>>> };

const COUNTERS: Readonly<Record<keyof MoveCounters, string>> = {
  pte: 'PTEs moved one by one',
  pmd: 'PMD entries moved: whole PTE tables re-hung',
  pud: 'PUD entries moved: whole PMD tables re-hung',
  huge_pmd: 'huge PMD entries moved',
  huge_pud: 'huge PUD entries moved',
  huge_pmd_fail: 'huge PMD moves the kernel refused',
  split: 'huge PMD entries taken apart to be moved page by page',
  huge_flush: 'TLB flushes of huge moves',
  calls: 'calls of move_page_tables',
  rmap: 'calls that held the rmap locks throughout',
  iter: 'iterations of its loop',
  moveback: 'moves back after an error',
  move_ptes: 'calls of move_ptes',
  pmd_fail: 'PMD moves the kernel refused',
  pud_fail: 'PUD moves the kernel refused',
  skip_pud: 'iterations that found no PUD entry',
  skip_pmd: 'iterations that found no PMD entry',
  realign: 'starts rounded down to a PMD boundary',
  realign_bytes: 'bytes they were rounded down by',
  alloc_pud: 'PUD tables allocated at the destination',
  alloc_pmd: 'PMD tables allocated at the destination',
  alloc_pte: 'PTE tables allocated at the destination',
  flush: 'TLB range flushes',
  flush_bytes: 'bytes they cover',
};

const moved = Object.fromEntries(
  Object.entries(COUNTERS).map(([name, summary]): [string, Field<'moved'>] => [
    name,
    { gives: 'integer', summary, get: ({ record }) => integer(record.moved[name as keyof MoveCounters]) },
  ]),
);

const levels = Object.fromEntries(
  LEVELS.map((level): [string, Field<'levels'>] => [level, { gives: 'integer', summary: `tables of ${level.toUpperCase()} entries`, get: (v) => integer(v.levels[level] ?? 0) }]),
);

const ofRecord = (gives: Kind, summary: string, get: (record: OpRecord) => Value): Field<'result'> => ({
  gives,
  summary,
  get: ({ record }) => get(record),
});

const lines = (lines: readonly string[]): Value => ({ kind: 'lines', lines });

export const FIELDS: Fields = {
  result: {
    errno: ofRecord('errno', 'why the kernel refused, 0 if it did not', ({ result }) => (result.kind === 'errno' ? { kind: 'errno', value: result.errno } : integer(0))),
    check: ofRecord('string', 'the check that refused, "" if none did', ({ result }) => string(result.kind === 'errno' ? result.refusal.check : '')),
    why: ofRecord('string', 'the refusal in a sentence, "" if there was none', ({ result }) => string(result.kind === 'errno' ? result.refusal.why : '')),
    moved: { gives: 'moved', summary: 'what moved, by level', get: ({ record }) => ({ kind: 'moved', record }) },
    tables: ofRecord('tables', 'page tables allocated and freed', ({ tables }) => ({ kind: 'tables', tables })),
    relocation: ofRecord('relocation', 'what became of MREMAP_RELOCATE_ANON', (r) => ({ kind: 'relocation', relocation: r.relocation })),
    flushes: ofRecord('integer', 'TLB range flushes', (r) => integer(r.moved.flush)),
    locks: ofRecord('integer', 'times that page-table locks were taken to move entries, on both sides at once', ({ moved }) => integer(locksTaken(moved))),
    realigned: ofRecord('boolean', 'whether the start was rounded down to a PMD boundary', (r) => boolean(r.moved.realign > 0)),
    faults: ofRecord('integer', 'pages faulted in', (r) => integer(r.faults.read + r.faults.write)),
    cost: ofRecord('integer', 'what it would take, modelled: nanoseconds', (r) => integer(Math.round(costOf(r).nanoseconds))),
    log: ofRecord('lines', 'kernel log lines', (r) => lines(r.log)),
    visits: {
      gives: 'visits',
      summary: 'of rmap_walk: the VMAs it looked at, in order',
      get: ({ record }) => ({ kind: 'visits', visits: record.visits ?? [], geometry: record.after.geometry }),
    },
    steps: ofRecord('lines', 'the path through the call', (r) => lines(r.steps.map(stepLine))),
  },
  moved,
  tables: {
    allocated: { gives: 'levels', summary: 'tables allocated', get: (v) => ({ kind: 'levels', levels: v.tables.allocated }) },
    freed: { gives: 'levels', summary: 'tables freed', get: (v) => ({ kind: 'levels', levels: v.tables.freed }) },
  },
  relocation: {
    outcome: {
      gives: 'string',
      summary: '"relocated", "merged" (it was not needed), "split", "plain", "failed", or "none": not asked for',
      get: (v) => string(v.relocation?.outcome ?? 'none'),
    },
    why: { gives: 'string', summary: 'why not all of it, "" if there is no reason', get: (v) => string(v.relocation?.why ?? '') },
    folios: { gives: 'integer', summary: 'pages given the anon_vma and index of the destination', get: (v) => integer(v.relocation?.folios ?? 0) },
    skipped: { gives: 'integer', summary: 'pinned pages that moved without: the reverse map lost them', get: (v) => integer(v.relocation?.skipped ?? 0) },
    undone: { gives: 'integer', summary: 'pages given back what they had', get: (v) => integer(v.relocation?.undone ?? 0) },
  },
  levels,
  lines: { count: { gives: 'integer', summary: 'how many lines', get: (v) => integer(v.lines.length) } },
  vma: {
    start: { gives: 'integer', summary: 'first address', get: (v) => pageAddress(v.geometry, v.vma.start) },
    end: { gives: 'integer', summary: 'first address behind it', get: (v) => pageAddress(v.geometry, v.vma.end) },
    size: {
      gives: 'integer',
      summary: 'bytes',
      get: (v) => integer(BigInt(v.vma.end - v.vma.start) << BigInt(v.geometry.pageShift)),
    },
    perms: { gives: 'string', summary: 'as /proc/PID/maps has them: "rw-p"', get: (v) => string(v.vma.perms) },
    pgoff: { gives: 'integer', summary: 'vm_pgoff, in pages', get: (v) => integer(v.vma.pgoff) },
    kind: { gives: 'string', summary: '"anon", or what maps prints in its last column', get: (v) => string(v.vma.kind) },
    flags: { gives: 'string', summary: 'VmFlags of smaps: "mr mw me ac"', get: (v) => string(v.vma.vmFlags) },
    anon_vma: {
      gives: 'integer',
      summary: 'identity of its anon_vma',
      get: (v) => integerOrNone(v.vma.anonVma),
    },
  },
  vmas: { count: { gives: 'integer', summary: 'how many VMAs', get: (v) => integer(v.vmas.length) } },
  list: { count: { gives: 'integer', summary: 'how many values', get: (v) => integer(v.items.length) } },
  table: { count: { gives: 'integer', summary: 'how many rows', get: (v) => integer(v.table.rows.length) } },
  visits: { count: { gives: 'integer', summary: 'how many VMAs', get: (v) => integer(v.visits.length) } },
  visit: {
    process: { gives: 'integer', summary: 'which process, in order of birth from 1', get: (v) => integer(v.visit.process) },
    start: { gives: 'integer', summary: 'first address of the VMA', get: (v) => pageAddress(v.geometry, v.visit.start) },
    end: { gives: 'integer', summary: 'first address behind it', get: (v) => pageAddress(v.geometry, v.visit.end) },
    pgoff: { gives: 'integer', summary: 'its vm_pgoff, in pages', get: (v) => integer(v.visit.pgoff) },
    anon_vma: { gives: 'integer', summary: 'identity of its anon_vma', get: (v) => integerOrNone(v.visit.anonVma) },
    address: { gives: 'integer', summary: 'where the page would be in it', get: (v) => pageAddress(v.geometry, v.visit.at) },
    found: { gives: 'boolean', summary: 'whether an entry there maps the page', get: (v) => boolean(v.visit.found) },
  },
  folio: {
    pfn: { gives: 'integer', summary: 'frame number of the page', get: (v) => addressOf(BigInt(v.folio.pfn)) },
    index: { gives: 'integer', summary: 'page offset under which the reverse map looks for it', get: (v) => integer(v.folio.index) },
    mapping: { gives: 'string', summary: '"anon_vma", "file", "ksm", or "none" once it was truncated', get: (v) => string(v.folio.mapping.kind) },
    anon_vma: {
      gives: 'integer',
      summary: 'identity of the anon_vma that folio->mapping points to',
      get: (v) => integerOrNone(v.folio.mapping.kind === 'anon_vma' ? v.folio.mapping.id : null),
    },
    mapcount: { gives: 'integer', summary: 'entries that map the folio, in all processes', get: (v) => integer(v.folio.mapcount) },
    refcount: { gives: 'integer', summary: 'references: one an entry, one for the page cache, 1024 a pin of a small folio', get: (v) => integer(v.folio.refcount) },
    pincount: { gives: 'integer', summary: 'pins (FOLL_PIN)', get: (v) => integer(v.folio.pins) },
    exclusive: { gives: 'boolean', summary: 'PageAnonExclusive: a store needs no copy', get: (v) => boolean(v.folio.exclusive) },
    order: { gives: 'integer', summary: 'it has 2^order pages', get: (v) => integer(v.folio.order) },
    size: { gives: 'integer', summary: 'bytes', get: (v) => integer(1n << BigInt(v.folio.order + v.geometry.pageShift)) },
    ksm: { gives: 'boolean', summary: 'whether KSM merged it', get: (v) => boolean(v.folio.mapping.kind === 'ksm') },
  },
  entry: {
    present: { gives: 'boolean', summary: 'whether there is such an entry', get: (v) => boolean(stateOf(v) !== 'none') },
    state: { gives: 'string', summary: '"none", "table" or "page"', get: (v) => string(stateOf(v)) },
    index: {
      gives: 'integer',
      summary: 'its index in its table',
      get: (v) => integerOrNone(v.entry?.index),
    },
    table: {
      gives: 'integer',
      summary: 'identity of the table it stands in',
      get: (v) => integerOrNone(v.entry?.table),
    },
    pfn: {
      gives: 'integer',
      summary: 'frame number of the page it maps',
      get: (v) => (v.pfn === undefined ? { kind: 'none' } : addressOf(BigInt(v.pfn))),
    },
  },
};

const integerOrNone = (n: number | null | undefined): Value => (n === null || n === undefined ? { kind: 'none' } : integer(n));

const stateOf = (v: Of<'entry'>): string => v.entry?.state ?? 'none';

function stepLine(s: Step): string {
  const values = s.values.map((v) => `${v.name}=${stepValueText(v)}`).join(', ');
  const verdict = s.verdict === 'done' ? '' : `: ${s.verdict}`;
  return `${s.fn}: ${s.text}${verdict}${values === '' ? '' : ` (${values})`}`;
}

export const fieldNames = (kind: Kind): readonly string[] => Object.keys(FIELDS[kind] ?? {});

export function fieldOf(kind: Kind, name: string): { readonly gives: Kind; readonly summary: string } | undefined {
  const fields = FIELDS[kind];
  return fields !== undefined && Object.hasOwn(fields, name) ? fields[name] : undefined;
}

export function getField(of: Value, name: string): Value | undefined {
  if (of.kind === 'row') return cellOf(of, name);
  const field = fieldOf(of.kind, name) as Field<Kind> | undefined;
  return field?.get(of as never);
}

/** The fields of a row are the columns of its table. */
function cellOf({ table, index }: Of<'row'>, name: string): Value | undefined {
  const at = table.columns.findIndex((c) => c.name === name);
  const column = table.columns[at];
  return column && cellValue(table.rows[index]?.[at], column.as === 'address');
}

/** The fields of a value; a row has those of its table's columns. */
export const fieldsOfValue = (of: Value): readonly string[] => (of.kind === 'row' ? of.table.columns.map((c) => c.name) : fieldNames(of.kind));
