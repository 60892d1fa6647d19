/** Small random races: a few pages, two or three threads, kernels with and without their bugs. */
import { MADV, MAP, MREMAP, PROT, type Op, type Race } from '../../machine/index.js';
import { SimulatedMachine } from '../../sim/machine.js';
import { project } from '../../sim/explore/project.js';
import { Room } from '../../sim/explore/room.js';
import { Stepper } from '../../sim/explore/stepper.js';
import type { Mm } from '../../sim/vma/mm.js';

const K = 1n << 10n;
const PAGE = 4n * K;
const BLOCK = 2n << 20n;
const G = 1n << 30n;

/** mulberry32: the same races for the same seed, everywhere. */
export function random(seed: number): (below: number) => number {
  let a = seed >>> 0;
  return (below) => {
    a = (a + 0x6d2b79f5) >>> 0;
    let t = Math.imul(a ^ (a >>> 15), a | 1);
    t = (t + Math.imul(t ^ (t >>> 7), t | 61)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % below;
  };
}

const SWITCHES: readonly Readonly<Record<string, string>>[] = [
  {},
  {},
  { pmd_move_rmap_lock: 'no' },
  { move_ptes_flush_under_ptl: 'no' },
  { need_rmap_locks: 'no' },
  { rmap_ties: 'before' },
  { vma_write_lock: 'no' },
  { anon_vma_recheck: 'no' },
  { move_pmd_recheck: 'no' },
  { relocate_anon: 'yes' },
  { relocate_anon: 'yes', pin_policy: 'fail', relocate_folio_lock: 'keep' },
];

export interface RandomRace {
  readonly text: string;
  readonly machine: SimulatedMachine;
  readonly race: Race;
}

export function randomRace(seed: number): RandomRace {
  const pick = random(seed);
  const of = <T>(items: readonly T[]): T => items[pick(items.length)] as T;
  const release = of(['6.1', '6.7', '6.12', '6.17', '6.18']);
  const behaviours = of(SWITCHES);
  const shared = pick(4) === 0;
  const whole = pick(3) === 0;
  const length = whole ? BLOCK : BigInt(1 + pick(2)) * PAGE;
  const machine = new SimulatedMachine({ release, behaviours }, { steps: false });
  const setup: Op[] = [];
  if (shared) setup.push({ name: 'memfd', file: 'f', size: length });
  setup.push({
    name: 'mmap',
    addr: G,
    length,
    prot: PROT.PROT_READ | PROT.PROT_WRITE,
    flags: MAP.MAP_FIXED | (shared ? MAP.MAP_SHARED : MAP.MAP_PRIVATE | MAP.MAP_ANONYMOUS),
    fd: shared ? 3 : -1,
    offset: 0n,
  });
  if (pick(5) > 0) setup.push({ name: 'poke', addr: G, byte: 1 });
  if (!whole && length > PAGE && pick(2) === 0) setup.push({ name: 'poke', addr: G + PAGE, byte: 2 });
  for (const op of setup) machine.perform(op);

  const at = (): bigint => of([G, G, 2n * G]);
  const ops: readonly (() => Op)[] = [
    () => ({
      name: 'mremap',
      old_address: G,
      old_size: length,
      new_size: length,
      flags: MREMAP.MREMAP_MAYMOVE | MREMAP.MREMAP_FIXED | of([0, 0, MREMAP.MREMAP_DONTUNMAP, MREMAP.MREMAP_RELOCATE_ANON]),
      new_address: 2n * G,
    }),
    () => ({ name: 'mremap', old_address: G, old_size: length, new_size: length, flags: MREMAP.MREMAP_MAYMOVE | MREMAP.MREMAP_FIXED, new_address: 2n * G }),
    () => ({ name: 'munmap', addr: at(), length: of([PAGE, length]) }),
    () => ({ name: 'madvise', addr: at(), length: PAGE, advice: MADV.MADV_DONTNEED }),
    () => ({ name: 'poke', addr: at(), byte: 3 + pick(3) }),
    () => ({ name: 'peek', addr: at() }),
    () => ({ name: 'swap_out', addr: at(), length: PAGE }),
    () => ({ name: 'migrate', addr: at(), length: PAGE }),
    () => ({ name: 'rmap_walk', addr: at() }),
    () => ({ name: 'pin', addr: at(), length: PAGE }),
    () => (shared ? { name: 'ftruncate', fd: 3, length: 0n } : { name: 'fork', follow: 'parent' }),
    () => (shared && whole ? { name: 'collapse', addr: G, length } : { name: 'peek', addr: at() }),
  ];
  const threads = 2 + (pick(3) === 0 ? 1 : 0);
  const race: Race = {
    name: `random ${seed}`,
    threads: Array.from({ length: threads }, (_, i) => ({ name: `t${i}`, ops: Array.from({ length: threads === 2 ? 1 + pick(2) : 1 }, () => of(ops)()) })),
  };
  const text = JSON.stringify({ release, behaviours, setup, race }, (_, value: unknown) => (typeof value === 'bigint' ? `0x${value.toString(16)}` : value));
  return { text, machine, race };
}

/** The scene of a race, for searches to be compared on. */
export const stepperOf = ({ machine, race }: Pick<RandomRace, 'machine' | 'race'>, room = new Room()): Stepper =>
  new Stepper(project(Reflect.get(machine, 'mm') as Mm, race, room).scene);
