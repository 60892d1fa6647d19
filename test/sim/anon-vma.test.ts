/** Who shares an anon_vma, who hands it over, and what that decides: 15 years of merges that happen or do not. */
import { describe, expect, test } from 'vitest';
import { MAP } from '../../machine/index.js';
import { outcome, page, PageLab, PMD, R, RELEASES, RW, RWX } from './lab.js';

const PRIVATE = MAP.MAP_PRIVATE;
const HUGE = MAP.MAP_PRIVATE | MAP.MAP_ANONYMOUS | MAP.MAP_FIXED | MAP.MAP_HUGETLB;

describe.each(RELEASES)('kernel %s', (release) => {
  const process = (): PageLab => new PageLab(release);
  const same = (p: PageLab, a: number, b: number): boolean => p.vma(a)?.anonVma !== null && p.vma(a)?.anonVma === p.vma(b)?.anonVma;

  describe('at its first store a VMA shares the anon_vma of a neighbour that it could become one with, but for the protection', () => {
    /** [0,2) and [2,4) are mapped somehow; then one is written, and then the other. */
    const ROWS: [what: string, map: (p: PageLab) => unknown, shared: boolean][] = [
      ['another protection', (p) => (p.map(0, 2), p.map(2, 2, RWX)), true],
      ['another flag', (p) => (p.map(0, 4), p.advise(2, 2, 'MADV_DONTFORK')), false],
      ['locked', (p) => (p.map(0, 4), p.lock2(2, 2, 1)), false],
      [
        'the same file, the offsets following on',
        (p) => {
          const fd = p.memfd(8, 1);
          p.mapFile(fd, 0, 2, 0, RW, PRIVATE);
          p.mapFile(fd, 2, 2, 2, RWX, PRIVATE);
        },
        true,
      ],
      [
        'the same file, at another offset',
        (p) => {
          const fd = p.memfd(8, 1);
          p.mapFile(fd, 0, 2, 0, RW, PRIVATE);
          p.mapFile(fd, 2, 2, 4, RWX, PRIVATE);
        },
        false,
      ],
      [
        'another file',
        (p) => {
          p.mapFile(p.memfd(8, 1), 0, 2, 0, RW, PRIVATE);
          p.mapFile(p.memfd(8, 1), 2, 2, 2, RWX, PRIVATE);
        },
        false,
      ],
    ];
    test.each(ROWS)('%s', (_, map, shared) => {
      for (const [first, then] of [
        [0, 2],
        [2, 0],
      ] as const) {
        const p = process();
        map(p);
        p.write(first, 1);
        p.write(then, 1);
        expect(same(p, 0, 2)).toBe(shared);
        expect([p.vma(0)?.chainLength, p.vma(2)?.chainLength]).toEqual([1, 1]);
      }
    });

    test('a file beside anonymous memory', () => {
      const p = process();
      p.mapFile(p.memfd(4, 1), 2, 2, 2, RW, PRIVATE);
      p.map(0, 2);
      p.write(2, 1);
      p.write(0, 1);
      expect(same(p, 0, 2)).toBe(false);
    });

    test('not over a hole', () => {
      const p = process();
      p.map(0, 2);
      p.map(3, 2, RWX);
      p.write(0, 1);
      p.write(3, 1);
      expect(same(p, 0, 3)).toBe(false);
    });

    test('not over a hole that the page offsets skip too', () => {
      // [2,4) was written where it would follow on, and went up a little; or down.
      for (const [to, other] of [
        [4, 0],
        [0, 4],
      ] as const) {
        const p = process();
        p.mapFull(2, 2, RWX);
        p.move(2, 2, to);
        p.map(other, 2);
        p.write(other, 1);
        expect([to, same(p, 0, 4)]).toEqual([to, false]);
      }
    });

    test('not where the neighbour came from elsewhere', () => {
      for (const [at, other] of [
        [2, 0],
        [0, 2],
      ] as const) {
        const p = process();
        p.mapFull(10, 2, RWX);
        p.move(10, 2, at);
        p.map(other, 2);
        p.write(other, 1);
        expect(same(p, 0, 2)).toBe(false);
      }
    });

    test('the next VMA is asked before the previous one', () => {
      const p = process();
      p.mapFull(0, 2, RWX);
      p.mapFull(4, 2, RWX);
      p.map(2, 2);
      p.write(2, 1);
      expect([same(p, 0, 2), same(p, 2, 4)]).toEqual([false, true]);
    });

    test('not that of a VMA that a child inherited', () => {
      const p = process();
      p.mapFull(0, 2);
      p.fork('child');
      p.map(2, 2, RWX);
      p.write(2, 1);
      expect([same(p, 0, 2), p.vma(2)?.chainLength]).toEqual([false, 1]);
      p.map(-2, 2, RWX);
      p.write(-2, 1);
      expect(same(p, -2, 0)).toBe(false);
    });

    test('not that of shared memory', () => {
      const p = process();
      p.map(0, 2);
      p.mmap(BigInt(2 ** 28 + 2) * 4096n, 2, RW, MAP.MAP_SHARED | MAP.MAP_ANONYMOUS | MAP.MAP_FIXED);
      p.write(2, 1);
      p.write(0, 1);
      expect([p.vma(2)?.anonVma, p.vma(0)?.anonVma === null]).toEqual([null, false]);
    });
  });

  describe('a new mapping between two', () => {
    /** none, untouched or written, apart; what becomes of [0,2) [2,4) [4,6) when the middle is mapped. */
    const ROWS: [below: string, above: string, layout: string, on61?: string][] = [
      ['-', '-', '[2,4)rw'],
      ['u', '-', '[0,4)rw'],
      ['w', '-', '[0,4)rw'],
      ['-', 'u', '[2,6)rw'],
      ['-', 'w', '[2,6)rw'],
      ['u', 'u', '[0,6)rw'],
      ['w', 'u', '[0,6)rw'],
      ['u', 'w', '[0,6)rw', '[0,2)rw [2,6)rw'],
      ['w', 'w', '[0,4)rw [4,6)rw', '[0,2)rw [2,6)rw'],
    ];
    test.each(ROWS)('%s below, %s above', (below, above, since, on61) => {
      const p = process();
      for (const [at, what] of [
        [0, below],
        [4, above],
      ] as const) {
        if (what === 'u') p.map(at, 2);
        if (what === 'w') p.mapFull(at, 2);
      }
      p.map(2, 2);
      expect(p.layout).toBe(release === '6.1' ? (on61 ?? since) : since);
      // Whoever was written still is, and so is what it merged with.
      for (const [at, what] of [
        [0, below],
        [4, above],
      ] as const)
        if (what === 'w') expect([p.word(at), p.vma(at)?.anonVma === null]).toEqual([0x1000, false]);
      expect(p.write(2, 2).result.kind).toBe('value');
    });

    test('two that were one join again', () => {
      const p = process();
      p.mapFull(0, 6);
      p.unmap(2, 2);
      p.map(2, 2);
      expect(p.layout).toBe('[0,6)rw');
    });
  });

  describe('untouched memory moved between two', () => {
    const ROWS: [below: string, above: string, layout: string][] = [
      ['u', 'u', '[0,6)rw'],
      ['w', 'u', '[0,6)rw'],
      ['u', 'w', '[0,6)rw'],
      ['w', 'w', '[0,4)rw [4,6)rw'],
    ];
    test.each(ROWS)('%s below, %s above', (below, above, layout) => {
      const p = process();
      for (const [at, what] of [
        [0, below],
        [4, above],
      ] as const) {
        p.map(at, 2);
        if (what === 'w') p.write(at, 2);
      }
      p.map(20, 2);
      p.move(20, 2, 2);
      expect(p.layout).toBe(layout);
      for (const [at, what] of [
        [0, below],
        [4, above],
      ] as const)
        if (what === 'w') expect([p.word(at), p.vma(at)?.anonVma === null]).toEqual([0x1000, false]);
    });
  });

  test('written memory moved back between untouched ones hands its anon_vma over, since 6.16', () => {
    const p = process();
    p.mapFull(2, 2);
    p.move(2, 2, 20);
    p.map(0, 2);
    p.map(4, 2);
    expect(outcome(p.move(20, 2, 2))).toBe('@2');
    expect(p.layout).toBe(release === '6.18' ? '[0,6)rw' : '[0,2)rw [2,4)rw [4,6)rw');
    expect([p.word(3), p.vma(2)?.anonVma === null, p.vma(0)?.anonVma === null]).toEqual([0x1001, false, release !== '6.18']);
  });

  test('what two userfaultfds watch stays apart', () => {
    const p = process();
    p.map(0, 4);
    for (const at of [0, 2]) {
      p.do({ name: 'userfaultfd', features: [] });
      p.do({ name: 'uffd_register', addr: page(at), length: 8192n, mode: 'MISSING' });
    }
    expect(p.layout).toBe('[0,2)rw [2,4)rw');
  });

  test('hugetlb memory, once cut, stays cut: special mappings merge with nothing', () => {
    const p = process();
    p.sysctl('vm.nr_hugepages', 2);
    p.mmap(page(0), 2 * PMD, RW, HUGE);
    p.protect(0, PMD, R);
    p.protect(0, PMD, RW);
    expect([p.layout, p.flags(0), p.committed]).toEqual([`[0,${PMD})rw [${PMD},${2 * PMD})rw`, 'de ht', 0]);
  });

  test('watched memory and memory that is not stay apart', () => {
    const p = process();
    p.map(0, 4);
    p.do({ name: 'userfaultfd', features: [] });
    p.do({ name: 'uffd_register', addr: BigInt(2 ** 28) * 4096n, length: 4n * 4096n, mode: 'MISSING' });
    p.map(4, 4);
    expect(p.layout).toBe('[0,4)rw [4,8)rw');
  });
});
