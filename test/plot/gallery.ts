/** The examples that are both snapshots and gallery: real runs of the model, and how to look at them. */
import { readFileSync } from 'node:fs';
import { createSession, type Output } from '../../dsl/index.js';
import { LogReplay } from '../../dsl/logs/index.js';
import { MAP, MREMAP, PROT, type CostBeside, type MachineOptions, type Op, type OpRecord, type Race, type Table, type View } from '../../machine/index.js';
import { createMachines } from '../../sim/index.js';
import { tried } from './examples.js';

const MADV_DONTNEED = 4;
const M = 1n << 20n;
const G = 1n << 30n;

const map = (addr: bigint, length: bigint, prot: number = PROT.PROT_READ | PROT.PROT_WRITE): Op => ({
  name: 'mmap',
  addr,
  length,
  prot,
  flags: MAP.MAP_PRIVATE | MAP.MAP_ANONYMOUS | MAP.MAP_FIXED,
  fd: -1,
  offset: 0n,
});
const touch = (addr: bigint, length: bigint): Op => ({ name: 'touch', addr, length });
/** Read faults map the zero page. */
const read = (addr: bigint, length: bigint): Op => ({ name: 'load_words', addr, length, stride: 4096n });
const remap = (old_address: bigint, old_size: bigint, new_size: bigint, new_address = 0n, flags = 0): Op => ({
  name: 'mremap',
  old_address,
  old_size,
  new_size,
  flags: new_address === 0n ? flags : MREMAP.MREMAP_MAYMOVE | MREMAP.MREMAP_FIXED | flags,
  new_address,
});
/** Mapped, populated and moved. */
const moved = (old: bigint, length: bigint, to: bigint): Op[] => [map(old, length), touch(old, length), remap(old, length, length, to)];

export interface Example {
  readonly name: string;
  readonly release: string;
  readonly ops: readonly Op[];
  /** `call-tables`: what the call did to the page tables. */
  readonly show: readonly (Exclude<View['what'], 'log' | 'table' | 'plot' | 'schedule' | 'compare' | 'rmap'> | 'call-tables')[];
  /** Whose walk `tables` shows; without it, everything. */
  readonly walk?: bigint;
}

const scattered: Op[] = [
  map(0x40000000n, 64n * M),
  ...Array.from({ length: 12 }, (_, i) => touch(0x40000000n + BigInt(i) * 5n * M + BigInt(i * i) * 4096n, 4096n * BigInt(1 + 17 * i))),
  remap(0x40000000n, 64n * M, 64n * M, 0x80000000n),
];

const manyMappings: Op[] = Array.from({ length: 60 }, (_, i) =>
  map(0x10000000n + BigInt(i) * 3n * M, (BigInt(i % 5) + 1n) * 4096n * 64n, i % 2 === 0 ? PROT.PROT_READ : PROT.PROT_READ | PROT.PROT_WRITE),
);

/** A populated TiB of huge pages, small ones where a part of one was given back, and holes of all sizes. */
const mixedTib: Op[] = [
  { name: 'thp', enabled: 'always' },
  map(1024n * G, 1024n * G),
  touch(1024n * G, 1024n * G),
  ...Array.from({ length: 48 }, (_, i): Op => {
    const at = 1024n * G + BigInt(i) * 21n * G;
    const pieces = [4096n, 2n * M + 4096n, 64n * M, 3n * G];
    return { name: 'madvise', addr: at, length: pieces[i % pieces.length] ?? 4096n, advice: MADV_DONTNEED };
  }),
];

export const EXAMPLES: readonly Example[] = [
  { name: 'linus', release: '6.12', ops: moved(0x8100000n, 2n * M, 0x7f00000n), show: ['cost', 'call-tables', 'moves', 'maps', 'space', 'tables', 'steps'] },
  { name: 'realigned', release: '6.12', ops: moved(0x8100000n, 2n * M, 0x6100000n), show: ['cost', 'call-tables', 'moves', 'maps', 'tables', 'steps'] },
  { name: 'not-realigned', release: '6.1', ops: moved(0x8100000n, 2n * M, 0x6100000n), show: ['moves'] },
  { name: 'two-puds', release: '6.18', ops: moved(129n * G, 2n * G, 127n * G), show: ['call-tables', 'moves', 'maps', 'tables'] },
  { name: 'one-page-off', release: '6.18', ops: moved(128n * G, 2n * G, 1024n * G + 4096n), show: ['call-tables', 'moves', 'maps', 'tables'] },
  {
    name: 'three-levels',
    release: '6.12',
    ops: [map(128n * G, M), map(128n * G + M, 2n * G), touch(128n * G + M, 2n * G), remap(128n * G + M, 2n * G, 2n * G, 120n * G + M)],
    show: ['moves', 'maps'],
  },
  { name: 'one-page', release: '6.18', ops: moved(0x7f1f98603000n, 4096n, 0x7f1f98a05000n), show: ['cost', 'call-tables', 'moves', 'maps', 'tables'], walk: 0x7f1f98a05000n },
  { name: 'far-apart', release: '6.12', ops: moved(128n * G, 2n * M, 1024n * G), show: ['call-tables', 'moves', 'maps', 'tables'] },
  { name: 'walk-2m', release: '6.12', ops: moved(0x8100000n, 2n * M, 0x7f00000n), show: ['tables'], walk: 0x8000000n },
  { name: 'walk-none', release: '6.12', ops: moved(0x8100000n, 2n * M, 0x6100000n), show: ['tables'], walk: 0x40000000n },
  { name: 'shrink', release: '6.12', ops: [map(0x8100000n, 4n * M), touch(0x8100000n, 3n * M), remap(0x8100000n, 4n * M, M)], show: ['steps', 'call-tables', 'moves', 'maps'] },
  { name: 'grow', release: '6.18', ops: [map(0x8100000n, M), touch(0x8100000n, M), remap(0x8100000n, M, 4n * M)], show: ['steps', 'maps'] },
  {
    name: 'replace',
    release: '6.12',
    ops: [map(0x20000000n, 8n * M), touch(0x20000000n, 8n * M), ...moved(0x30000000n, 3n * M, 0x20200000n)],
    show: ['call-tables', 'maps', 'space'],
  },
  {
    name: 'dontunmap',
    release: '6.12',
    ops: [map(0x8100000n, 2n * M), touch(0x8100000n, 2n * M), remap(0x8100000n, 2n * M, 2n * M, 0x6100000n, MREMAP.MREMAP_DONTUNMAP)],
    show: ['maps'],
  },
  {
    name: 'zero-page',
    release: '6.12',
    ops: [map(0x8000000n, 2n * M), read(0x8040000n, 40n * 4096n), touch(0x8100000n, 64n * 4096n), remap(0x8000000n, 2n * M, 2n * M, 0x9000000n)],
    show: ['maps', 'moves'],
  },
  { name: 'refused', release: '6.12', ops: [map(0x8000000n, M), remap(0x8000000n, 2n * M, 2n * M, 0x9000000n)], show: ['cost', 'maps', 'steps', 'moves'] },
  { name: 'unmapped', release: '6.12', ops: [map(0x8000000n, 6n * M), touch(0x8000000n, 6n * M), { name: 'munmap', addr: 0x8200000n, length: 2n * M }], show: ['maps'] },
  { name: 'mapped', release: '6.12', ops: [map(0x8000000n, 2n * M), map(0x8400000n, 2n * M)], show: ['maps'] },
  { name: 'scattered', release: '6.12', ops: scattered, show: ['call-tables', 'moves', 'maps', 'tables'] },
  { name: 'many-mappings', release: '6.12', ops: [...manyMappings, ...moved(0x18000000n + 2n * M, 4096n * 64n, 0x30000000n)], show: ['call-tables', 'maps', 'space', 'tables'] },
  {
    name: 'three-mappings',
    release: '6.18',
    ops: [
      map(0x8000000n, 2n * M),
      map(0x8200000n, M, PROT.PROT_READ),
      map(0x8400000n, M + 4096n),
      touch(0x8000000n, 2n * M),
      touch(0x8400000n, M),
      remap(0x8000000n, 6n * M, 6n * M, 0x9000000n),
    ],
    show: ['steps', 'cost', 'moves', 'maps'],
  },
  {
    name: 'mixed-tib',
    release: '6.18',
    ops: [...mixedTib, remap(1024n * G, 1024n * G, 1024n * G, 4096n * G + G)],
    show: ['cost', 'moves', 'maps', 'tables', 'call-tables', 'space'],
  },
  {
    name: 'huge-page',
    release: '6.18',
    ops: [{ name: 'thp', enabled: 'always' }, map(G, 4n * M), touch(G, 4n * M), remap(G, 4n * M, 4n * M, 2n * G)],
    show: ['steps', 'moves', 'call-tables', 'tables'],
  },
  { name: 'tib-off', release: '6.12 with realign=v3', ops: moved(1024n * G, 1024n * G, 4096n * G + 4096n), show: ['cost', 'moves'] },
  {
    name: 'taken-along',
    release: '6.12 with realign=v3',
    ops: [map(G / 64n, M), map(0x8280000n, 0x580000n), touch(0x8280000n, 0x580000n), remap(0x8300000n, 2n * M, 2n * M, 0x6300000n)],
    show: ['moves', 'maps'],
  },
  { name: 'a-tib', release: '6.18', ops: moved(1024n * G, 1024n * G, 4096n * G + 2n * M), show: ['cost', 'call-tables', 'moves', 'maps', 'tables'] },
];

/** Room for examples that fill a TiB. */
const LARGE: MachineOptions = { machine: { arch: 'x86-64', memory: 16n << 40n } };

export interface Shown {
  readonly name: string;
  readonly view: View;
}

async function lastRecord(example: Example, release = example.release): Promise<{ record: OpRecord; model: string }> {
  const [name = '', switched] = release.split(' with ');
  const behaviours = switched === undefined ? {} : { behaviours: Object.fromEntries([switched.split('=')]) };
  const machine = createMachines().open({ release: name, ...behaviours }, LARGE);
  let record: OpRecord | undefined;
  for (const op of example.ops) record = await machine.perform(op);
  if (record === undefined) throw new Error(`${example.name} does nothing`);
  return { record, model: machine.model.name };
}

/** What an example shows of a run; `tables` and `space` show what is left after it. */
export async function views(example: Example): Promise<Shown[]> {
  const { record, model } = await lastRecord(example);
  const space = record.after;
  const others: CostBeside[] = [];
  if (example.show.includes('cost'))
    for (const { name, recorded } of createMachines().releases) if (recorded !== null && name !== example.release) others.push(await lastRecord(example, name));
  const at = example.walk === undefined ? undefined : Number(example.walk >> BigInt(space.geometry.pageShift));
  return example.show.map((what): Shown => {
    const name = `${example.name}-${what}`;
    switch (what) {
      case 'space':
        return { name, view: { what, space, model } };
      case 'tables':
        return { name, view: { what, space, at, model } };
      case 'cost':
        return { name, view: { what, record, others, model } };
      case 'call-tables':
        return { name, view: { what: 'tables', space, record, model } };
      default:
        return { name, view: { what, record, model } };
    }
  });
}

/** What a sweep over offsets and lengths gives: PTEs where the two sides differ in their offset. */
const swept: Table = {
  columns: [
    { name: 'offset', as: 'size' },
    { name: 'len', as: 'size' },
    { name: 'pte', as: 'count' },
  ],
  rows: [0n, 256n, 512n, 768n, 1024n].flatMap((k) => [1n, 2n, 8n].map((m) => [k << 10n, m * M, k === 0n && m > 1n ? 0n : m * 256n])),
};

/** As many points as a long sweep has: 64 offsets, eight lengths. */
const sweptFar: Table = {
  ...swept,
  rows: Array.from({ length: 64 }, (_, i) => BigInt(i)).flatMap((i) =>
    Array.from({ length: 8 }, (_, k) => 1n << BigInt(k)).map((m) => [(i * 32n) << 10n, m * M, i === 0n && m > 1n ? 0n : m * 256n]),
  ),
};
const sweptOnce: Table = { ...swept, rows: swept.rows.slice(0, 1) };

/** No mremap of the model has its table moves refused: made by hand. */
export const MADE: readonly Shown[] = [
  { name: 'tried-moves', view: { what: 'moves', record: tried(), model: '6.1.192' } },
  { name: 'sweep-table', view: { what: 'table', title: 'sweep over offset, len', text: ['what was found'], table: swept, model: '6.12' } },
  { name: 'sweep-line', view: { what: 'plot', table: swept, x: 'offset', y: 'pte', color: 'len', mark: 'line', model: '6.12' } },
  { name: 'sweep-bar', view: { what: 'plot', table: swept, x: 'len', y: 'pte', color: 'offset', mark: 'bar', title: 'What a move costs', model: '6.12' } },
  { name: 'sweep-heat', view: { what: 'plot', table: swept, x: 'offset', y: 'len', color: 'pte', mark: 'heat', model: '6.12' } },
  ...(['line', 'bar', 'heat'] as const).flatMap((mark): Shown[] => {
    const plot = { what: 'plot', x: 'offset', y: mark === 'heat' ? 'len' : 'pte', color: mark === 'heat' ? 'pte' : 'len', mark, model: '6.12' } as const;
    return [
      { name: `one-point-${mark}`, view: { ...plot, table: sweptOnce } },
      { name: `long-${mark}`, view: { ...plot, table: sweptFar } },
    ];
  }),
];

const RELOCATE = MREMAP.MREMAP_MAYMOVE | MREMAP.MREMAP_FIXED | 8;
const pin = (addr: bigint): Op => ({ name: 'pin', addr, length: 4096n });

/** Races, and what the schedule shows that is looked for. */
export const RACES: readonly {
  readonly name: string;
  readonly release: string;
  readonly behaviours: Readonly<Record<string, string>>;
  readonly ops: readonly Op[];
  readonly threads: Race['threads'];
  readonly broken: string;
}[] = [
  {
    name: 'skipped-pin',
    release: '6.16',
    behaviours: { relocate_anon: 'yes', pin_policy: 'skip' },
    ops: [map(G, 4096n), touch(G, 4096n)],
    threads: [
      { name: 'mover', ops: [remap(G, 4096n, 4096n, 2n * G, RELOCATE)] },
      { name: 'gup', ops: [pin(G)] },
    ],
    broken: 'rmap_broken',
  },
  {
    name: 'table-move',
    release: '6.1',
    behaviours: { pmd_move_rmap_lock: 'no' },
    ops: [map(G, 2n * M), { name: 'poke', addr: G, byte: 1 }],
    threads: [
      { name: 'mover', ops: [remap(G, 2n * M, 2n * M, 2n * G)] },
      { name: 'reclaim', ops: [{ name: 'swap_out', addr: G, length: 4096n }] },
      { name: 'user', ops: [{ name: 'poke', addr: 2n * G, byte: 7 }] },
    ],
    broken: 'freed_in_tlb',
  },
  {
    name: 'undone-relocation',
    release: '6.16',
    behaviours: { relocate_anon: 'yes', pin_policy: 'fail' },
    ops: [map(G, 8n * 4096n), touch(G, 8n * 4096n), pin(G + 6n * 4096n)],
    threads: [
      { name: 'mover', ops: [remap(G, 8n * 4096n, 8n * 4096n, 2n * G, RELOCATE)] },
      { name: 'gup', ops: [1n, 3n, 5n].map((i) => pin(G + i * 4096n)) },
    ],
    broken: 'dangling_mapping',
  },
];

/** The schedule that a race is shown by, found by the explorer. */
export function scheduleView({ name, release, behaviours, ops, threads, broken }: (typeof RACES)[number]): View {
  const machine = createMachines().open({ release, behaviours }, LARGE);
  for (const op of ops) machine.perform(op) satisfies unknown;
  const report = finish(machine.explore?.({ name: name.replaceAll('-', '_'), threads }) ?? fail());
  const schedule = finish(report.shortest({ broken })) ?? fail();
  return { what: 'schedule', schedule, states: false, model: schedule.model };
}

function finish<T>(task: Generator<unknown, T, boolean | undefined> | Generator<unknown, T, void>): T {
  for (;;) {
    const turn = task.next();
    if (turn.done === true) return turn.value;
  }
}

function fail(): never {
  throw new Error('the race shows nothing');
}

/** Blocks compared on several releases, and views that the language makes. */
export const SCRIPTS: readonly { readonly name: string; readonly text: string }[] = [
  { name: 'one-page-compare', text: 'compare 6.1, 6.18 {\nmmap(1G, 8K, rw, anon|private|fixed)\nmprotect(1G, 4K, PROT_READ)\nmremap(1G, 8K, 8K, maymove|fixed, 2G)\n}' },
  {
    name: 'realign-compare',
    text: `compare 6.1, 6.12, 6.12 with realign=v3 {
p = mmap(129M, 2M, rw, anon|private|fixed)
touch(p, 2M)
m = mremap(p, 2M, 2M, maymove|fixed, 97M)
}`,
  },
  { name: 'one-page-rmap', text: 'mmap(1G, 8K, rw, anon|private|fixed)\ntouch(1G, 4K)\nshow rmap 1G' },
  {
    name: 'moved-rmap',
    text: `mmap(1G, 8M, rw, anon|private|fixed)
touch(1G, 8M)
fork()
in child { madvise(1G, 8M, MADV_DONTNEED) }
m = mremap(1G + 2M, 2M, 2M, maymove|fixed, 2G)
show rmap 2G + 64K`,
  },
  {
    name: 'many-rmap',
    text: `mmap(0x7f0000000000, 64M, rw, anon|private|fixed)
touch(0x7f0000000000, 64M)
for i in 0..24 { fork() }
show rmap 0x7f0000000000 + 40M`,
  },
  {
    name: 'tib-compare',
    text: `machine x86-64 { memory 16T }
compare 6.1, 6.3, 6.7, 6.12, 6.17, 6.18 {
mmap(1T, 512G, rw, anon|private|fixed)
mmap(1T + 512G, 512G, PROT_READ, anon|private|fixed)
touch(1T, 512G)
m = mremap(1T, 1T, 1T, maymove|fixed, 4T + 4K)
mremap(1T, 512G, 512G, maymove|fixed, 8T + 3M)
}`,
  },
];

export async function scriptView(text: string): Promise<View> {
  let view: View | undefined;
  await createSession(createMachines()).run(text, { mode: 'file', onOutput: (o: Output) => void (o.type === 'view' && (view = o.view)) });
  if (view === undefined) throw new Error(`nothing is shown: ${text}`);
  return view;
}

/** Logs of real programs, replayed. */
export const LOGS: readonly { readonly name: string; readonly file: string; readonly touched?: 'none' | 'all' }[] = [
  { name: 'realloc-log', file: 'realloc.strace' },
  { name: 'realloc-touched-log', file: 'realloc.strace', touched: 'all' },
  { name: 'threads-log', file: 'py-threads.strace' },
  { name: 'gcc-log', file: 'gcc.strace' },
];

/** A block that grows by 16 KiB three thousand times, and moves each time. */
export const LONG_LOG: readonly string[] = Array.from({ length: 3000 }, (_, i) => {
  const at = (k: number): string => `0x${(0x7f0000000000 - k * 0x8000000).toString(16)}`;
  const size = (k: number): number => 135168 + k * 16384;
  return i === 0
    ? `mmap(NULL, ${size(0)}, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) = ${at(0)}`
    : `mremap(${at(i - 1)}, ${size(i - 1)}, ${size(i)}, MREMAP_MAYMOVE) = ${at(i)}`;
});

export const fileLines = (file: string): readonly string[] =>
  readFileSync(new URL(`../strace/logs/${file}`, import.meta.url), 'utf8')
    .trimEnd()
    .split('\n');

export function logView(lines: readonly string[], touched?: 'none' | 'all'): View {
  const replay = new LogReplay(createMachines(), { touched });
  for (const line of lines) replay.line(line);
  const { summary: log, model } = replay.end();
  return { what: 'log', log, model };
}
