/** What calls cost, side by side: counts that are exact, and a modelled time. */
import { costOf, locksTaken, type CostBeside, type CostParameters, type OpRecord } from '../machine/index.js';
import { LEVEL_COLOUR, ROLE_COLOUR, SKIP_COLOUR } from './theme.js';

export const COUNTS = ['PTEs', 'PMDs', 'PUDs', 'tables', 'flushes', 'locked'] as const;

export interface CostRow {
  readonly model: string;
  /** The call that was asked about. */
  readonly own: boolean;
  /** As COUNTS names them. */
  readonly counts: readonly number[];
  readonly nanoseconds: number;
  readonly parts: readonly { readonly what: keyof CostParameters; readonly count: number; readonly nanoseconds: number }[];
  /** The errno, where the call did not come to the same result. */
  readonly instead: string | null;
}

export function costRows(record: OpRecord, model: string, others: readonly CostBeside[]): CostRow[] {
  return [{ ...rowOf(record, model, null), own: true }, ...others.map((o) => rowOf(o.record, o.model, otherResult(record, o.record)))];
}

function rowOf(record: OpRecord, model: string, instead: string | null): CostRow {
  const { moved, tables } = record;
  const allocated = Object.values(tables.allocated).reduce((n, t) => n + t, 0);
  const pmds = moved.pmd + moved.huge_pmd;
  const puds = moved.pud + moved.huge_pud;
  const { nanoseconds, parts } = costOf(record);
  return { model, own: false, counts: [moved.pte, pmds, puds, allocated, moved.flush + moved.huge_flush, locksTaken(moved)], nanoseconds, parts, instead };
}

function otherResult(a: OpRecord, b: OpRecord): string | null {
  if (a.result.kind === b.result.kind && (a.result.kind !== 'value' || b.result.kind !== 'value' || a.result.value === b.result.value)) {
    return a.result.kind === 'errno' && b.result.kind === 'errno' && a.result.errno !== b.result.errno ? b.result.errno : null;
  }
  if (b.result.kind === 'errno') return `${b.result.errno}: ${b.result.refusal.why}`;
  return b.result.kind === 'signal' ? b.result.signal : 'another address';
}

export const PART_COLOUR: Readonly<Record<keyof CostParameters, string>> = {
  call: '#8b949c',
  pud: LEVEL_COLOUR.pud,
  pmd: LEVEL_COLOUR.pmd,
  pte: LEVEL_COLOUR.pte,
  scan: SKIP_COLOUR,
  table: ROLE_COLOUR.new,
  relocate: '#a6761d',
  flush: ROLE_COLOUR.moved,
  shootdown: ROLE_COLOUR.unmapped,
  cpus: SKIP_COLOUR,
};

export const PART_TEXT: Readonly<Record<keyof CostParameters, string>> = {
  call: 'the call itself',
  pud: 'PUDs moved',
  pmd: 'PMDs moved',
  pte: 'PTEs moved',
  scan: 'empty PTEs passed',
  table: 'tables allocated',
  relocate: 'pages relocated',
  flush: 'flushes',
  shootdown: 'other CPUs',
  cpus: '',
};
