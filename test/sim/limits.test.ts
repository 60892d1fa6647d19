/** What a process may have: address space, data, mappings, commit charge, low addresses. */
import { describe, expect, test } from 'vitest';
import { MAP, MREMAP } from '../../machine/index.js';
import { Kernel } from '../../sim/kernel.js';
import { X86_64_4_LEVELS } from '../../sim/arch/geometries.js';
import { resolveModel } from '../../sim/models/model.js';
import { ExtentEffects } from '../../sim/pagetable/effects.js';
import { enoughMemory } from '../../sim/vma/limits.js';
import { defaultLimits, type Limits } from '../../sim/vma/process-limits.js';
import { Mm } from '../../sim/vma/mm.js';
import { A, checkOf, errnoOf, NONE, outcome, page, PageLab, R, RELEASES, RW } from './lab.js';

const { MREMAP_MAYMOVE: MAY, MREMAP_FIXED: FIXED } = MREMAP;
const SHARED = MAP.MAP_SHARED | MAP.MAP_ANONYMOUS | MAP.MAP_FIXED;

describe('RLIMIT_AS', () => {
  test('counts every mapping', () => {
    const p = new PageLab();
    p.limit('RLIMIT_AS', 8);
    expect(outcome(p.map(0, 4, NONE))).toBe('@0');
    const refused = p.map(10, 5, R);
    expect([outcome(refused), checkOf(refused)]).toEqual(['ENOMEM', 'mmap.rlimit']);
    expect(outcome(p.mmap(page(10), 4, RW, SHARED))).toBe('@10');
    expect(outcome(p.map(20, 1))).toBe('ENOMEM');
    p.limit('RLIMIT_AS', null);
    expect(outcome(p.map(20, 1))).toBe('@20');
  });

  test('takes off what the new mapping replaces', () => {
    const p = new PageLab();
    p.map(0, 8);
    p.limit('RLIMIT_AS', 10);
    expect(outcome(p.map(4, 7))).toBe('ENOMEM');
    expect(outcome(p.map(4, 6))).toBe('@4');
  });
});

describe('RLIMIT_DATA', () => {
  test('counts writable private memory that is no stack', () => {
    const p = new PageLab();
    p.limit('RLIMIT_DATA', 4);
    expect(outcome(p.map(0, 4))).toBe('@0');
    expect(outcome(p.map(10, 1))).toBe('ENOMEM');
    expect(outcome(p.map(10, 8, R))).toBe('@10');
    expect(outcome(p.mmap(page(30), 8, RW, SHARED))).toBe('@30');
    expect(outcome(p.map(50, 8, RW, MAP.MAP_GROWSDOWN))).toBe('@50');
    expect(p.space.usage.dataVm).toBe(4);
  });

  test('growth', () => {
    const p = new PageLab();
    p.map(0, 4);
    p.limit('RLIMIT_DATA', 5);
    const refused = p.mremap(0, 4, 6, MAY);
    expect([outcome(refused), checkOf(refused)]).toEqual(['ENOMEM', 'mremap.rlimit']);
    expect(outcome(p.mremap(0, 4, 5, MAY))).toBe('@0');
  });
});

describe.each(RELEASES)('kernel %s: a refused MAP_FIXED', (release) => {
  test('leaves what it would have replaced; since 6.12 cut where the new mapping would have begun', () => {
    const p = new PageLab(release);
    p.mapFull(0, 4);
    p.limit('RLIMIT_AS', 4);
    expect(outcome(p.map(2, 4, R))).toBe('ENOMEM');
    expect([p.layout, p.pages]).toEqual([release === '6.1' ? '[0,4)rw' : '[0,2)rw [2,4)rw', '[0,4)a']);
  });
});

describe.each(RELEASES)('kernel %s: vm.max_map_count', (release) => {
  /** `count` VMAs [0,3) [4,7) [8,11) ...; one more is too many. */
  const full = (count: number): PageLab => {
    const p = new PageLab(release);
    for (let i = 0; i < count; i++) p.map(4 * i, 3);
    p.sysctl('vm.max_map_count', count);
    return p;
  };

  test('mmap exceeds it by one, and no further', () => {
    const p = full(8);
    expect(outcome(p.map(100, 1, R))).toBe('@100');
    const refused = p.map(110, 1, R);
    expect([outcome(refused), checkOf(refused)]).toEqual(['ENOMEM', 'mmap.map_count']);
    // Even if it would merge.
    expect(outcome(p.map(3, 1))).toBe('ENOMEM');
  });

  test('a hole needs one more VMA, an end does not', () => {
    const p = full(8);
    const refused = p.unmap(1, 1);
    expect([outcome(refused), checkOf(refused)]).toEqual(['ENOMEM', 'munmap.map_count']);
    expect(outcome(p.unmap(0, 1))).toBe('ok');
    expect(outcome(p.unmap(6, 1))).toBe('ok');
    expect(outcome(p.unmap(9, 4))).toBe('ok');
    expect(p.layout).toMatch(/^\[1,3\)rw \[4,6\)rw \[8,9\)rw \[13,15\)rw /);
  });

  test('shrinking cuts an end off', () => {
    const p = full(8);
    expect(outcome(p.mremap(0, 3, 2))).toBe('@0');
  });

  test('a mapping over the middle of one needs two more', () => {
    expect(outcome(full(8).map(1, 1, R))).toBe('ENOMEM');
    expect(outcome(full(8).map(0, 1, R))).toBe('@0');
  });

  test('a move that leaves a hole has been given room for it beforehand', () => {
    const p = full(14);
    p.sysctl('vm.max_map_count', 20);
    expect(outcome(p.move(1, 1, 200))).toBe('@200');
    expect(p.space.mapCount).toBe(16);
    expect(outcome(p.move(5, 1, 210))).toBe('ENOMEM');
  });
});

describe('the address space', () => {
  test('below vm.mmap_min_addr only CAP_SYS_RAWIO maps', () => {
    const at = (n: number, p = new PageLab()) => p.mmap(BigInt(n) * 4096n, 1, RW, MAP.MAP_PRIVATE | MAP.MAP_ANONYMOUS | MAP.MAP_FIXED);
    expect(checkOf(at(0))).toBe('placement.below_min_addr');
    expect(errnoOf(at(0))).toBe('EPERM');
    expect(errnoOf(at(1))).toBeNull();
    const p = new PageLab();
    p.sysctl('vm.mmap_min_addr', 65536);
    expect(errnoOf(at(15, p))).toBe('EPERM');
    expect(errnoOf(at(16, p))).toBeNull();
    p.cap('CAP_SYS_RAWIO', true);
    expect(errnoOf(at(0, p))).toBeNull();
  });

  test('a move to there is refused, and has unmapped what was there', () => {
    const p = new PageLab();
    p.map(0, 4);
    p.cap('CAP_SYS_RAWIO', true);
    p.mmap(0n, 4, R, MAP.MAP_PRIVATE | MAP.MAP_ANONYMOUS | MAP.MAP_FIXED);
    p.cap('CAP_SYS_RAWIO', false);
    expect(outcome(p.mremap(0, 4, 4, MAY | FIXED, -A))).toBe('EPERM');
    expect(p.layout).toBe('[0,4)rw');
  });

  test('privileged, a process has every capability', () => {
    const p = new PageLab('6.18', { privileged: true });
    p.limit('RLIMIT_MEMLOCK', 0);
    p.map(0, 4);
    expect(outcome(p.lock(0, 4))).toBe('ok');
    p.cap('CAP_IPC_LOCK', false);
    expect(outcome(p.lock(0, 4))).toBe('EPERM');
  });
});

/** __vm_enough_memory(): 1000 pages of RAM. */
describe('vm.overcommit_memory', () => {
  interface Row {
    readonly what: string;
    readonly limits: Partial<Limits>;
    readonly committed?: number;
    readonly totalVm?: number;
    readonly root?: boolean;
    /** The largest request that passes. */
    readonly most: number;
  }
  const ROWS: Row[] = [
    { what: 'guess: a single request of all there is', limits: { overcommit: 0 }, most: 1000 },
    { what: 'guess: swap counts', limits: { overcommit: 0, swap: 500 }, most: 1500 },
    { what: 'guess: what is charged already does not', limits: { overcommit: 0 }, committed: 900, most: 1000 },
    { what: 'never: a share of RAM, less what is kept for root', limits: { overcommit: 2 }, most: 500 - 31 - 1 },
    { what: 'never: another share', limits: { overcommit: 2, overcommitRatio: 80 }, most: 800 - 31 - 1 },
    { what: 'never: all of swap', limits: { overcommit: 2, swap: 100 }, most: 600 - 31 - 1 },
    { what: 'never: root may have what is kept for it', limits: { overcommit: 2 }, root: true, most: 500 - 1 },
    { what: 'never: less what is charged', limits: { overcommit: 2 }, committed: 300, most: 200 - 31 - 1 },
    { what: 'never: a large process leaves some to others', limits: { overcommit: 2 }, totalVm: 320, most: 500 - 31 - 10 - 1 },
    { what: 'never: but not more than its own reserve', limits: { overcommit: 2 }, totalVm: 32000, most: 500 - 31 - 31 - 1 },
    { what: 'never: the reserve for root is 8 MiB at most', limits: { overcommit: 2, ram: 2 ** 20 }, most: 2 ** 19 - 2048 - 1 },
  ];
  const mm = ({ limits, committed, totalVm, root }: Row): Mm => {
    const { behaviours, functions } = resolveModel({ release: '6.18' });
    const m = new Mm(new Kernel<Mm>(X86_64_4_LEVELS, behaviours, functions), {
      effects: (mm) => new ExtentEffects(mm),
      limits: { ...defaultLimits(X86_64_4_LEVELS), ram: 1000, ...limits, capabilities: new Set(root === true ? ['CAP_SYS_ADMIN'] : []) },
      mmapBase: 2 ** 34,
      startBrk: 1,
    });
    m.committed = committed ?? 0;
    m.totalVm = totalVm ?? 0;
    return m;
  };
  test.each(ROWS)('$what', (row) => {
    expect([row.most, row.most + 1].map((pages) => enoughMemory(mm(row), pages))).toEqual([true, false]);
  });

  test('always: never refuses', () => {
    expect(enoughMemory(mm({ what: '', limits: { overcommit: 1 }, committed: 10 ** 6, most: 0 }), 10 ** 9)).toBe(true);
  });

  test('strict overcommit charges what was not to be reserved', () => {
    const p = new PageLab();
    p.map(0, 4, RW, MAP.MAP_NORESERVE);
    expect([p.flags(0), p.committed]).toEqual(['nr', 0]);
    p.sysctl('vm.overcommit_memory', 2);
    p.map(10, 4, RW, MAP.MAP_NORESERVE);
    expect([p.flags(10), p.committed]).toEqual(['ac', 4]);
  });
});

describe('what is charged', () => {
  const ROWS: [what: string, call: (p: PageLab) => unknown, committed: number, on618?: number][] = [
    ['writable private memory', (p) => p.map(0, 4), 4],
    ['read-only memory is not', (p) => p.map(0, 4, R), 0],
    ['shared memory is its own affair', (p) => p.mmap(page(0), 4, RW, SHARED), 0],
    ['growth', (p) => (p.map(0, 4), p.mremap(0, 4, 6)), 6],
    ['growth that moves', (p) => (p.map(0, 4), p.mremap(0, 4, 6, MAY | FIXED, 20)), 6],
    ['shrinking', (p) => (p.map(0, 4), p.mremap(0, 4, 1)), 1],
    ['shrinking that moves', (p) => (p.map(0, 4), p.mremap(0, 4, 1, MAY | FIXED, 20)), 1, 4],
    ['a move', (p) => (p.map(0, 4), p.move(0, 4, 20)), 4],
    ['a move of a part', (p) => (p.map(0, 4), p.move(1, 2, 20)), 4],
    ['a move onto charged memory', (p) => (p.map(0, 4), p.map(20, 4), p.move(0, 4, 18)), 6],
    ['DONTUNMAP', (p) => (p.map(0, 4), p.dontUnmap(1, 2, 20)), 6],
    ['unmapping', (p) => (p.map(0, 4), p.unmap(1, 1)), 3],
    ['a mapping over charged memory', (p) => (p.map(0, 4), p.map(2, 4, R)), 2],
  ];
  test.each(ROWS)('%s', (_, call, committed, on618 = committed) => {
    for (const release of RELEASES) {
      const p = new PageLab(release);
      call(p);
      expect(p.committed).toBe(release === '6.18' ? on618 : committed);
    }
  });

  test.each([
    ['6.12', 0],
    ['6.15', 4],
    ['6.16', 4],
    ['6.17', 4],
    ['6.18', 0],
  ] as const)('the source that DONTUNMAP leaves on %s: %i pages stay charged when both are gone', (release, committed) => {
    const p = new PageLab(release);
    p.mapFull(0, 4);
    p.dontUnmap(0, 4, 20);
    expect(p.committed).toBe(8);
    p.unmap(0, 24);
    expect(p.committed).toBe(committed);
  });
});
