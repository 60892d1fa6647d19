/** `advise m`: the nearest addresses at which the same call is cheapest, found by trying them on copies of the machine. */
import {
  hex, levelOf, MREMAP, size, toBytes, toVpn, type AddressSpace, type Bytes, type Geometry, type LevelName, type Machine, type MremapCall,
  type OpRecord, type TableCell, type View,
} from '../../machine/index.js'; // prettier-ignore
import { costText } from '../vocabulary/display.js';
import type { Process } from '../evaluating/process.js';
import { settled, type Task } from '../evaluating/task.js';

/** How many of a level's candidates on either side are tried. */
const EACH_SIDE = 2;
const SHOWN = 5;

interface Tried {
  readonly to: Bytes;
  readonly record: OpRecord;
  readonly entries: number;
}

export function* advise(record: OpRecord, { machine }: Process): Task<View> {
  const { op, result } = record;
  const title = 'advice';
  const view = (text: readonly string[], rows: readonly TableCell[][] = []): View => ({ what: 'table', title, text, table: { columns: COLUMNS, rows }, model: machine.model.name });
  if (op.name !== 'mremap' || result.kind !== 'value' || record.moves.length === 0) return view(['the call moved nothing, so nothing makes it cheaper']);
  if (machine.clone === undefined) return view(['this machine cannot try things out']);

  const now: Tried = { to: result.value, record, entries: entriesOf(record) };
  const tried: Tried[] = [];
  for (const to of candidates(op, result.value, record.before)) {
    const answer = yield* attempt(machine, record, op, to);
    if (answer.result.kind === 'value' && answer.result.value === to) tried.push({ to, record: answer, entries: entriesOf(answer) });
  }
  const cheaper = tried.filter((t) => t.entries < now.entries).sort((a, b) => a.entries - b.entries || distance(a, now) - distance(b, now));
  const [best] = cheaper;
  const text =
    best === undefined
      ? [`no address near ${hex(now.to)} makes this call cheaper: ${costText(record)}`]
      : [
          `the cheapest near ${hex(now.to)} is ${hex(best.to)}, ${size(gap(best.to, now.to))} ${best.to > now.to ? 'above' : 'below'}: ${costText(best.record)}, instead of ${costText(record)}`,
        ];
  return view(
    text,
    [now, ...cheaper.slice(0, SHOWN)].map((t) => [t.to, t.entries, costText(t.record), t === now ? 'as it was called' : '']),
  );
}

const COLUMNS = [
  { name: 'new_address', as: 'address' },
  { name: 'entries', as: 'count' },
  { name: 'cost', as: 'text' },
  { name: 'note', as: 'text' },
] as const;

const gap = (a: Bytes, b: Bytes): Bytes => (a > b ? a - b : b - a);
const distance = (a: Tried, b: Tried): number => Number(gap(a.to, b.to));

/** What the kernel has to write: a page table re-hung is one entry. */
const entriesOf = ({ moved }: OpRecord): number => moved.pte + moved.pmd + moved.pud + moved.huge_pmd + moved.huge_pud;

/** On a machine as it was before the call. */
function* attempt(machine: Machine, record: OpRecord, op: MremapCall, to: Bytes): Task<OpRecord> {
  const copy = machine.clone?.(record.seq) ?? machine;
  const { old_address, old_size, new_size, flags } = op;
  return yield* settled(copy.perform({ name: 'mremap', old_address, old_size, new_size, flags: flags | MREMAP.MREMAP_MAYMOVE | MREMAP.MREMAP_FIXED, new_address: to }));
}

/** Addresses with the same offset in an entry as the source, nearest first, where nothing is mapped. */
function candidates({ old_address: old, old_size: length, new_size: size }: MremapCall, to: Bytes, space: AddressSpace): Bytes[] {
  const g = space.geometry;
  const found = new Set<Bytes>();
  for (const level of ['pmd', 'pud'] satisfies LevelName[]) {
    const span = toBytes(g, 2 ** levelOf(g, level).shift);
    const up = (((old - to) % span) + span) % span;
    for (let i = -BigInt(EACH_SIDE); i <= BigInt(EACH_SIDE); i++) found.add(to + up + i * span);
  }
  const free = (at: Bytes): boolean =>
    at !== to && at > 0n && fitsIn(g, at + size) && (at + size <= old || at >= old + length) && [...space.vmas(toVpn(g, at), toVpn(g, at + size - 1n) + 1)].length === 0;
  return [...found].filter(free).sort((a, b) => Number(gap(a, to) - gap(b, to)));
}

const fitsIn = (g: Geometry, end: Bytes): boolean => end <= toBytes(g, g.taskPages);
