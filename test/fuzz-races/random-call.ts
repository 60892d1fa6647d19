/**
 * A machine in some state, and one call to make on it: odd arguments, holes, ranges over several
 * mappings, limits that bite, every release, one behaviour after the other switched.
 */
import { MADV, MAP, MREMAP, PROT, type MachineSpec, type Op } from '../../machine/index.js';
import { SimulatedMachine } from '../../sim/machine.js';
import { BEHAVIOURS } from '../../sim/models/behaviours/index.js';
import { RELEASES } from '../../sim/models/releases.js';
import { random } from './random-race.js';

export const P = 4096n;
export const G = 1n << 30n;
const BLOCK = 2n << 20n;

/** Every value of every behaviour, to be switched in turn. */
const SWITCHES: readonly Readonly<Record<string, string>>[] = Object.entries(BEHAVIOURS).flatMap(([name, { values }]) => values.map((value) => ({ [name]: value })));

/** Relocation has behaviours of its own, which matter only where there is relocation. */
const OF_RELOCATION = ['relocate_anon', 'pin_policy', 'on_failure', 'relocate_undo', 'relocate_lock', 'relocate_folio_lock', 'relocate_order'];

export interface RandomCall {
  readonly text: string;
  readonly machine: SimulatedMachine;
  readonly setup: readonly Op[];
  readonly ops: readonly Op[];
}

/** Draws from a seed. */
export class Draw {
  private readonly pick: (below: number) => number;

  constructor(seed: number) {
    this.pick = random(seed);
  }

  below(n: number): number {
    return this.pick(n);
  }

  of<T>(items: readonly T[]): T {
    return items[this.pick(items.length)] as T;
  }

  chance(one: number): boolean {
    return this.pick(one) === 0;
  }
}

export function machineFor(seed: number, draw: Draw): { machine: SimulatedMachine; spec: object } {
  const switched = SWITCHES[seed % SWITCHES.length] ?? {};
  const name = Object.keys(switched)[0] ?? '';
  const behaviours = { ...(OF_RELOCATION.includes(name) && { relocate_anon: 'yes' }), ...switched };
  const spec = { release: draw.of(RELEASES).name, behaviours };
  const ram = draw.chance(8);
  const machine = new SimulatedMachine(spec, { steps: false, ...(ram && { machine: { arch: 'x86-64', levels: 4, memory: 1n << 24n } as MachineSpec }) });
  return { machine, spec };
}

/** Where the mappings of a scenario lie: around two places, one of them beside the border of a page table. */
const BASES = [G, 2n * G] as const;

/** Mappings with holes between them, some of them written to, and limits. */
export function setUp(draw: Draw): Op[] {
  const ops: Op[] = [];
  const file = draw.chance(3);
  if (file) ops.push({ name: 'memfd', file: 'f', size: BigInt(1 + draw.below(6)) * P });
  const nearBorder = draw.chance(2);
  for (const base of BASES) {
    let at = nearBorder ? base - 4n * P : base;
    const vmas = base === G ? 1 + draw.below(4) : draw.below(3);
    for (let i = 0; i < vmas; i++) {
      if (draw.chance(3)) at += BigInt(1 + draw.below(2)) * P;
      const length = draw.chance(12) ? BLOCK : BigInt(1 + draw.below(4)) * P;
      const shared = file && draw.chance(2);
      ops.push({
        name: 'mmap',
        addr: at,
        length,
        prot: draw.chance(6) ? PROT.PROT_READ : PROT.PROT_READ | PROT.PROT_WRITE,
        flags: MAP.MAP_FIXED | (shared ? MAP.MAP_SHARED : MAP.MAP_PRIVATE | MAP.MAP_ANONYMOUS) | (draw.chance(12) ? MAP.MAP_NORESERVE : 0),
        fd: shared ? 3 : -1,
        offset: shared ? BigInt(draw.below(3)) * P : 0n,
      });
      const pages = length > 4n * P ? 4n : length / P;
      for (let page = 0n; page < pages; page++) {
        if (draw.chance(2)) ops.push({ name: 'poke', addr: at + page * P, byte: 1 + draw.below(200) });
        else if (draw.chance(4)) ops.push({ name: 'peek', addr: at + page * P });
      }
      if (draw.chance(14)) ops.push({ name: 'mlock', addr: at, length });
      if (draw.chance(20)) ops.push({ name: 'mseal', addr: at, length, flags: 0 });
      if (draw.chance(14))
        ops.push({ name: 'madvise', addr: at, length: P, advice: draw.of([MADV.MADV_DONTFORK, MADV.MADV_WIPEONFORK, MADV.MADV_SEQUENTIAL, MADV.MADV_GUARD_INSTALL]) });
      at += length;
    }
  }
  const somewhere = (): bigint => draw.of(BASES) + BigInt(draw.below(6)) * P;
  if (draw.chance(8)) ops.push({ name: 'fork', follow: 'parent' });
  if (draw.chance(8)) ops.push({ name: 'poke', addr: somewhere(), byte: 77 });
  if (draw.chance(12)) ops.push({ name: 'pin', addr: somewhere(), length: P });
  if (draw.chance(12)) ops.push({ name: 'swap_out', addr: somewhere(), length: 2n * P });
  if (draw.chance(8)) ops.push({ name: 'mremap', old_address: G, old_size: P, new_size: P, flags: MREMAP.MREMAP_MAYMOVE | MREMAP.MREMAP_FIXED, new_address: somewhere() });
  if (draw.chance(16)) ops.push({ name: 'munmap', addr: somewhere(), length: P });
  if (draw.chance(16)) ops.push({ name: 'setrlimit', resource: draw.of(['RLIMIT_AS', 'RLIMIT_DATA', 'RLIMIT_MEMLOCK'] as const), limit: BigInt(draw.below(24)) * P });
  if (draw.chance(16)) ops.push({ name: 'sysctl', key: 'vm.max_map_count', value: BigInt(3 + draw.below(8)) });
  if (draw.chance(16)) ops.push({ name: 'sysctl', key: 'vm.overcommit_memory', value: 2n });
  return ops;
}

const ODD_SIZES = [0n, 1n, P - 1n, P + 1n, 1n << 47n, (1n << 64n) - 1n];

/** One call that a thread of a race may make. */
export function callFor(draw: Draw): Op {
  const at = (): bigint => {
    const place = draw.of([G, G, G, 2n * G]) + BigInt(draw.below(9) - (draw.chance(2) ? 4 : 0)) * P;
    return draw.chance(14) ? place + BigInt(draw.below(Number(P))) : place;
  };
  const size = (): bigint => (draw.chance(12) ? draw.of(ODD_SIZES) : draw.chance(16) ? BLOCK : BigInt(1 + draw.below(5)) * P);
  const few = (): bigint => BigInt(1 + draw.below(3)) * P;
  const kinds: readonly (() => Op)[] = [
    () => mremap(),
    () => mremap(),
    () => mremap(),
    () => mremap(),
    () => ({ name: 'munmap', addr: at(), length: size() }),
    () => ({ name: 'munmap', addr: at(), length: size() }),
    () => ({ name: 'madvise', addr: at(), length: size(), advice: MADV.MADV_DONTNEED }),
    () => ({ name: 'poke', addr: page(), byte: 1 + draw.below(250) }),
    () => ({ name: 'peek', addr: page() }),
    () => ({ name: 'memset', addr: page(), byte: draw.below(256), length: few() }),
    () => ({ name: 'touch', addr: page(), length: few() }),
    () => ({ name: 'pin', addr: page(), length: few() }),
    () => ({ name: 'unpin', addr: page(), length: few() }),
    () => ({ name: draw.of(['swap_out', 'migrate'] as const), addr: page(), length: few() }),
    () => ({ name: 'rmap_walk', addr: page() }),
    () => ({ name: 'ftruncate', fd: draw.chance(6) ? 9 : 3, length: BigInt(draw.below(6)) * P }),
    () => ({ name: 'fork', follow: 'parent' }),
    () => ({ name: 'exec_stack', start: draw.of([G, 4n * G]), end: draw.of([G, 4n * G]) + BigInt(draw.below(4)) * P, shift: BigInt(draw.below(20)) * P }),
  ];
  const page = (): bigint => at() & ~(P - 1n);
  return draw.of(kinds)();

  function mremap(): Op {
    const old_size = size();
    const flags = draw.chance(3)
      ? draw.below(16)
      : draw.of([
          MREMAP.MREMAP_MAYMOVE,
          MREMAP.MREMAP_MAYMOVE | MREMAP.MREMAP_FIXED,
          MREMAP.MREMAP_MAYMOVE | MREMAP.MREMAP_FIXED,
          MREMAP.MREMAP_MAYMOVE | MREMAP.MREMAP_DONTUNMAP | MREMAP.MREMAP_FIXED,
        ]) | (draw.chance(6) ? draw.of([MREMAP.MREMAP_RELOCATE_ANON, MREMAP.MREMAP_MUST_RELOCATE_ANON]) : 0);
    return {
      name: 'mremap',
      old_address: at(),
      old_size,
      new_size: draw.chance(2) ? old_size : size(),
      flags,
      new_address: draw.chance(3) ? at() : 2n * G + (draw.chance(2) ? 0n : at() - G),
    };
  }
}

/** The call of a seed, on the machine of the seed. */
export function randomCall(seed: number, calls = 1): RandomCall {
  const draw = new Draw(seed);
  const { machine, spec } = machineFor(seed, draw);
  const setup = setUp(draw);
  for (const op of setup) machine.perform(op);
  const ops = Array.from({ length: calls }, () => callFor(draw));
  return { machine, setup, ops, text: textOf({ seed, spec, setup, ops }) };
}

export const textOf = (what: object): string => JSON.stringify(what, (_, value: unknown) => (typeof value === 'bigint' ? `0x${value.toString(16)}` : value));

/** Two mappings far from each other, and for each a call that keeps to it. */
export function callsApart(seed: number): RandomCall {
  const draw = new Draw(seed);
  const { machine, spec } = machineFor(seed, draw);
  const places = [G, 8n * G] as const;
  const setup: Op[] = [];
  for (const base of places) {
    const pages = 1 + draw.below(3);
    setup.push({
      name: 'mmap',
      addr: base,
      length: BigInt(pages) * P,
      prot: PROT.PROT_READ | PROT.PROT_WRITE,
      flags: MAP.MAP_FIXED | MAP.MAP_PRIVATE | MAP.MAP_ANONYMOUS,
      fd: -1,
      offset: 0n,
    });
    for (let page = 0; page < pages; page++) if (draw.chance(2)) setup.push({ name: 'poke', addr: base + BigInt(page) * P, byte: 1 + draw.below(200) });
  }
  for (const op of setup) machine.perform(op);
  const ops = places.map((base): Op => {
    const addr = base + BigInt(draw.below(3)) * P;
    const length = BigInt(1 + draw.below(2)) * P;
    return draw.of<() => Op>([
      () => ({
        name: 'mremap',
        old_address: addr,
        old_size: length,
        new_size: BigInt(1 + draw.below(3)) * P,
        flags: MREMAP.MREMAP_MAYMOVE | MREMAP.MREMAP_FIXED,
        new_address: 2n * base,
      }),
      () => ({ name: 'munmap', addr, length }),
      () => ({ name: 'madvise', addr, length, advice: MADV.MADV_DONTNEED }),
      () => ({ name: 'poke', addr, byte: 7 }),
      () => ({ name: 'peek', addr }),
      () => ({ name: 'swap_out', addr, length }),
      () => ({ name: 'migrate', addr, length }),
    ])();
  });
  return { machine, setup, ops, text: textOf({ seed, spec, setup, ops }) };
}
