/** The shapes of other machines: tables, spans, folded levels, and moves on them. */
import { describe, expect, test } from 'vitest';
import { levelOf, MAP, MREMAP, PROT, toBytes, type Machine, type MachineSpec, type OpRecord } from '../../machine/index.js';
import { SimulatedMachine } from '../../sim/index.js';

const K = 1024n;
const M = 1024n * K;
const G = 1024n * M;
const T = 1024n * G;

interface Shape {
  spec: MachineSpec;
  page: bigint;
  entries: number;
  pmd: bigint;
  pud: bigint;
  pgd: bigint;
  top: bigint;
}

const arm = (granule: number, levels: number): MachineSpec => ({ arch: 'arm64', granule: granule * 1024, levels });

const SHAPES: Shape[] = [
  { spec: { arch: 'x86-64', levels: 4 }, page: 4n * K, entries: 512, pmd: 2n * M, pud: G, pgd: 512n * G, top: (1n << 47n) - 4n * K },
  { spec: { arch: 'x86-64', levels: 5 }, page: 4n * K, entries: 512, pmd: 2n * M, pud: G, pgd: 256n * T, top: (1n << 56n) - 4n * K },
  { spec: arm(4, 3), page: 4n * K, entries: 512, pmd: 2n * M, pud: G, pgd: G, top: 1n << 39n },
  { spec: arm(4, 4), page: 4n * K, entries: 512, pmd: 2n * M, pud: G, pgd: 512n * G, top: 1n << 48n },
  { spec: arm(4, 5), page: 4n * K, entries: 512, pmd: 2n * M, pud: G, pgd: 256n * T, top: 1n << 52n },
  { spec: arm(16, 2), page: 16n * K, entries: 2048, pmd: 32n * M, pud: 32n * M, pgd: 32n * M, top: 1n << 36n },
  { spec: arm(16, 3), page: 16n * K, entries: 2048, pmd: 32n * M, pud: 64n * G, pgd: 64n * G, top: 1n << 47n },
  { spec: arm(16, 4), page: 16n * K, entries: 2048, pmd: 32n * M, pud: 64n * G, pgd: 128n * T, top: 1n << 48n },
  { spec: { arch: 'arm64', granule: 16 * 1024, va: 52 }, page: 16n * K, entries: 2048, pmd: 32n * M, pud: 64n * G, pgd: 128n * T, top: 1n << 52n },
  { spec: arm(64, 2), page: 64n * K, entries: 8192, pmd: 512n * M, pud: 512n * M, pgd: 512n * M, top: 1n << 42n },
  { spec: arm(64, 3), page: 64n * K, entries: 8192, pmd: 512n * M, pud: 4n * T, pgd: 4n * T, top: 1n << 48n },
  { spec: { ...arm(64, 3), va: 52 }, page: 64n * K, entries: 8192, pmd: 512n * M, pud: 4n * T, pgd: 4n * T, top: 1n << 52n },
];

const open = (spec: MachineSpec, release = '6.12'): Machine => new SimulatedMachine({ release }, { machine: { memory: 64n * T, ...spec } });

function move(machine: Machine, from: bigint, length: bigint, to: bigint): OpRecord {
  const perform = (op: Parameters<Machine['perform']>[0]): OpRecord => machine.perform(op) as OpRecord;
  perform({ name: 'mmap', addr: from, length, prot: PROT.PROT_READ | PROT.PROT_WRITE, flags: MAP.MAP_PRIVATE | MAP.MAP_ANONYMOUS | MAP.MAP_FIXED, fd: -1, offset: 0n });
  perform({ name: 'touch', addr: from, length });
  const record = perform({ name: 'mremap', old_address: from, old_size: length, new_size: length, flags: MREMAP.MREMAP_MAYMOVE | MREMAP.MREMAP_FIXED, new_address: to });
  (machine as SimulatedMachine).check();
  return record;
}

describe.each(SHAPES)('$spec', ({ spec, page, entries, pmd, pud, pgd, top }) => {
  const g = open(spec).geometry;
  const span = (name: 'pmd' | 'pud' | 'pgd'): bigint => toBytes(g, 2 ** levelOf(g, name).shift);

  test('has the spans of its documentation', () => {
    expect(toBytes(g, 1)).toBe(page);
    expect(2 ** (g.levels[0]?.bits ?? 0)).toBe(entries);
    expect([span('pmd'), span('pud'), span('pgd')]).toEqual([pmd, pud, pgd]);
    expect(toBytes(g, g.taskPages)).toBe(top);
  });

  test('re-hangs a whole table where both sides are aligned to it', () => {
    const at = pmd * 16n;
    const { moved, result } = move(open(spec), at, pmd, at + pmd * 8n);
    expect(result.kind).toBe('value');
    expect([moved.pmd, moved.pte]).toEqual([1, 0]);
  });

  test('moves page by page where they are not', () => {
    const at = pmd * 16n;
    const { moved } = move(open(spec), at, pmd, at + pmd * 8n + page);
    expect([moved.pmd, moved.pte, moved.move_ptes]).toEqual([0, Number(pmd / page), 2]);
  });

  test('moves a PUD where it has one', () => {
    const at = pud * 2n;
    const { moved } = move(open(spec), at, pud, at + pud * 4n);
    expect([moved.pud, moved.pmd]).toEqual(g.levels.length > 2 ? [1, 0] : [0, Number(pud / pmd)]);
  });
});

test.each([
  [{ arch: 'arm64', va: 39 }, 3],
  [{ arch: 'arm64', granule: 65536, va: 42 }, 2],
  [{ arch: 'arm64', granule: 65536 }, 3],
  [{ arch: 'arm64', granule: 16384 }, 3],
  [{ arch: 'arm64', granule: 16384, va: 52 }, 4],
  [{ arch: 'x86-64', va: 57 }, 5],
] as const)('%o has its levels by the bits of its addresses: %i', (spec, levels) => expect(open(spec).geometry.levels).toHaveLength(levels));

test.each([
  [{ arch: 'arm64', granule: 16384, levels: 3, va: 48 }],
  [{ arch: 'arm64', levels: 2 }],
  [{ arch: 'x86-64', levels: 4, va: 57 }],
  [{ arch: 'x86-64', granule: 16384 }],
] as const)('%o does not exist', (spec) => expect(() => open(spec)).toThrow(/levels of tables/));

/** Entries of the root, and tables on the way to one page: what a level that is folded away does not have. */
test.each([
  [{ arch: 'x86-64', levels: 4 }, 512, 3],
  [{ arch: 'x86-64', levels: 5 }, 512, 3],
  [arm(4, 3), 512, 2],
  [arm(4, 4), 512, 3],
  [arm(4, 5), 16, 3],
  [arm(16, 2), 2048, 1],
  [arm(16, 3), 2048, 2],
  [arm(16, 4), 2, 3],
  [arm(64, 2), 8192, 1],
  [arm(64, 3), 64, 2],
  [{ ...arm(64, 3), va: 52 }, 1024, 2],
] as const)('%o: the root has %i entries, a page needs %i tables below it that VmPTE counts', (spec, root, tables) => {
  const machine = open(spec);
  const g = machine.geometry;
  expect(2 ** (g.levels.at(-1)?.bits ?? 0)).toBe(root);
  machine.perform({ name: 'mmap', addr: 1n << 32n, length: 65536n, prot: 3, flags: 0x32, fd: -1, offset: 0n });
  machine.perform({ name: 'touch', addr: 1n << 32n, length: 1n });
  expect(machine.space().usage.tablePages).toBe(tables);
});

describe('x86-64 with 5 levels', () => {
  test('keeps below 2^47 unless a hint lies above', () => {
    const machine = open({ arch: 'x86-64', levels: 5 });
    const map = (addr: bigint): bigint => {
      const { result } = machine.perform({ name: 'mmap', addr, length: M, prot: 3, flags: 0x22, fd: -1, offset: 0n }) as OpRecord;
      return result.kind === 'value' ? result.value : -1n;
    };
    expect(map(0n)).toBeLessThan(1n << 47n);
    expect(map(1n << 55n)).toBe(1n << 55n);
  });

  test('is exact above 2^53', () => {
    const machine = open({ arch: 'x86-64', levels: 5 });
    const at = (1n << 55n) + 0x1001000n;
    const { moved, result } = move(machine, at, 4n * K, at + 4n * M);
    expect(result).toEqual({ kind: 'value', value: at + 4n * M });
    expect(moved.pte).toBe(1);
    expect([...machine.space().vmas()].map((v) => toBytes(machine.geometry, v.start))).toEqual([at + 4n * M]);
  });
});

describe('arm64 strips the tag of an old address, not of a new one', () => {
  const TAG = 0x3n << 56n;
  const call = (old_address: bigint, new_address: bigint): OpRecord => {
    const machine = open(arm(4, 4), '6.18');
    machine.perform({ name: 'mmap', addr: 256n * M, length: M, prot: 3, flags: 0x32, fd: -1, offset: 0n });
    return machine.perform({ name: 'mremap', old_address, old_size: M, new_size: M, flags: 3, new_address }) as OpRecord;
  };
  test('old', () => expect(call((256n * M) | TAG, 512n * M).result).toEqual({ kind: 'value', value: 512n * M }));
  test('new', () => expect(call(256n * M, (512n * M) | TAG).result).toMatchObject({ errno: 'EINVAL', refusal: { check: 'mremap.new_address_range' } }));
});

describe('which calls strip a tag: those that name memory, but not the requests of a userfaultfd', () => {
  const TAG = 0x80n << 56n;
  const AT = 256n * M;
  const machine = (): Machine => {
    const m = open(arm(4, 4), '6.12');
    m.perform({ name: 'mmap', addr: AT, length: M, prot: 3, flags: 0x32, fd: -1, offset: 0n });
    m.perform({ name: 'userfaultfd', features: [] });
    return m;
  };
  const range = { addr: AT | TAG, length: 64n * K };
  test.each([
    [{ name: 'munmap', ...range }, 0n],
    [{ name: 'mprotect', ...range, prot: 1 }, 0n],
    [{ name: 'madvise', ...range, advice: 4 }, 0n],
    [{ name: 'mlock', ...range }, 0n],
    [{ name: 'mseal', ...range, flags: 0 }, 0n],
    [{ name: 'touch', ...range }, 16n],
    [{ name: 'uffd_register', ...range, mode: 'WP' }, 'EINVAL'],
    [{ name: 'uffd_unregister', ...range }, 'EINVAL'],
    [{ name: 'uffd_writeprotect', ...range, protect: true }, 'EINVAL'],
  ] as const)('%o: %s', (op, expected) => {
    const { result } = machine().perform(op) as OpRecord;
    expect(result.kind === 'value' ? result.value : result.kind === 'errno' ? result.errno : result.signal).toBe(expected);
  });
  test('bit 55 tells the addresses of the kernel, which keep all their bits', () => {
    const call = { name: 'mremap', old_address: AT | (0x1n << 55n), old_size: K * 4n, new_size: K * 4n, flags: 1, new_address: 0n } as const;
    expect(machine().perform(call)).toMatchObject({ result: { errno: 'EFAULT' } });
  });
});

describe('beyond the map window: 52 bits of arm64 and 57 of x86-64', () => {
  const [NONE, FIXED] = [0x4022, 0x4032];
  const MACHINES: { spec: MachineSpec; window: bigint; top: bigint; base: bigint }[] = [
    { spec: { arch: 'x86-64', levels: 5 }, window: (1n << 47n) - 4n * K, top: (1n << 56n) - 4n * K, base: ((1n << 47n) - 4n * K) / 3n },
    { spec: { arch: 'arm64', va: 52 }, window: 1n << 48n, top: 1n << 52n, base: 1n << 46n },
    { spec: { arch: 'arm64', granule: 16 * 1024, va: 52 }, window: 1n << 47n, top: 1n << 52n, base: 1n << 45n },
  ];
  describe.each(MACHINES)('$spec', ({ spec, window, top, base }) => {
    const machine = open(spec);
    const page = toBytes(machine.geometry, 1);
    const map = (addr: bigint, length = page, flags = NONE, on = machine): bigint | string => {
      const { result } = on.perform({ name: 'mmap', addr, length, prot: 3, flags, fd: -1, offset: 0n }) as OpRecord;
      return result.kind === 'value' ? result.value : result.kind === 'errno' ? result.errno : result.signal;
    };
    test('a hint at the window is ignored, one above it is taken', () => {
      expect(map(window)).toBeLessThan(window);
      expect(map(window + page)).toBe(window + page);
    });
    test('nor may a hinted range cross the window', () => expect(map(window - page, 2n * page)).toBeLessThan(window - page));
    test('a hint that is not free opens all of the address space, from the top', () => expect(map(top)).toBe(top - 128n * M - page));
    test('without one the search from below ends at the window, however much is free above', () => expect(map(0n, window - M)).toBe('ENOMEM'));
    test('and finds the room of the stack, once all below it is taken', () => {
      const full = open(spec);
      const mmapBase = window - 128n * M;
      expect(map(page, mmapBase - page, FIXED, full)).toBe(page);
      expect(map(0n, page, NONE, full)).toBe(mmapBase);
      expect(full.geometry.unmappedBase).toBe(Number((base + page - 1n) / page));
    });
    test('the range of a fixed address is looked at in bytes, before its alignment', () => {
      expect(map(top - page / 2n, page, FIXED)).toBe('ENOMEM');
      expect(map(top - 2n * page - page / 2n, page, FIXED)).toBe('EINVAL');
    });
  });
});

describe('protection bits of arm64', () => {
  const at = 256n * M;
  const flagsAfter = (spec: MachineSpec, prot: number, then?: number): string => {
    const machine = open(spec);
    machine.perform({ name: 'mmap', addr: at, length: M, prot, flags: 0x32, fd: -1, offset: 0n });
    if (then === undefined) return [...machine.space().vmas()][0]?.vmFlags ?? '';
    const { result } = machine.perform({ name: 'mprotect', addr: at, length: M, prot: then }) as OpRecord;
    return result.kind === 'errno' ? result.errno : ([...machine.space().vmas()][0]?.vmFlags ?? '');
  };
  const [BTI, MTE] = [PROT.PROT_READ | PROT.PROT_BTI, PROT.PROT_READ | PROT.PROT_MTE];
  const mte: MachineSpec = { arch: 'arm64', mte: true };
  test.each([
    ['a guarded page', arm(4, 4), BTI, undefined, 'mr mw me bt'],
    ['mprotect takes the guard away', arm(4, 4), BTI, PROT.PROT_READ, 'mr mw me'],
    ['or gives it', arm(4, 4), PROT.PROT_READ, BTI, 'mr mw me bt'],
    ['tags', mte, MTE, undefined, 'mr mw me mt'],
    ['stay', mte, MTE, PROT.PROT_READ, 'mr mw me mt'],
    ['without tags in the CPU mmap ignores the bit', arm(4, 4), MTE, undefined, 'mr mw me'],
    ['and mprotect does not know it', arm(4, 4), PROT.PROT_READ, MTE, 'EINVAL'],
    ['nor does x86-64 know either', { arch: 'x86-64' }, PROT.PROT_READ, BTI, 'EINVAL'],
  ] as const)('%s', (_, spec, prot, then, flags) => expect(flagsAfter(spec, prot, then)).toBe(flags));
  test('x86-64 has no tags to ask for', () => expect(() => open({ arch: 'x86-64', mte: true })).toThrow('cannot tag memory'));
});
