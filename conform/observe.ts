/** A modelled step in the recorder's words, so that it can be compared field by field. */
import { expandMoves, givesAddress, toBytes, toVpn, type AddressSpace, type MoveKind, type OpRecord, type PageRun, type Result } from '../machine/index.js';
import type { Place } from './place.js';
import type { RecordedMove, RecordedPages, RecordedVma } from './recording.js';

/** @returns the result as the recorder prints it, and the faulting page of a signal */
export function observeResult(place: Place, record: OpRecord): { ret: string; at?: string } {
  const { result, op } = record;
  // The recorder does not say which descriptor or process it got.
  if (result.kind === 'value' && (op.name === 'memfd' || op.name === 'fork')) return { ret: '0' };
  switch (result.kind) {
    case 'value':
      return { ret: givesAddress(op) ? place.format(result.value) : result.value.toString() };
    case 'errno':
      return { ret: `-${result.errno}` };
    case 'signal':
      return { ret: signalName(result), at: place.format(toBytes(place.geometry, toVpn(place.geometry, result.at))) };
  }
}

const signalName = (result: Result & { kind: 'signal' }): string => (result.signal === 'SIGSEGV' ? 'SEGV' : 'BUS');

export function observeVmas(place: Place, space: AddressSpace): RecordedVma[] {
  const g = space.geometry;
  const address = (at: number): string => place.format(toBytes(g, at));
  const numbers = new Map<number, number>();
  const number = (id: number | undefined): number => {
    if (id === undefined) return -1;
    const known = numbers.get(id) ?? numbers.size;
    numbers.set(id, known);
    return known;
  };
  return [...space.vmas()]
    .filter((v) => !place.isBase(v))
    .map((v) => {
      const anon = v.anonVma === null ? undefined : space.anonVma(v.anonVma);
      const av = number(anon?.id);
      const root = number(anon?.root);
      const offset = toBytes(g, v.pgoff);
      return [
        address(v.start),
        address(v.end),
        v.perms,
        v.kind === 'anon' ? '0x0' : `0x${offset.toString(16)}`,
        v.kind,
        v.vmFlags,
        {
          ...(v.hugePages > 0 ? { thp: Number(toBytes(g, v.hugePages) / 1024n) } : {}),
          pgoff: place.format(offset),
          av,
          root,
          avc: v.chainLength,
          nav: anon?.numActiveVmas ?? 0,
          nch: anon?.numChildren ?? 0,
        },
      ];
    });
}

/** Runs of like pages, joined as the recorder joins them: all tags 0, or each one larger than the last. */
export function observePages(place: Place, space: AddressSpace): RecordedPages[] {
  const joined: { start: number; count: number; kind: string; tag: bigint; end: number }[] = [];
  const add = (start: number, count: number, kind: string, tag: bigint): void => {
    const last = joined.at(-1);
    const continues = last !== undefined && last.end === start && last.kind === kind && (last.tag === 0n ? tag === 0n : tag === last.tag + BigInt(last.count));
    if (continues) {
      last.count += count;
      last.end += count;
    } else {
      joined.push({ start, count, kind, tag, end: start + count });
    }
  };
  for (const run of mappedPages(place, space)) {
    if (isRun(run)) add(run.start, run.count, run.kind, run.word);
    else for (let i = 0; i < run.count; i++) add(run.start + i, 1, run.kind, run.word + run.wordStep * BigInt(i));
  }
  return joined.map((r) => [place.format(toBytes(space.geometry, r.start)), r.count, r.kind, Number(r.tag)]);
}

/** The recorder reads pagemap mapping by mapping, so it cannot see pages that a broken kernel left outside all mappings. */
function* mappedPages(place: Place, space: AddressSpace): Generator<PageRun> {
  for (const vma of space.vmas()) if (!place.isBase(vma) && toBytes(space.geometry, vma.end - vma.start) <= LARGEST_LISTED) yield* space.pages(vma.start, vma.end);
}

/** The recorder lists no pages of a mapping larger than this. */
const LARGEST_LISTED = 64n << 30n;

const isRun = (run: PageRun): boolean => run.count === 1 || (run.word === 0n ? run.wordStep === 0n : run.wordStep === 1n);

/** VmSize, VmLck, page-table pages and VmData, the first and the last two against a fresh process. */
export function observeMm(space: AddressSpace, fresh: AddressSpace): number[] {
  return [space.usage.totalVm - fresh.usage.totalVm, space.usage.lockedVm, space.usage.tablePages - fresh.usage.tablePages, space.usage.dataVm - fresh.usage.dataVm];
}

const COUNTER_NAMES = {
  calls: 'calls',
  rmap: 'rmap',
  iter: 'iter',
  moveback: 'moveback',
  pte: 'pte',
  move_ptes: 'move_ptes',
  pmd: 'pmd',
  pmd_fail: 'pmd_fail',
  pud: 'pud',
  pud_fail: 'pud_fail',
  huge_pmd: 'hpmd',
  huge_pmd_fail: 'hpmd_fail',
  split: 'split',
  huge_pud: 'hpud',
  skip_pud: 'skip_pud',
  skip_pmd: 'skip_pmd',
  realign: 'realign',
  realign_bytes: 'realign_bytes',
  alloc_pud: 'alloc_pud',
  alloc_pmd: 'alloc_pmd',
  alloc_pte: 'alloc_pte',
  flush: 'flush',
  flush_bytes: 'flush_bytes',
  huge_flush: 'hflush',
} as const satisfies Record<keyof OpRecord['moved'], string>;

/** Counters that are not zero. */
export function observeCounters(record: OpRecord): Record<string, number> {
  const found: Record<string, number> = {};
  for (const [key, name] of Object.entries(COUNTER_NAMES)) {
    const n = Number(record.moved[key as keyof typeof COUNTER_NAMES]);
    if (n !== 0) found[name] = n;
  }
  return found;
}

export function observeEvents(place: Place, record: OpRecord): string[][] {
  return record.events.map((e) => {
    switch (e.event) {
      case 'fault-missing':
      case 'fault-wp':
        return [e.event, place.format(e.at)];
      case 'remap':
        return [e.event, place.format(e.from), place.format(e.to), `0x${e.length.toString(16)}`];
      case 'unmap':
      case 'remove':
        return [e.event, place.format(e.start), place.format(e.end)];
      case 'fork':
        return [e.event];
    }
  });
}

const MOVE_NAMES: Readonly<Record<MoveKind, string>> = {
  start: 'start',
  realign: 'realign',
  skip_pud: 'skipU',
  skip_pmd: 'skipM',
  pte: 'PTE',
  pmd: 'PMD',
  pmd_refused: 'pmd!',
  pud: 'PUD',
  pud_refused: 'pud!',
  huge_pmd: 'HPMD',
  huge_pmd_refused: 'hpmd!',
  split: 'split',
};

/** The moves, as many as the recorder prints, and how many there are in all. */
export function observeTrace(place: Place, record: OpRecord, limit: number): { trace: RecordedMove[]; length: number } {
  const trace: RecordedMove[] = [];
  const g = place.geometry;
  for (const step of expandMoves(g, record.moves)) {
    if (trace.length >= limit) break;
    // The recorder counts entries where they are moved one by one; a table is one entry.
    const n = step.kind === 'pte' || step.kind === 'start' ? step.entries : 0;
    trace.push([MOVE_NAMES[step.kind], place.format(toBytes(g, step.old)), place.format(toBytes(g, step.new)), `0x${toBytes(g, step.pages).toString(16)}`, n]);
  }
  return { trace, length: record.moves.reduce((n, m) => n + m.steps, 0) };
}
