/**
 * What the machine says keeps two neighbours apart, against what it does: three VMAs side by side with random
 * attributes; for each that is given its flags anew, its two neighbours. MERGE_LAYOUTS sets how many a release gets.
 */
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { MADV, MAP, MREMAP, PROT, type Bytes, type MergeExplanation, type Op, type Vpn } from '../../machine/index.js';
import { createMachines, SimulatedMachine } from '../../sim/index.js';

const LAYOUTS = Number(process.env['MERGE_LAYOUTS'] ?? 100);
const SEED = 20_260_713;

const A: Vpn = 0x40000;
const PAGES = 4;
/** Where VMAs wait until all are made, and where those come from whose page offset is not that of their place. */
const PARKED = 0x80000;
const ELSEWHERE = 0x1000;
const bytes = (pages: number): Bytes => BigInt(pages) * 4096n;
const LENGTH = bytes(PAGES);

/** A VMA as far as its attributes can be chosen one by one. */
interface Recipe {
  readonly object: 'anon' | 'private' | 'shared';
  readonly file: 0 | 1;
  /** Its page offset is that of its place. */
  readonly inPlace: boolean;
  /** Of a file: mapped and written far from its place. */
  readonly away: boolean;
  /** Never written; with an anon_vma of its own; with one that it had before the process forked; with one that all of the family share. */
  readonly anon: 'none' | 'own' | 'forked' | 'family';
  readonly prot: number;
  readonly advice: number | null;
  readonly locked: boolean;
  readonly uffd: 0 | 1 | null;
}

const recipe: fc.Arbitrary<Recipe> = fc.record({
  object: fc.constantFrom('anon', 'private', 'shared'),
  file: fc.constantFrom(0, 1),
  inPlace: fc.boolean(),
  away: fc.boolean(),
  anon: fc.constantFrom('none', 'own', 'own', 'none', 'forked', 'family'),
  prot: fc.constantFrom(PROT.PROT_READ | PROT.PROT_WRITE, PROT.PROT_READ),
  advice: fc.constantFrom(null, MADV.MADV_DONTFORK, MADV.MADV_SEQUENTIAL, MADV.MADV_NOHUGEPAGE),
  locked: fc.boolean(),
  uffd: fc.constantFrom(null, 0, 1),
});

/** Of one mould, but for a few attributes each: VMAs that differ in everything say little. */
const layouts: fc.Arbitrary<Layout> = recipe.chain((mould) => {
  const fields = fc.oneof(fc.constant(['anon'] as (keyof Recipe)[]), fc.subarray(Object.keys(mould) as (keyof Recipe)[], { maxLength: 2 }));
  const cast = fc.tuple(recipe, fields).map(([other, own]) => ({ ...mould, ...Object.fromEntries(own.map((field) => [field, other[field]])) }));
  return fc.record({ vmas: fc.tuple(cast, cast, cast), order: fc.shuffledSubarray([0, 1, 2], { minLength: 3 }) });
});

interface Layout {
  readonly vmas: readonly [Recipe, Recipe, Recipe];
  /** The order in which they come to their places. */
  readonly order: readonly number[];
}
const homeOf = (i: number): Vpn => A + i * PAGES;

/** Does what makes the three VMAs, each at its place. */
class Builder {
  readonly machine: SimulatedMachine;
  constructor(release: string) {
    this.machine = new SimulatedMachine({ release }, { steps: false, records: 'lean', privileged: true });
  }

  do(op: Op): bigint {
    const { result } = this.machine.perform(op);
    return result.kind === 'value' ? result.value : -1n;
  }

  build({ vmas: layout, order }: Layout): void {
    const files = [0, 1].map((i) => Number(this.do({ name: 'memfd', file: `f${i}`, size: bytes(2 * ELSEWHERE) })));
    this.family(layout);
    layout.forEach((r, i) => r.anon === 'forked' && this.make(r, i, files));
    if (layout.some((r) => r.anon === 'forked')) this.do({ name: 'fork', follow: 'child' });
    layout.forEach((r, i) => r.anon !== 'forked' && !inFamily(r) && this.make(r, i, files));
    layout.forEach((r, i) => this.flags(r, PARKED + i * 2 * PAGES));
    for (const i of order) this.move(PARKED + i * 2 * PAGES, homeOf(i));
    for (const n of [0, 1]) {
      if (!layout.some((r) => r.uffd === n)) continue;
      this.do({ name: 'userfaultfd', features: ['EVENT_REMAP'] });
      layout.forEach((r, i) => r.uffd === n && this.do({ name: 'uffd_register', addr: bytes(homeOf(i)), length: LENGTH, mode: 'MISSING' }));
    }
  }

  /** One mapping, written as a whole and taken apart. */
  private family(layout: Layout['vmas']): void {
    if (!layout.some(inFamily)) return;
    this.map(A, 3 * PAGES, MAP.MAP_PRIVATE | MAP.MAP_ANONYMOUS, -1, 0);
    this.do({ name: 'touch', addr: bytes(A), length: 3n * LENGTH });
    layout.forEach((r, i) => (inFamily(r) ? this.move(homeOf(i), PARKED + i * 2 * PAGES) : this.do({ name: 'munmap', addr: bytes(homeOf(i)), length: LENGTH })));
  }

  private make(r: Recipe, i: number, files: readonly number[]): void {
    const displaced = r.inPlace ? 0 : ELSEWHERE;
    const at = r.object === 'anon' ? homeOf(i) + displaced : homeOf(i) + (r.away ? ELSEWHERE : 0);
    if (r.object === 'anon') this.map(at, PAGES, MAP.MAP_PRIVATE | MAP.MAP_ANONYMOUS, -1, 0);
    else this.map(at, PAGES, r.object === 'private' ? MAP.MAP_PRIVATE : MAP.MAP_SHARED, files[r.file] ?? -1, i * PAGES + displaced);
    if (r.anon !== 'none') this.do({ name: 'touch', addr: bytes(at), length: LENGTH });
    this.move(at, PARKED + i * 2 * PAGES);
  }

  private flags(r: Recipe, at: Vpn): void {
    const range = { addr: bytes(at), length: LENGTH };
    if (r.prot !== (PROT.PROT_READ | PROT.PROT_WRITE)) this.do({ name: 'mprotect', ...range, prot: r.prot });
    if (r.advice !== null) this.do({ name: 'madvise', ...range, advice: r.advice });
    if (r.locked) this.do({ name: 'mlock2', ...range, flags: 1 });
  }

  /** Not charged: what is charged depends on what was written, and would show as one more flag. */
  private map(at: Vpn, pages: number, flags: number, fd: number, pgoff: number): void {
    const prot = PROT.PROT_READ | PROT.PROT_WRITE;
    this.do({ name: 'mmap', addr: bytes(at), length: bytes(pages), prot, flags: flags | MAP.MAP_FIXED | MAP.MAP_NORESERVE, fd, offset: bytes(pgoff) });
  }

  private move(from: Vpn, to: Vpn): void {
    const flags = MREMAP.MREMAP_MAYMOVE | MREMAP.MREMAP_FIXED;
    this.do({ name: 'mremap', old_address: bytes(from), old_size: LENGTH, new_size: LENGTH, flags, new_address: bytes(to) });
  }
}

/** A VMA that is of the family now only for its place or object has got another anon_vma too. */
const joinsFamily = (before: Layout, after: Layout): boolean =>
  after.vmas.some((r, i) => {
    const old = before.vmas[i] as Recipe;
    return r.anon === old.anon && inFamily(r) !== inFamily(old);
  });

const inFamily = (r: Recipe): boolean => r.anon === 'family' && r.object === 'anon' && r.inPlace;

function built(release: string, layout: Layout): SimulatedMachine {
  const builder = new Builder(release);
  builder.build(layout);
  return builder.machine;
}

const isOne = (m: SimulatedMachine, i: number, j: number): boolean => m.space().vmaAt(homeOf(i))?.start === m.space().vmaAt(homeOf(j))?.start;
const explained = (m: SimulatedMachine, i: number, j: number): MergeExplanation | undefined => m.explainMerge(homeOf(i), homeOf(j));

/** What the machine does with a VMA and its neighbour when it is given a flag, and the ones it had. */
function joins(m: SimulatedMachine, changed: number, neighbour: number): boolean {
  const vma = m.space().vmaAt(homeOf(changed));
  if (vma === undefined) throw new Error('the layout has a hole');
  const range = { addr: bytes(vma.start), length: bytes(vma.end - vma.start) };
  for (const advice of [MADV.MADV_DONTDUMP, MADV.MADV_DODUMP]) expect(m.perform({ name: 'madvise', ...range, advice }).result.kind).toBe('value');
  return isOne(m, changed, neighbour);
}

/** The layout with nothing changed but what a check asked about; undefined where the recipes cannot say that. */
function without(code: string, layout: Layout, changed: number, neighbour: number): Layout | undefined {
  const { vmas } = layout;
  const [x, n] = [vmas[changed] as Recipe, vmas[neighbour] as Recipe];
  const put = (i: number, r: Partial<Recipe>): Layout => ({ ...layout, vmas: vmas.map((old, k) => (k === i ? { ...old, ...r } : old)) as unknown as Layout['vmas'] });
  switch (code) {
    case 'merge.flags': {
      const alike = { prot: n.prot, advice: n.advice, locked: n.locked, object: x.object === 'shared' || n.object === 'shared' ? n.object : x.object };
      return put(changed, { ...alike, uffd: n.uffd === null ? null : (x.uffd ?? n.uffd) });
    }
    case 'merge.file':
      return put(changed, { object: n.object, file: n.file });
    case 'merge.uffd':
      return put(changed, { uffd: n.uffd });
    case 'merge.anon_vma':
    case 'merge.faulted':
      return put(changed, { anon: 'none' });
    case 'merge.fork':
      return x.anon === 'none' ? put(neighbour, { anon: 'none' }) : put(changed, { anon: 'none' });
    case 'merge.pgoff':
      return { ...layout, vmas: vmas.map((r, i) => (i === changed || i === neighbour ? { ...r, inPlace: true } : r)) as unknown as Layout['vmas'] };
    case 'merge.anon_pgoff':
      return { ...layout, vmas: vmas.map((r, i) => (i === changed || i === neighbour ? { ...r, away: false } : r)) as unknown as Layout['vmas'] };
    case 'merge.opposite':
      return put(0, { advice: MADV.MADV_DONTFORK });
    default:
      return undefined;
  }
}

const isLarger = ({ changed, neighbour }: MergeExplanation): boolean => [changed, neighbour].some((v) => v.end - v.start > PAGES);
const position = (e: MergeExplanation): number => e.checks.findIndex((c) => !c.holds);
const seen = new Map<string, number>();
const note = (what: string): void => void seen.set(what, (seen.get(what) ?? 0) + 1);

describe.each(createMachines().releases.map((r) => r.name))('kernel %s', (release) => {
  test('says "apart because X" exactly where the machine keeps them apart; X undone, they merge or the next reason comes up', () => {
    fc.assert(
      fc.property(layouts, (layout) => {
        const machine = built(release, layout);
        for (const [changed, neighbour] of [
          [0, 1],
          [1, 0],
          [1, 2],
          [2, 1],
        ] as const) {
          // prettier-ignore
          const e = explained(machine, changed, neighbour);
          expect(e === undefined).toBe(isOne(machine, changed, neighbour));
          if (e === undefined) continue;
          note('pairs');
          note(e.apart?.code ?? 'merge');
          expect({ says: e.apart?.code, joins: joins(built(release, layout), changed, neighbour) }).toEqual({ says: e.apart?.code, joins: e.apart === null });
          if (e.apart === null) continue;
          const mended = without(e.apart.code, layout, changed, neighbour);
          if (mended === undefined || joinsFamily(layout, mended)) continue;
          const then = explained(built(release, mended), changed, neighbour);
          if (then === undefined || then.apart === null) note('undone: merge');
          // The third one came in between: it is another pair now.
          else if (isLarger(then)) note('joined the third');
          else if (then.apart.code === e.apart.code) note(`not undone alone: ${e.apart.code}`);
          else expect(position(then)).toBeGreaterThan(position(e));
        }
      }),
      { numRuns: LAYOUTS, seed: SEED },
    );
  });
});

/** Each reason by itself: who is asked about whom, and which check says no. */
const plain: Recipe = { object: 'anon', file: 0, inPlace: true, away: false, anon: 'none', prot: PROT.PROT_READ, advice: null, locked: false, uffd: null };
const written: Recipe = { ...plain, anon: 'own' };
const three = (a: Recipe, b: Recipe, c: Recipe, order = [0, 1, 2]): Layout => ({ vmas: [a, b, c], order });
const other: Recipe = { ...plain, advice: MADV.MADV_SEQUENTIAL };

test.each<[string, string, Layout, number, number, string | null]>([
  ['flags', '6.18', three(other, plain, other), 1, 0, 'merge.flags'],
  ['the file', '6.1', three({ ...plain, object: 'shared' }, { ...plain, object: 'shared', file: 1 }, other), 1, 0, 'merge.file'],
  ['who watches', '6.12', three({ ...plain, uffd: 0 }, { ...plain, uffd: 1 }, other), 1, 0, 'merge.uffd'],
  ['two anon_vmas, asked before the page offsets', '6.12', three({ ...written, inPlace: false }, written, other), 1, 0, 'merge.anon_vma'],
  ['the page offset', '6.12', three({ ...written, inPlace: false }, plain, other), 1, 0, 'merge.pgoff'],
  ['the page offset of anonymous pages', '7.3', three({ ...plain, object: 'private', anon: 'own', away: true }, { ...plain, object: 'private' }, other), 1, 0, 'merge.anon_pgoff'],
  ['which older kernels do not have', '6.18', three({ ...plain, object: 'private', anon: 'own', away: true }, { ...plain, object: 'private' }, other), 1, 0, null],
  ['written beside unwritten, the written one asked, up to v6.15', '6.1', three(written, plain, other, [1, 0, 2]), 0, 1, 'merge.faulted'],
  ['written beside unwritten, the unwritten one asked', '6.1', three(written, plain, other, [1, 0, 2]), 1, 0, null],
  ['written before a fork', '6.18', three({ ...written, anon: 'forked' }, plain, other), 1, 0, 'merge.fork'],
  ['the same, the written one asked', '6.18', three({ ...written, anon: 'forked' }, plain, other), 0, 1, 'merge.fork'],
  ['the one on the other side goes first', '6.1', three(written, plain, written, [1, 0, 2]), 1, 2, 'merge.opposite'],
])('%s (%s)', (_, release, layout, changed, neighbour, code) => {
  const e = explained(built(release, layout), changed, neighbour);
  expect({ apart: e?.apart?.code ?? null, joins: joins(built(release, layout), changed, neighbour) }).toEqual({ apart: code, joins: code === null });
});

test('huge pages of the pool are of a special kind', () => {
  const { machine } = new Builder('6.12');
  machine.perform({ name: 'sysctl', key: 'vm.nr_hugepages', value: 8n });
  const [addr, length] = [1n << 30n, 2n << 20n];
  const flags = MAP.MAP_PRIVATE | MAP.MAP_ANONYMOUS | MAP.MAP_FIXED | MAP.MAP_HUGETLB;
  for (const at of [addr, addr + length]) machine.perform({ name: 'mmap', addr: at, length, prot: PROT.PROT_READ, flags, fd: -1, offset: 0n });
  const e = machine.explainMerge(Number(addr >> 12n), Number((addr + length) >> 12n));
  expect(e?.apart).toMatchObject({ code: 'merge.special', fn: 'vma_merge_existing_range', file: 'mm/vma.c' });
});

test('the same VMA, and no VMA, have nothing to explain; a gap is the first reason', () => {
  const machine = built('6.12', three(plain, other, plain));
  expect(explained(machine, 0, 0)).toBeUndefined();
  expect(explained(machine, 0, 9)).toBeUndefined();
  expect(explained(machine, 0, 2)?.apart?.code).toBe('merge.adjacent');
});

afterAll(() => {
  if (process.env['MERGE_LAYOUTS'] !== undefined) process.stdout.write(`${JSON.stringify(Object.fromEntries([...seen].sort()), null, 1)}\n`);
});
