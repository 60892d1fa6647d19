/** Where a mapping goes: hints, holes, huge alignment, guard gaps, and stacks that grow into them. */
import { describe, expect, test } from 'vitest';
import { MAP, MREMAP } from '../../machine/index.js';
import { A, checkOf, errnoOf, NONE, outcome, page, PageLab, PMD, R, RELEASES, RW, valueOf } from './lab.js';

const ANON = MAP.MAP_PRIVATE | MAP.MAP_ANONYMOUS;
const SHARED = MAP.MAP_SHARED | MAP.MAP_ANONYMOUS;
const NOREPLACE = MAP.MAP_FIXED_NOREPLACE;
const { MREMAP_MAYMOVE: MAY, MREMAP_DONTUNMAP: DONT } = MREMAP;
/** A free choice goes below here. */
const TOP = 2 ** 30;
const open = (release = '6.18'): PageLab => new PageLab(release, { layout: { mmapBase: A + TOP, image: [] } });
const free = (p: PageLab, pages: number, flags = ANON): number => Number(valueOf(p.mmap(0n, pages, RW, flags)) ?? 0n) / 4096 - A - TOP;

describe('without a hint', () => {
  test('right below the top, then right below what is there', () => {
    const p = open();
    expect([free(p, 1), free(p, 4), free(p, 2)]).toEqual([-1, -5, -7]);
    expect([...p.space.vmas()]).toHaveLength(1);
  });

  test('the highest hole that is large enough, at its upper end', () => {
    const p = open();
    free(p, 20);
    p.unmap(TOP - 4, 2);
    p.unmap(TOP - 12, 4);
    expect(free(p, 3)).toBe(-11);
    expect(free(p, 2)).toBe(-4);
    expect(free(p, 1)).toBe(-12);
    expect(free(p, 1)).toBe(-21);
  });

  test('what begins below the top and reaches over it is in the way', () => {
    const p = open();
    p.map(TOP - 2, 8);
    expect(free(p, 1)).toBe(-3);
  });

  test('nothing above the top is taken, while there is room below', () => {
    const p = open();
    p.map(TOP, 1);
    expect(free(p, 1)).toBe(-1);
  });

  test('from a third of the address space upwards, when there is none below the top', () => {
    const p = new PageLab('6.18', { layout: { mmapBase: 20, image: [] } });
    const bottomUp = 0x2aaaaaaab000n;
    expect(valueOf(p.mmap(0n, 30))).toBe(bottomUp);
    p.mmap(bottomUp + 40n * 4096n, 1, R, ANON | MAP.MAP_FIXED);
    expect(valueOf(p.mmap(0n, 30, NONE))).toBe(bottomUp + 41n * 4096n);
    expect(valueOf(p.mmap(0n, 18))).toBe(4096n * 2n);
    // The hole below the top is taken first, down to vm.mmap_min_addr.
    expect(valueOf(p.mmap(0n, 1))).toBe(4096n);
    expect(valueOf(p.mmap(0n, 10))).toBe(bottomUp + 30n * 4096n);
  });

  test('nowhere, when no hole is large enough', () => {
    const p = open();
    const half = 2 ** 34;
    p.map(-A + 2 ** 33, 1);
    p.map(half - A, 1);
    p.map(half + 2 ** 33 - A, 1);
    const refused = p.mmap(0n, half);
    expect([errnoOf(refused), checkOf(refused)]).toEqual(['ENOMEM', 'placement.no_hole']);
    expect(checkOf(p.mmap(0n, 2 ** 35))).toBe('placement.too_large');
  });
});

describe('with a hint', () => {
  const hinted = (p: PageLab, addr: bigint, pages = 2): string => outcome(p.mmap(addr, pages));

  test('there, if it is free', () => {
    expect(hinted(open(), page(10))).toBe('@10');
  });

  test('the hint is rounded down to a page', () => {
    expect(hinted(open(), page(10) + 4095n)).toBe('@10');
  });

  test('one in the first page is none; one below mmap_min_addr is as low as that, which is 64 KiB by itself', () => {
    const p = open();
    expect(hinted(p, 4095n)).toBe(`@${TOP - 2}`);
    expect(valueOf(p.mmap(4096n, 1))).toBe(65536n);
    p.sysctl('vm.mmap_min_addr', 131072);
    expect(valueOf(p.mmap(2n * 4096n, 1))).toBe(131072n);
  });

  const around: [what: string, at: number, expected: string][] = [
    ['over the end of something', 1, 'elsewhere'],
    ['right behind it', 2, '@2'],
    ['right before it', -2, '@-2'],
    ['over its start', -1, 'elsewhere'],
    ['in a gap of the same size', 4, '@4'],
    ['in a gap that is too small', 8, 'elsewhere'],
  ];
  test.each(around)('%s', (_, at, expected) => {
    const p = open();
    for (const [start, pages] of [
      [0, 2],
      [6, 2],
      [9, 1],
    ] as const)
      p.map(start, pages, R);
    expect(hinted(p, page(at))).toBe(expected === 'elsewhere' ? `@${TOP - 2}` : expected);
  });

  test('not beyond the end of the address space', () => {
    const top = (1n << 47n) - 4096n;
    expect(valueOf(open().mmap(top - 8192n, 2))).toBe(top - 8192n);
    expect(hinted(open(), top - 4096n)).toBe(`@${TOP - 2}`);
  });

  test('a hint may lie above the top of free choices', () => {
    expect(hinted(open(), page(TOP + 5))).toBe(`@${TOP + 5}`);
  });
});

describe('MAP_FIXED_NOREPLACE', () => {
  const ROWS: [at: number, pages: number, expected: string][] = [
    [0, 4, 'EEXIST'],
    [3, 4, 'EEXIST'],
    [-1, 2, 'EEXIST'],
    [-2, 8, 'EEXIST'],
    [4, 4, '@4'],
    [-4, 4, '@-4'],
  ];
  test.each(ROWS)('at %d for %d pages, with [0,4) mapped: %s', (at, pages, expected) => {
    const p = open();
    p.map(0, 4, R);
    expect(outcome(p.mmap(page(at), pages, RW, ANON | NOREPLACE))).toBe(expected);
    expect(p.vma(0)?.perms).toBe('r--p');
  });
});

describe.each(RELEASES)('kernel %s: whole PMDs', (release) => {
  const aligned = release !== '6.1';

  test('go to the highest PMD boundary of the highest hole with a PMD to spare', () => {
    const p = open(release);
    free(p, 1);
    expect(free(p, PMD)).toBe(aligned ? -2 * PMD : -1 - PMD);
    expect(free(p, 2 * PMD)).toBe(aligned ? -4 * PMD : -1 - 3 * PMD);
  });

  test('on a boundary already, the PMD to spare stays free above', () => {
    const p = open(release);
    expect(free(p, PMD)).toBe(-PMD);
  });

  test('a hole of just that size is passed over', () => {
    const p = open(release);
    p.map(TOP - 3 * PMD, 2 * PMD, R);
    expect(free(p, PMD)).toBe(aligned ? -4 * PMD : -PMD);
  });

  test('it is taken when there is no other', () => {
    const p = new PageLab(release, { layout: { mmapBase: 3 * PMD, image: [] } });
    const top = Number((1n << 47n) / 4096n) - 1;
    p.mmap(BigInt(3 * PMD) * 4096n, top - 3 * PMD, NONE, ANON | MAP.MAP_FIXED | MAP.MAP_NORESERVE);
    p.mmap(4096n, 2 * PMD - 1, NONE, ANON | MAP.MAP_FIXED | MAP.MAP_NORESERVE);
    expect(valueOf(p.mmap(0n, PMD))).toBe(BigInt(2 * PMD) * 4096n);
  });

  test.each<[string, number, number, number]>([
    ['a page more', PMD + 1, ANON, -2 - PMD],
    ['a page less', PMD - 1, ANON, -PMD],
    ['shared memory', PMD, SHARED, -1 - PMD],
  ])('%s is packed', (_, pages, flags, at) => {
    const p = open(release);
    free(p, 1);
    expect(free(p, pages, flags)).toBe(at);
  });

  test('a hint keeps to itself', () => {
    const p = open(release);
    expect(outcome(p.mmap(page(5), PMD))).toBe('@5');
    // Occupied now: the search that follows aligns nothing.
    p.map(TOP - 1, 1, R);
    expect(outcome(p.mmap(page(5), PMD))).toBe(`@${TOP - 1 - PMD}`);
  });

  test('the choices of mremap are aligned alike', () => {
    const p = open(release);
    p.map(TOP - 1, 1, R);
    p.map(0, PMD);
    p.map(PMD, 1, R);
    const at = TOP - (aligned ? 2 * PMD : 1 + PMD);
    expect(outcome(p.mremap(0, PMD, PMD, MAY | DONT))).toBe(`@${at}`);
    p.map(20 * PMD, 2, R);
    p.map(20 * PMD + 2, 1);
    expect(outcome(p.mremap(20 * PMD, 2, 2 * PMD, MAY))).toBe(`@${at - (aligned ? 2 * PMD : 2 * PMD)}`);
  });
});

describe('stacks (MAP_GROWSDOWN)', () => {
  const GAP = 256;
  const stack = (at: number, pages: number, p = open()): PageLab => {
    p.map(at, pages, RW, MAP.MAP_GROWSDOWN);
    return p;
  };

  test('keep 256 pages below them free of free choices', () => {
    const p = stack(TOP - 4, 4);
    expect(free(p, 1)).toBe(-4 - GAP - 1);
  });

  test('and of hints', () => {
    const p = stack(1000, 4);
    expect(outcome(p.mmap(page(1000 - GAP - 2), 2))).toBe(`@${1000 - GAP - 2}`);
    const q = stack(1000, 4);
    expect(outcome(q.mmap(page(1000 - GAP - 1), 2))).toBe(`@${TOP - 2}`);
  });

  test('but not of MAP_FIXED', () => {
    expect(outcome(stack(1000, 4).map(999, 1, R))).toBe('@999');
  });

  test('grow down to an access, at any distance', () => {
    const p = stack(3000, 4);
    p.write(3000, 4, 7);
    expect(outcome(p.write(1500, 1, 5))).toBe('ok');
    expect([p.layout, p.word(1500), p.word(3003)]).toEqual(['[1500,3004)rw', 5, 10]);
    expect(p.vma(1500)?.pgoff).toBe(A + 1500);
    expect([p.space.usage.totalVm, p.space.usage.dataVm, p.committed]).toEqual([1504, 0, 1504]);
  });

  test('grow by a load too, and get the anon_vma that guards growth', () => {
    const p = stack(1000, 4);
    expect(outcome(p.read(990, 1))).toBe('ok');
    expect([p.pages, p.vma(990)?.anonVma === null]).toEqual(['[990,991)z', false]);
  });

  const below: [what: string, prepare: (p: PageLab) => unknown, closest: number][] = [
    ['accessible memory: 256 pages above it', (p) => p.map(500, 10, R), 510 + GAP],
    ['memory without access: down to it', (p) => p.map(500, 10, NONE), 510],
    ['another stack: down to it', (p) => p.map(500, 10, RW, MAP.MAP_GROWSDOWN), 510],
  ];
  test.each(below)('grow as close as they may to %s', (_, prepare, closest) => {
    const p = stack(1000, 4);
    prepare(p);
    if (closest > 510) expect(outcome(p.write(closest - 1, 1))).toBe(`SIGSEGV @${closest - 1}`);
    expect(p.vma(1000)?.start).toBe(A + 1000);
    expect(outcome(p.write(closest, 1))).toBe('ok');
    expect(p.vma(1000)?.start).toBe(A + closest);
  });

  const limits: [what: string, prepare: (p: PageLab) => unknown][] = [
    ['RLIMIT_STACK', (p) => p.limit('RLIMIT_STACK', 13)],
    ['RLIMIT_AS', (p) => p.limit('RLIMIT_AS', 13)],
    ['RLIMIT_MEMLOCK', (p) => (p.lock(1000, 4), p.limit('RLIMIT_MEMLOCK', 13))],
    ['vm.mmap_min_addr', (p) => p.sysctl('vm.mmap_min_addr', Number(page(991)))],
  ];
  test.each(limits)('%s stops growth one page further', (_, prepare) => {
    const p = stack(1000, 4);
    prepare(p);
    expect(outcome(p.write(990, 1))).toBe('SIGSEGV @990');
    expect(p.layout).toBe('[1000,1004)rw');
    expect(outcome(p.write(991, 1))).toBe('ok');
    expect(p.layout).toBe('[991,1004)rw');
  });

  test('what grows of a locked stack is locked', () => {
    const p = stack(1000, 4);
    p.lock(1000, 4);
    p.write(990, 1);
    expect([p.space.usage.lockedVm, p.pages]).toEqual([14, '[990,991)a [1000,1004)a']);
  });

  test('grow under a store that they refuse', () => {
    const p = open();
    p.map(1000, 4, R, MAP.MAP_GROWSDOWN);
    expect(outcome(p.write(990, 1))).toBe('SIGSEGV @990');
    expect(p.layout).toBe('[990,1004)r');
  });

  test('go on growing where they were moved to; both parts of one that was cut do', () => {
    const p = stack(1000, 4);
    p.write(1000, 4);
    p.move(1002, 2, 3000);
    p.write(2990, 1);
    p.write(990, 1);
    expect(p.layout).toBe('[990,1002)rw [2990,3002)rw');
    expect([p.word(3000), p.word(1001)]).toEqual([0x1002, 0x1001]);
  });

  test('not beyond page offset 0', () => {
    const p = new PageLab();
    p.mmap(5n * 4096n, 2, RW, ANON | MAP.MAP_FIXED | MAP.MAP_GROWSDOWN);
    p.do({ name: 'store_words', addr: 5n * 4096n, length: 8192n, value: 1n, stride: 4096n });
    p.mremap(5 - A, 2, 2, MAY | MREMAP.MREMAP_FIXED, 1000);
    expect(outcome(p.write(994, 1))).toBe('SIGSEGV @994');
    expect(outcome(p.write(995, 1))).toBe('ok');
  });

  test('no other memory grows', () => {
    const p = open();
    p.map(1000, 4);
    expect(outcome(p.write(999, 1))).toBe('SIGSEGV @999');
  });

  test.each([
    ['shared memory', SHARED],
    ['a file', MAP.MAP_PRIVATE],
  ])('%s cannot', (_, flags) => {
    const p = open();
    expect(outcome(p.mmap(page(0), 4, RW, flags | MAP.MAP_GROWSDOWN, flags === MAP.MAP_PRIVATE ? p.memfd(4) : -1))).toBe('EINVAL');
  });
});

test('a scenario may say where a free choice lands, if it is free', () => {
  const p = open();
  const place = (at: number) => p.do({ name: 'mmap', addr: 0n, length: 8192n, prot: RW, flags: ANON, fd: -1, offset: 0n, place: page(at) });
  expect(outcome(place(7))).toBe('@7');
  expect(outcome(place(8))).toBe(`@${TOP - 2}`);
});

describe('hugetlb memory without a hint', () => {
  const HUGE = ANON | MAP.MAP_HUGETLB;
  const pool = (p = open()): PageLab => {
    p.sysctl('vm.nr_hugepages', 8);
    return p;
  };

  test('goes to the highest boundary of its pages that has room above', () => {
    const p = pool();
    expect(free(p, PMD, HUGE)).toBe(-PMD);
    p.map(TOP - PMD - 1, 1, R);
    expect(free(p, PMD, HUGE)).toBe(-3 * PMD);
    expect(free(p, 1)).toBe(-PMD - 2);
  });

  test('passes over a hole that is large enough but not aligned', () => {
    const p = pool();
    p.map(TOP - 1, 1, R);
    p.map(TOP - PMD - 2, 1, R);
    expect(free(p, PMD, HUGE)).toBe(-3 * PMD);
    expect(free(p, PMD, SHARED)).toBe(-PMD - 1);
  });

  test('takes one of just its size, on a boundary', () => {
    const p = pool();
    p.map(TOP - 3 * PMD, 2 * PMD, R);
    expect(free(p, PMD, HUGE)).toBe(-PMD);
    p.map(TOP - 6 * PMD, PMD, R);
    p.map(TOP - 4 * PMD, PMD / 2, R);
    // [-5,-4) PMDs is just large enough, the half above it is not.
    expect(free(p, PMD, HUGE)).toBe(-5 * PMD);
  });

  test('from a third of the address space upwards too', () => {
    const p = pool(new PageLab('6.18', { layout: { mmapBase: 20, image: [] } }));
    const third = 0x2aaaaaaab;
    const boundary = Math.ceil(third / PMD) * PMD;
    expect(valueOf(p.mmap(0n, PMD, RW, HUGE))).toBe(BigInt(boundary) * 4096n);
    p.mmap(BigInt(boundary + PMD) * 4096n, 1, R, ANON | MAP.MAP_FIXED);
    expect(valueOf(p.mmap(0n, PMD, RW, HUGE))).toBe(BigInt(boundary + 2 * PMD) * 4096n);
  });
});

describe('57 bits of address space', () => {
  const WINDOW = 1n << 47n;
  const END = (1n << 56n) - 4096n;
  const wide = (): PageLab => new PageLab('6.18', { machine: { arch: 'x86-64', levels: 5 } });
  const at = (p: PageLab, hint: bigint): bigint => valueOf(p.mmap(hint, 2)) ?? -1n;

  test('a free choice stays below 47 bits', () => {
    expect(at(wide(), 0n) < WINDOW).toBe(true);
  });

  test('a hint above is taken', () => {
    expect(at(wide(), WINDOW)).toBe(WINDOW);
    expect(at(wide(), END - 8192n)).toBe(END - 8192n);
  });

  // The stack's room stays free below the end, as it does below 47 bits.
  test.each<[what: string, hint: bigint, above: boolean]>([
    ['above 47 bits', WINDOW + 4096n, true],
    ['at 47 bits, which is a page above the window', WINDOW, true],
    ['in the last page but one of the window', WINDOW - 8192n, false],
    ['at the end of the window', WINDOW - 4096n, false],
  ])('a hint that is taken already, %s, opens what lies beyond or does not', (_, hint, above) => {
    const p = wide();
    p.mmap(hint, 2, R, ANON | MAP.MAP_FIXED);
    expect(at(p, hint)).toBe((above ? END : WINDOW - 4096n) - (128n << 20n) - 8192n);
  });
});
