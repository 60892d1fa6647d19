/** Records and address spaces made by hand, for charts of what no model has to run first. */
import {
  expandMoves,
  MAP,
  MREMAP,
  PROT,
  type AddressSpace,
  type Geometry,
  type MoveStretch,
  type MremapCall,
  type Op,
  type OpRecord,
  type PageRun,
  type Result,
  type Step,
  type TableRun,
  toVpn,
  type Vma,
  type Vpn,
} from '../../machine/index.js';
import { NO_MOVES } from '../../sim/recorder.js';

export const x86: Geometry = {
  name: 'x86-64, 4 levels',
  arch: 'x86-64',
  mapWindow: 2 ** 35 - 1,
  unmappedBase: Math.ceil((2 ** 35 - 1) / 3),
  pageShift: 12,
  levels: [
    { name: 'pte', shift: 0, bits: 9 },
    { name: 'pmd', shift: 9, bits: 9 },
    { name: 'pud', shift: 18, bits: 9 },
    { name: 'pgd', shift: 27, bits: 9 },
  ],
  taskPages: 2 ** 35 - 1,
};

export const page = (address: bigint): Vpn => toVpn(x86, address);

export interface Area {
  readonly at: bigint;
  readonly length: bigint;
  /** Pages present from the start; all by default. */
  readonly present?: number;
  readonly perms?: string;
  readonly kind?: string;
  readonly pgoff?: number;
}

/** An address space of areas; its tables are those the present pages need. */
export function space(areas: readonly Area[], geometry = x86): AddressSpace {
  const sorted = [...areas].sort((a, b) => (a.at < b.at ? -1 : 1));
  const vmas: Vma[] = sorted.map((a, i) => ({
    start: page(a.at),
    end: page(a.at + a.length),
    pgoff: a.pgoff ?? page(a.at),
    perms: a.perms ?? 'rw-p',
    kind: a.kind ?? 'anon',
    vmFlags: 'rd wr mr mw me ac',
    anonVma: (a.present ?? 1) > 0 ? i + 1 : null,
    chainLength: 1,
    hugePages: 0,
    object: null,
    background: false,
  }));
  const runs: PageRun[] = sorted.flatMap((a) => {
    const count = a.present ?? page(a.length);
    return count === 0 ? [] : [{ start: page(a.at), count, kind: 'a' as const, pfn: page(a.at) + 0x1000, word: 1n, wordStep: 0n }];
  });
  const tables = tablesOf(runs, geometry);
  const within = (from = 0, to = Infinity) => ({ from, to });
  return {
    geometry,
    mapCount: vmas.length,
    usage: {
      totalVm: vmas.reduce((n, v) => n + v.end - v.start, 0),
      dataVm: 0,
      committed: 0,
      lockedVm: 0,
      rss: runs.reduce((n, r) => n + r.count, 0),
      tables: { pte: 0, pmd: 0, pud: 0, p4d: 0, pgd: 0 },
      tablePages: tables.reduce((n, t) => n + t.count, 0),
    },
    vmas: (from, to) => {
      const w = within(from, to);
      return vmas.filter((v) => v.end > w.from && v.start < w.to);
    },
    vmaAt: (at) => vmas.find((v) => v.start <= at && at < v.end),
    anonVma: () => undefined,
    pages: (from, to) => {
      const w = within(from, to);
      return runs
        .filter((r) => r.start + r.count > w.from && r.start < w.to)
        .map((r) => {
          const start = Math.max(r.start, w.from);
          return { ...r, start, count: Math.min(r.start + r.count, w.to) - start };
        });
    },
    tables: (level, from, to) => {
      const w = within(from, to);
      return tables.filter((t) => t.level === level && t.start + t.count * t.span > w.from && t.start < w.to);
    },
    walk: (at) => {
      const levels = [...geometry.levels].reverse();
      const present = runs.some((r) => r.start <= at && at < r.start + r.count);
      return levels.map((l) => ({
        level: l.name,
        index: Math.floor(at / 2 ** l.shift) % 2 ** l.bits,
        state: l.name === 'pte' ? (present ? ('page' as const) : ('none' as const)) : ('table' as const),
        table: l.name === 'pgd' ? null : 1,
      }));
    },
    byteAt: () => undefined,
  };
}

function tablesOf(runs: readonly PageRun[], g: Geometry): TableRun[] {
  let id = 1;
  return g.levels.slice(0, -1).flatMap((l) => {
    const span = 2 ** (l.shift + l.bits);
    const out: { -readonly [K in keyof TableRun]: TableRun[K] }[] = [];
    for (const r of runs) {
      const last = out.at(-1);
      const start = Math.max(Math.floor(r.start / span) * span, last === undefined ? 0 : last.start + last.count * span);
      const count = Math.ceil((r.start + r.count - start) / span);
      if (count <= 0) continue;
      if (last !== undefined && last.start + last.count * span === start) last.count += count;
      else out.push({ level: l.name, start, span, count, id });
      id += count;
    }
    return out;
  });
}

export function record(op: Op, parts: Partial<OpRecord> & { result?: Result }): OpRecord {
  const empty = space([]);
  return {
    op,
    seq: 1,
    result: { kind: 'value', value: 0n },
    moved: NO_MOVES,
    moves: [],
    tables: { allocated: {}, freed: {} },
    faults: { read: 0, write: 0 },
    strays: [],
    events: [],
    log: [],
    steps: [],
    moveCalls: [],
    before: empty,
    after: parts.before ?? empty,
    ...parts,
  };
}

export const mmapOp = (addr: bigint, length: bigint): Op => ({
  name: 'mmap',
  addr,
  length,
  prot: PROT.PROT_READ | PROT.PROT_WRITE,
  flags: MAP.MAP_PRIVATE | MAP.MAP_ANONYMOUS | MAP.MAP_FIXED,
  fd: -1,
  offset: 0n,
});

export const mremapOp = (old_address: bigint, old_size: bigint, new_size: bigint, new_address: bigint): MremapCall => ({
  name: 'mremap',
  old_address,
  old_size,
  new_size,
  flags: MREMAP.MREMAP_MAYMOVE | MREMAP.MREMAP_FIXED,
  new_address,
});

/** A whole populated mapping moved by FIXED, with the stretches given. */
export function moveRecord(old: bigint, to: bigint, length: bigint, moves: readonly MoveStretch[], steps: readonly Step[] = []): OpRecord {
  const entries = (kind: MoveStretch['kind']): number => moves.filter((m) => m.kind === kind).reduce((n, m) => n + m.entries, 0);
  return record(mremapOp(old, length, length, to), {
    result: { kind: 'value', value: to },
    before: space([{ at: old, length }]),
    after: space([{ at: to, length, pgoff: page(old) }]),
    moves,
    steps,
    moved: { ...NO_MOVES, calls: 1, iter: [...expandMoves(x86, moves)].length - 1, pte: entries('pte'), pmd: entries('pmd'), pud: entries('pud') },
  });
}
