/** mprotect(2): what it checks in which order, what it charges, and which VMAs it cuts and joins. */
import { describe, expect, test } from 'vitest';
import { MAP } from '../../machine/index.js';
import { checkOf, errnoOf, NONE, outcome, page, PageLab, R, RELEASES, RW, RWX } from './lab.js';

const P = 4096n;
const SHARED = MAP.MAP_SHARED | MAP.MAP_ANONYMOUS | MAP.MAP_FIXED;

describe('checks, the first that fails wins', () => {
  /** [0,4) is mapped, nothing else. */
  const ROWS: [what: string, addr: bigint, length: bigint, prot: number, expected: string][] = [
    ['a misaligned address, before a length of 0', page(0) + 1n, 0n, R, 'EINVAL mprotect.misaligned'],
    ['a length of 0, whatever the protection', page(0), 0n, 0x100, 'ok'],
    ['a length of 0, where nothing is mapped', page(90), 0n, R, 'ok'],
    ['a length that wraps to 0', page(0), (1n << 64n) - 1n, R, 'ENOMEM mprotect.wraps'],
    ['an end beyond 64 bits, before the protection', page(0), (1n << 64n) - page(0), 0x100, 'ENOMEM mprotect.wraps'],
    ['an unknown protection, before a hole', page(90), P, 0x100, 'EINVAL mprotect.prot'],
    ['a hole', page(90), P, R, 'ENOMEM mprotect.hole'],
    ['a hole at the end', page(0), 5n * P, R, 'ENOMEM mprotect.hole'],
    ['a hole at the start', page(0) - P, 5n * P, R, 'ENOMEM mprotect.hole'],
    ['a length that is rounded up', page(0), 3n * P + 1n, R, 'ok'],
  ];
  test.each(ROWS)('%s', (_, addr, length, prot, expected) => {
    const p = new PageLab();
    p.map(0, 4);
    const record = p.do({ name: 'mprotect', addr, length, prot });
    expect(errnoOf(record) === null ? 'ok' : `${errnoOf(record)} ${checkOf(record)}`).toBe(expected);
  });

  test('the length is rounded up to a page', () => {
    const p = new PageLab();
    p.map(0, 4);
    p.do({ name: 'mprotect', addr: page(0), length: P + 1n, prot: R });
    expect(p.layout).toBe('[0,2)r [2,4)rw');
  });
});

describe.each(RELEASES)('kernel %s: VM_ACCOUNT', (release) => {
  const drops = release !== '6.1';
  /** What it was mapped with, what happened to it, what it becomes; then the flags left and the pages charged of four. */
  const ROWS: [what: string, start: (p: PageLab) => unknown, to: number, flags: string, committed: number][] = [
    ['writable, untouched, to read-only', (p) => p.map(0, 4), R, drops ? '' : 'ac', drops ? 0 : 4],
    ['writable, untouched, to none', (p) => p.map(0, 4), NONE, drops ? '' : 'ac', drops ? 0 : 4],
    ['writable, read, to read-only', (p) => (p.map(0, 4), p.read(0, 4)), R, drops ? '' : 'ac', drops ? 0 : 4],
    ['writable, written, to read-only', (p) => p.mapFull(0, 4), R, 'ac', 4],
    ['writable, written and emptied, to read-only', (p) => (p.mapFull(0, 4), p.advise(0, 4, 'MADV_DONTNEED')), R, 'ac', 4],
    ['writable, to writable and executable', (p) => p.map(0, 4), RWX, 'ac', 4],
    ['read-only, to none', (p) => p.map(0, 4, R), NONE, '', 0],
    ['read-only, to writable', (p) => p.map(0, 4, R), RW, 'ac', 4],
    ['none, to writable', (p) => p.map(0, 4, NONE), RW, 'ac', 4],
    ['writable, to read-only and back', (p) => (p.map(0, 4), p.protect(0, 4, R)), RW, 'ac', 4],
    ['not reserved, read-only, to writable', (p) => p.map(0, 4, R, MAP.MAP_NORESERVE), RW, 'nr', 0],
    ['not reserved, writable, to read-only', (p) => p.map(0, 4, RW, MAP.MAP_NORESERVE), R, 'nr', 0],
    ['shared, read-only, to writable', (p) => p.mmap(page(0), 4, R, SHARED), RW, '', 0],
    ['private file, writable, to read-only', (p) => p.mapFile(p.memfd(4, 1), 0, 4, 0, RW, MAP.MAP_PRIVATE), R, 'ac', 4],
  ];
  test.each(ROWS)('%s', (_, start, to, flags, committed) => {
    const p = new PageLab(release);
    start(p);
    expect(outcome(p.protect(0, 4, to))).toBe('ok');
    expect([p.flags(0), p.committed]).toEqual([flags, committed]);
  });

  test('only the pages that change are charged, or no longer charged', () => {
    const p = new PageLab(release);
    p.map(0, 8, R);
    p.protect(2, 3, RW);
    expect(p.committed).toBe(3);
    p.protect(3, 1, R);
    expect(p.committed).toBe(drops ? 2 : 3);
  });
});

describe('cutting and joining', () => {
  const cases: [what: string, at: number, pages: number, layout: string][] = [
    ['the whole', 0, 6, '[0,6)r'],
    ['the lower part', 0, 2, '[0,2)r [2,6)rw'],
    ['the upper part', 4, 2, '[0,4)rw [4,6)r'],
    ['the middle', 2, 2, '[0,2)rw [2,4)r [4,6)rw'],
  ];
  test.each(cases)('%s of a VMA', (_, at, pages, layout) => {
    const p = new PageLab();
    p.map(0, 6);
    p.protect(at, pages, R);
    expect(p.layout).toBe(layout);
    p.protect(at, pages, RW);
    expect(p.layout).toBe('[0,6)rw');
  });

  /** Neighbours [0,4)r and [8,12)r of [4,8)rw; which part of it becomes read-only. */
  const neighbours: [what: string, at: number, pages: number, layout: string][] = [
    ['the whole joins both', 4, 4, '[0,12)r'],
    ['the lower part joins the one below', 4, 2, '[0,6)r [6,8)rw [8,12)r'],
    ['the upper part joins the one above', 6, 2, '[0,4)r [4,6)rw [6,12)r'],
    ['the middle joins nobody', 5, 2, '[0,4)r [4,5)rw [5,7)r [7,8)rw [8,12)r'],
  ];
  // On 6.1 untouched memory keeps its charge, and so never has the flags of memory that was mapped read-only.
  test.each(neighbours)('between two that have the protection already: %s', (_, at, pages, layout) => {
    const p = new PageLab('6.12');
    p.map(0, 4, R);
    p.map(4, 4);
    p.map(8, 4, R);
    p.protect(at, pages, R);
    expect(p.layout).toBe(layout);
  });

  test('6.1 keeps untouched memory charged, and so apart from memory mapped read-only', () => {
    const p = new PageLab('6.1');
    p.map(0, 4, R);
    p.map(4, 4);
    p.protect(4, 4, R);
    expect(p.layout).toBe('[0,4)r [4,8)r');
  });

  /** [0,2) and [2,4), [4,6): written ones have an anon_vma of their own, set apart by MADV_DONTFORK meanwhile. */
  const written = (release: string, ...which: number[]): PageLab => {
    const p = new PageLab(release);
    p.map(0, 2);
    p.map(2, 2, RWX);
    p.map(4, 2);
    for (const at of which) {
      p.advise(at, 2, 'MADV_DONTFORK');
      p.write(at, 2);
      p.advise(at, 2, 'MADV_DOFORK');
    }
    return p;
  };
  const anon: [what: string, which: number[], before: string, since: string][] = [
    ['nobody is written', [], '[0,6)rw', '[0,6)rw'],
    ['only the one below', [0], '[0,6)rw', '[0,6)rw'],
    ['only the one above', [4], '[0,6)rw', '[0,6)rw'],
    ['both outer ones, apart', [0, 4], '[0,4)rw [4,6)rw', '[0,4)rw [4,6)rw'],
    ['only the one that changes', [2], '[0,2)rw [2,4)rw [4,6)rw', '[0,6)rw'],
    ['the one below and the one that changes, apart', [0, 2], '[0,2)rw [2,4)rw [4,6)rw', '[0,2)rw [2,6)rw'],
    ['the one that changes and the one above, apart', [2, 4], '[0,2)rw [2,4)rw [4,6)rw', '[0,4)rw [4,6)rw'],
    ['all, apart', [0, 2, 4], '[0,2)rw [2,4)rw [4,6)rw', '[0,2)rw [2,4)rw [4,6)rw'],
  ];
  describe.each(RELEASES)('kernel %s: the middle one becomes like both', (release) => {
    test.each(anon)('%s', (_, which, before, since) => {
      const p = written(release, ...which);
      p.protect(2, 2, RW);
      expect(p.layout).toBe(release === '6.18' ? since : before);
      // Every page is still there, and who took it over has its anon_vma.
      for (const at of which) expect([p.word(at), p.vma(at)?.anonVma === null]).toEqual([0x1000, false]);
    });
  });

  test('a VMA that has the protection already is left alone, even beside one it would join', () => {
    const p = new PageLab('6.12');
    p.map(0, 4);
    p.advise(2, 2, 'MADV_DONTFORK');
    p.write(0, 4);
    p.advise(2, 2, 'MADV_DOFORK');
    // Emptied by a move, the upper one has no anon_vma any more: nothing keeps them apart but that nobody asked.
    p.dontUnmap(2, 2, 20);
    expect(p.layout).toBe('[0,2)rw [2,4)rw [20,22)rw');
    p.protect(2, 2, RW);
    expect(p.layout).toBe('[0,2)rw [2,4)rw [20,22)rw');
    p.protect(2, 2, R);
    p.protect(2, 2, RW);
    expect(p.layout).toBe('[0,4)rw [20,22)rw');
  });
});

describe('from VMA to VMA', () => {
  test('a hole ends it, and what came before stays changed', () => {
    const p = new PageLab();
    p.map(0, 2);
    p.map(2, 2, RWX);
    p.map(6, 2);
    expect(outcome(p.protect(0, 8, R))).toBe('ENOMEM');
    expect(p.layout).toBe('[0,4)r [6,8)rw');
  });

  test('the walk goes on behind what merged', () => {
    const p = new PageLab();
    p.map(0, 2, R);
    p.map(2, 2);
    p.map(4, 2, RWX);
    p.map(6, 2, R);
    expect(outcome(p.protect(1, 6, R))).toBe('ok');
    expect(p.layout).toBe('[0,8)r');
  });

  test.each(['6.12', '6.18'])('kernel %s: a seal ends it, and what came before stays changed', (release) => {
    const p = new PageLab(release);
    p.map(0, 4);
    p.seal(2, 2);
    expect(outcome(p.protect(0, 4, R))).toBe('EPERM');
    expect(p.layout).toBe('[0,2)r [2,4)rw');
    expect(outcome(p.protect(2, 2, RW))).toBe('EPERM');
  });
});

describe('limits', () => {
  test('RLIMIT_DATA counts what becomes writable, not what already was', () => {
    const p = new PageLab();
    p.map(0, 4);
    p.map(10, 4, R);
    p.limit('RLIMIT_DATA', 7);
    const refused = p.protect(10, 4, RW);
    expect([outcome(refused), checkOf(refused)]).toEqual(['ENOMEM', 'mprotect.rlimit_data']);
    expect(outcome(p.protect(10, 3, RW))).toBe('ok');
    p.limit('RLIMIT_DATA', 1);
    expect(outcome(p.protect(0, 4, RWX))).toBe('ok');
    expect(outcome(p.protect(0, 4, R))).toBe('ok');
  });

  test('at vm.max_map_count no VMA is split, but merging needs none', () => {
    const p = new PageLab('6.12');
    p.map(0, 6);
    p.map(6, 2, R);
    p.sysctl('vm.max_map_count', 2);
    const refused = p.protect(1, 2, R);
    expect([outcome(refused), checkOf(refused)]).toEqual(['ENOMEM', 'split.map_count']);
    expect(outcome(p.protect(4, 2, R))).toBe('ok');
    expect(p.layout).toBe('[0,4)rw [4,8)r');
    expect(outcome(p.protect(0, 4, RWX))).toBe('ok');
  });

  test('where there is room for one split of two, it stays', () => {
    const p = new PageLab();
    p.map(0, 6);
    p.sysctl('vm.max_map_count', 2);
    expect(outcome(p.protect(2, 2, R))).toBe('ENOMEM');
    expect(p.layout).toBe('[0,2)rw [2,6)rw');
    expect(p.committed).toBe(6);
  });
});

describe('pages', () => {
  test.each(RELEASES)('kernel %s: locked private memory that becomes writable is copied at once', (release) => {
    const p = new PageLab(release);
    p.map(0, 4, R);
    p.lock(0, 4);
    expect(p.pages).toBe('[0,4)z');
    p.protect(1, 2, RW);
    expect(p.pages).toBe('[0,1)z [1,3)a [3,4)z');
  });

  test('memory that is not locked is not, nor what was writable, nor shared memory', () => {
    const p = new PageLab();
    p.map(0, 4, R);
    p.read(0, 4);
    p.protect(0, 4, RW);
    p.mmap(page(10), 4, R, SHARED);
    p.lock(10, 4);
    p.protect(10, 4, RW);
    p.map(20, 4, RW);
    p.lock2(20, 4, 1);
    p.protect(20, 4, RWX);
    expect(p.pages).toBe('[0,4)z [10,14)f');
  });

  test('no page comes or goes', () => {
    const p = new PageLab();
    p.mapFull(0, 4);
    p.protect(1, 2, NONE);
    expect(p.pages).toBe('[0,4)a');
    expect(outcome(p.read(1, 1))).toBe('SIGSEGV @1');
    expect(outcome(p.write(0, 1))).toBe('ok');
    p.protect(1, 2, R);
    expect([outcome(p.read(1, 2)), outcome(p.write(1, 2)), p.word(2)]).toEqual(['ok', 'SIGSEGV @1', 0x1002]);
  });

  test('VmData counts what is writable now', () => {
    const p = new PageLab();
    p.map(0, 4);
    const data = (): number => p.space.usage.dataVm;
    expect(data()).toBe(4);
    p.protect(0, 2, R);
    expect(data()).toBe(2);
    p.protect(0, 2, RWX);
    expect(data()).toBe(4);
    expect(p.space.usage.totalVm).toBe(4);
  });
});
