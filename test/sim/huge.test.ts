/** Huge pages: where faults map them, what moves and splits them, what they cost in tables; and those of hugetlbfs. The same on recordings of all three kernels. */
import { describe, expect, test } from 'vitest';
import { MAP, type OpRecord } from '../../machine/index.js';
import { A, outcome, page, PageLab, PMD, PUD, R, RELEASES, RW } from './lab.js';

const FAR = 10 * PMD;

describe.each(RELEASES)('kernel %s', (release) => {
  const open = (enabled: 'always' | 'madvise' | 'never' = 'always'): PageLab => {
    const p = new PageLab(release);
    p.do({ name: 'thp', enabled });
    return p;
  };
  /** Two blocks at 0, written by huge pages: word n at page n. */
  const filled = (): PageLab => {
    const p = open();
    p.map(0, 2 * PMD);
    p.write(0, 2 * PMD, 0);
    return p;
  };
  const moved = ({ moved: m }: OpRecord): object => Object.fromEntries(Object.entries(m).filter(([key, n]) => n !== 0 && n !== 0n && key !== 'calls' && key !== 'flush_bytes'));

  describe('a fault maps a block', () => {
    const ROWS: [what: string, enabled: 'always' | 'madvise' | 'never', prepare: (p: PageLab) => unknown, pages: string][] = [
      ['of a mapping that holds it whole', 'always', (p) => p.map(0, PMD), `[0,${PMD})a`],
      ['of a larger one, and only that', 'always', (p) => p.map(-10, 3 * PMD), `[0,${PMD})a`],
      ['not where the mapping begins later', 'always', (p) => p.map(1, 2 * PMD), '[5,6)a'],
      ['not where it ends before', 'always', (p) => p.map(0, PMD - 1), '[5,6)a'],
      [
        'not where a table is, though empty',
        'always',
        (p) => (p.map(0, 2 * PMD), p.do({ name: 'thp', enabled: 'never' }), p.write(9, 1), p.advise(9, 1, 'MADV_DONTNEED'), p.do({ name: 'thp', enabled: 'always' })),
        '[5,6)a',
      ],
      ['not of memory that asked not to', 'always', (p) => (p.map(0, PMD), p.advise(0, PMD, 'MADV_NOHUGEPAGE')), '[5,6)a'],
      ['not of memory that did not ask to', 'madvise', (p) => p.map(0, PMD), '[5,6)a'],
      ['of memory that asked to', 'madvise', (p) => (p.map(0, PMD), p.advise(0, PMD, 'MADV_HUGEPAGE')), `[0,${PMD})a`],
      ['not even then, where nobody gets any', 'never', (p) => (p.map(0, PMD), p.advise(0, PMD, 'MADV_HUGEPAGE')), '[5,6)a'],
      [
        'not of memory that a userfaultfd watches',
        'always',
        (p) => (p.map(0, PMD), p.do({ name: 'userfaultfd', features: [] }), p.do({ name: 'uffd_register', addr: page(0), length: BigInt(PMD) * 4096n, mode: 'WP' })),
        '[5,6)a',
      ],
    ];
    test.each(ROWS)('%s', (_, enabled, prepare, pages) => {
      const p = open(enabled);
      prepare(p);
      const record = p.write(5, 1);
      expect(p.pages).toBe(pages);
      expect([p.space.usage.rss, record.faults.write]).toEqual(pages === '[5,6)a' ? [1, 1] : [PMD, PMD]);
      expect(p.tables).toEqual([1, 1, 1]);
    });

    test('several at once, and small pages around them', () => {
      const p = open();
      p.map(-3, 2 * PMD + 8);
      p.write(-3, 2 * PMD + 8, 0);
      expect([p.pages, p.tables, p.space.usage.rss]).toEqual([`[-3,${2 * PMD + 5})a`, [4, 2, 2], 2 * PMD + 8]);
      expect([-3, 0, PMD, 2 * PMD + 4].map((at) => p.word(at))).toEqual([0, 3, PMD + 3, 2 * PMD + 7]);
      // Of the tables two hold entries, two are put aside.
      expect([...p.space.tables('pte')].map((t) => t.count)).toEqual([1, 1]);
    });

    test('as many as the range touches, and no more', () => {
      for (const [pages, blocks] of [
        [PMD - 1, 1],
        [PMD, 1],
        [PMD + 1, 2],
      ] as const) {
        const p = open();
        p.map(0, 4 * PMD);
        p.write(0, pages);
        expect(p.pages).toBe(`[0,${blocks * PMD})a`);
      }
    });

    test('for a load: the huge zero page, and an anon_vma already', () => {
      const p = open();
      p.map(0, 2 * PMD);
      expect(p.read(5, 1).faults.read).toBe(PMD);
      expect([p.pages, p.space.usage.rss, p.vma(0)?.anonVma === null, p.word(9)]).toEqual([`[0,${PMD})f`, 0, false, 0]);
    });

    test('a store to the huge zero page takes one page; a huge one on 6.18', () => {
      const p = open();
      p.map(0, 2 * PMD);
      p.read(5, 1);
      p.write(6, 1);
      expect([p.pages, p.space.usage.rss, p.tables]).toEqual(release === '6.18' ? [`[0,${PMD})a`, PMD, [1, 1, 1]] : [`[0,6)z [6,7)a [7,${PMD})z`, 1, [1, 1, 1]]);
    });
  });

  describe('a move', () => {
    test('to where whole blocks fit takes them whole', () => {
      const p = filled();
      expect(moved(p.move(0, 2 * PMD, FAR))).toEqual({ iter: 2, huge_pmd: 2, huge_flush: 2 });
      expect([p.pages, p.tables, p.word(FAR), p.word(FAR + PMD + 7)]).toEqual([`[${FAR},${FAR + 2 * PMD})a`, [2, 1, 1], 0, PMD + 7]);
      // They are huge there: a part that goes splits one of them.
      p.unmap(FAR + 1, 1);
      expect([p.tables, [...p.space.tables('pte')].length]).toEqual([[2, 1, 1], 1]);
    });

    test('to the next PUD makes the table above, and nothing else', () => {
      const p = filled();
      expect(moved(p.move(0, 2 * PMD, 2 * PUD))).toEqual({ iter: 2, huge_pmd: 2, huge_flush: 2, alloc_pmd: 1 });
    });

    test('into another offset splits every block', () => {
      const p = filled();
      expect(moved(p.move(0, 2 * PMD, FAR + 1))).toEqual({ iter: 4, pte: 2 * PMD, move_ptes: 4, split: 2, alloc_pte: 3, flush: 4 });
      expect([p.pages, p.tables, p.word(FAR + 1 + PMD)]).toEqual([`[${FAR + 1},${FAR + 1 + 2 * PMD})a`, [3, 1, 1], PMD]);
    });

    test('of a part splits those it cuts', () => {
      const p = filled();
      expect(moved(p.move(256, PMD, FAR + 256))).toEqual({ iter: 2, pte: PMD, move_ptes: 2, split: 2, alloc_pte: 2, flush: 2 });
      expect([p.pages, p.tables, p.space.usage.rss]).toEqual([`[0,256)a [${PMD + 256},${2 * PMD})a [${FAR + 256},${FAR + PMD + 256})a`, [4, 1, 1], 2 * PMD]);
    });

    test('onto a table that was left over splits the block whose place is taken', () => {
      for (const [left, expected] of [
        [0, { huge_pmd: 1, pte: PMD }],
        [1, { huge_pmd: 1, pte: PMD }],
      ] as const) {
        const p = filled();
        const { pageTables } = p.machine['mm'];
        for (const k of [2, 1, 0]) pageTables.alloc(k, A + FAR + left * PMD, A + FAR + (left + 1) * PMD);
        const record = p.move(0, 2 * PMD, FAR);
        expect(moved(record)).toEqual({ iter: 2, move_ptes: 1, huge_pmd_fail: 1, split: 1, flush: 1, huge_flush: 1, ...expected });
        expect(record.moves.map((m) => m.kind).filter((kind) => kind === 'huge_pmd_refused' || kind === 'split')).toEqual(['huge_pmd_refused', 'split']);
        expect([p.pages, p.word(FAR + PMD + 3)]).toEqual([`[${FAR},${FAR + 2 * PMD})a`, PMD + 3]);
      }
    });

    test('of a whole PUD takes the table with its huge entries', () => {
      const p = open();
      p.map(0, PUD + PMD);
      p.write(0, 2 * PMD, 0);
      p.write(PUD, 1, 9);
      expect(moved(p.move(0, PUD + PMD, 4 * PUD))).toEqual({ iter: 2, pud: 1, huge_pmd: 1, flush: 1, huge_flush: 1, alloc_pmd: 1 });
      expect([p.pages, p.word(4 * PUD + PMD + 1), p.word(5 * PUD)]).toEqual([`[${4 * PUD},${4 * PUD + 2 * PMD})a [${5 * PUD},${5 * PUD + PMD})a`, PMD + 1, 9]);
    });

    test('skips to the next block, small pages and holes in between', () => {
      const p = open();
      p.map(0, 6 * PMD);
      p.write(4 * PMD, 1, 7);
      p.do({ name: 'thp', enabled: 'never' });
      p.write(3, 1, 5);
      expect(moved(p.move(0, 6 * PMD, 100 * PMD))).toMatchObject({ huge_pmd: 1, pmd: 1, skip_pmd: 4 });
      expect([p.word(100 * PMD + 3), p.word(104 * PMD)]).toEqual([5, 7]);
    });

    test('an allocation that fails moves the blocks back', () => {
      const p = filled();
      p.do({ name: 'fail', what: 'page_table_alloc', after: 1 });
      expect(outcome(p.move(0, 2 * PMD, FAR + 1))).toBe('ENOMEM');
      expect([p.pages, p.word(PMD + 1)]).toEqual([`[0,${2 * PMD})a`, PMD + 1]);
      const q = filled();
      q.do({ name: 'fail', what: 'page_table_alloc', after: 0 });
      expect(outcome(q.move(0, 2 * PMD, 2 * PUD))).toBe('ENOMEM');
      expect([q.pages, q.tables]).toEqual([`[0,${2 * PMD})a`, [2, 1, 1]]);
    });
  });

  describe('what splits a block', () => {
    const ROWS: [what: string, call: (p: PageLab) => unknown, pages: string, tables: number][] = [
      ['a part given up', (p) => p.advise(10, 5, 'MADV_DONTNEED'), `[0,10)a [15,${2 * PMD})a`, 2],
      ['all of it given up: nothing', (p) => p.advise(0, PMD, 'MADV_DONTNEED'), `[${PMD},${2 * PMD})a`, 1],
      ['a part unmapped', (p) => p.unmap(PMD + 10, 5), `[0,${PMD + 10})a [${PMD + 15},${2 * PMD})a`, 2],
      ['all of it unmapped: nothing', (p) => p.unmap(0, PMD), `[${PMD},${2 * PMD})a`, 1],
      ['a part with another protection', (p) => p.protect(10, 10, R), `[0,${2 * PMD})a`, 2],
      ['a block with another protection: nothing', (p) => p.protect(PMD, PMD, R), `[0,${2 * PMD})a`, 2],
    ];
    test.each(ROWS)('%s', (what, call, pages, tables) => {
      const p = filled();
      call(p);
      expect([p.pages, p.tables[0]]).toEqual([pages, tables]);
      const hanging = [...p.space.tables('pte')].reduce((n, t) => n + t.count, 0);
      expect(hanging).toBe(what.endsWith('nothing') ? 0 : 1);
      const kept = /\[(\d+),/.exec(pages)?.[1];
      expect(p.word(Number(kept))).toBe(Number(kept));
    });
  });

  test('MADV_COLLAPSE keeps what was there, and zeroes where nothing was', () => {
    const p = open('never');
    p.map(0, PMD);
    p.write(5, 1, 7);
    p.read(10, 2);
    p.write(300, 2, 9);
    expect(outcome(p.advise(0, PMD, 'MADV_COLLAPSE'))).toBe('ok');
    expect([p.pages, p.space.usage.rss, p.tables, [...p.space.tables('pte')].length]).toEqual([`[0,${PMD})a`, PMD, [1, 1, 1], 0]);
    expect([0, 5, 10, 300, 301, 302].map((at) => p.word(at))).toEqual([0, 7, 0, 9, 10, 0]);
    // It is its own: a store needs no copy, another collapse finds nothing to do.
    expect(p.write(6, 1, 8).faults.write).toBe(0);
    expect(outcome(p.advise(0, PMD, 'MADV_COLLAPSE'))).toBe('ok');
    expect([p.word(6), p.pages]).toEqual([8, `[0,${PMD})a`]);
  });

  describe('fork', () => {
    test('shares the blocks; a store copies one page of a block that is split', () => {
      const p = filled();
      p.fork('child');
      expect([p.pages, p.tables, p.space.usage.rss]).toEqual([`[0,${2 * PMD})A`, [2, 1, 1], 2 * PMD]);
      p.write(3, 1, 99);
      expect([p.pages, p.word(3), p.word(4), p.space.usage.rss]).toEqual([`[0,3)A [3,4)a [4,${2 * PMD})A`, 99, 4, 2 * PMD]);
      p.do({ name: 'switch', to: 'parent' });
      expect([p.word(3), p.pages]).toEqual([3, `[0,3)A [3,4)a [4,${2 * PMD})A`]);
      p.reap();
      expect(p.pages).toBe(`[0,${2 * PMD})a`);
      p.write(5, 1, 7);
      expect([p.word(5), [...p.space.tables('pte')].length]).toEqual([7, 0]);
    });
  });

  describe('the pages of hugetlbfs', () => {
    const pool = (flags: number = MAP.MAP_PRIVATE): PageLab => {
      const p = new PageLab(release);
      p.sysctl('vm.nr_hugepages', 8);
      p.mmap(page(0), 2 * PMD, RW, flags | MAP.MAP_ANONYMOUS | MAP.MAP_FIXED | MAP.MAP_HUGETLB);
      return p;
    };

    test('come whole for any access, with no table aside, and are not resident', () => {
      const p = pool();
      expect(p.write(3, 1, 5).faults).toEqual({ read: 0, write: PMD });
      expect([p.pages, p.tables, p.space.usage.rss, p.word(3)]).toEqual([`[0,${PMD})a`, [0, 1, 1], 0, 5]);
      p.read(PMD + 1, 1);
      expect([p.pages, p.tables, p.word(PMD + 1)]).toEqual([`[0,${2 * PMD})a`, [0, 1, 1], 0]);
    });

    test('move outside every counter, tables or none', () => {
      const p = pool();
      p.write(3, 1, 5);
      expect(moved(p.move(0, 2 * PMD, 2 * PUD))).toEqual({});
      expect([p.pages, p.tables, p.word(2 * PUD + 3)]).toEqual([`[${2 * PUD},${2 * PUD + PMD})a`, [0, 1, 1], 5]);
    });

    test('are copied whole after a fork', () => {
      const p = pool();
      p.write(0, 2 * PMD, 0);
      p.fork('child');
      p.write(4, 1, 99);
      expect([p.pages, p.word(4), p.word(5), p.word(PMD)]).toEqual([`[0,${PMD})a [${PMD},${2 * PMD})A`, 99, 5, PMD]);
      p.do({ name: 'switch', to: 'parent' });
      expect([p.word(4), p.pages]).toEqual([4, `[0,${PMD})a [${PMD},${2 * PMD})A`]);
      // Its own again: no copy.
      expect(p.write(4, 1, 7).faults.write).toBe(0);
    });

    test('of shared memory are seen by both', () => {
      const p = pool(MAP.MAP_SHARED);
      p.write(3, 1, 5);
      p.fork('child');
      for (const word of [8, 6]) p.write(3, 1, word);
      p.write(PMD, 1, 7);
      p.do({ name: 'switch', to: 'parent' });
      p.read(0, 2 * PMD);
      expect([p.word(3), p.word(PMD)]).toEqual([6, 7]);
    });

    test('go when their memory goes, and come back empty', () => {
      const p = pool();
      p.write(3, 1, 5);
      p.advise(0, 2 * PMD, 'MADV_DONTNEED');
      expect([p.pages, p.tables]).toEqual(['', [0, 1, 1]]);
      p.read(3, 1);
      expect(p.word(3)).toBe(0);
      p.unmap(0, 2 * PMD);
      expect(p.tables).toEqual([0, 0, 0]);
    });
  });

  describe('what a userfaultfd protects', () => {
    /** A whole table at 0, protected. */
    const watched = (...features: 'EVENT_REMAP'[]): PageLab => {
      const p = new PageLab(release);
      p.mapFull(0, PMD);
      p.do({ name: 'userfaultfd', features });
      p.do({ name: 'uffd_register', addr: page(0), length: BigInt(PMD) * 4096n, mode: 'WP' });
      p.do({ name: 'uffd_writeprotect', addr: page(0), length: BigInt(PMD) * 4096n, protect: true });
      return p;
    };
    const told = (p: PageLab, at: number): string[] => p.write(at, 1).events.map((e) => e.event);

    test('moves with its table, where the monitor hears of moves', () => {
      const p = watched('EVENT_REMAP');
      expect(moved(p.move(0, PMD, FAR))).toEqual({ iter: 1, pmd: 1, flush: 1 });
      expect(told(p, FAR + 3)).toEqual(['fault-wp']);
    });

    test('else entry by entry, and loses its protection; the table is tried first, but on 6.12', () => {
      const p = watched();
      const record = p.move(0, PMD, FAR);
      expect(moved(record)).toEqual({ iter: 1, pte: PMD, move_ptes: 1, flush: 1, alloc_pte: 1, ...(release === '6.12' ? {} : { pmd_fail: 1 }) });
      expect(record.moves.some((m) => m.kind === 'pmd_refused')).toBe(release !== '6.12');
      expect([told(p, FAR + 3), p.flags(FAR)]).toEqual([[], 'ac']);
      // Nor does the entry keep it for whoever watches next.
      p.do({ name: 'uffd_register', addr: page(FAR), length: BigInt(PMD) * 4096n, mode: 'WP' });
      expect(told(p, FAR + 4)).toEqual([]);
    });

    test('entry by entry it stays, where the monitor hears of moves', () => {
      const p = watched('EVENT_REMAP');
      expect(p.move(0, PMD, FAR + 1).moved.pte).toBe(PMD);
      expect([told(p, FAR + 1), told(p, FAR + PMD)]).toEqual([['fault-wp'], ['fault-wp']]);
    });

    test('and a whole PUD of it', () => {
      const p = new PageLab(release);
      p.map(0, PUD);
      p.write(0, 1);
      p.do({ name: 'userfaultfd', features: [] });
      p.do({ name: 'uffd_register', addr: page(0), length: BigInt(PUD) * 4096n, mode: 'WP' });
      const record = p.move(0, PUD, 4 * PUD);
      expect(record.moved).toMatchObject({ pud: 0, pmd: 0, pte: 1, pud_fail: release === '6.12' ? 0 : 1, pmd_fail: release === '6.12' ? 0 : 1 });
    });
  });

  describe('a destination that has the table already', () => {
    const move = (k: number, pages: number, from = 0): [OpRecord, PageLab] => {
      const p = new PageLab(release);
      p.map(0, pages);
      p.write(from, 1, 5);
      const { pageTables } = p.machine['mm'];
      for (let level = 2; level >= k; level--) pageTables.alloc(level, A + 4 * PUD + from, A + 4 * PUD + from + 1);
      return [p.move(0, pages, 4 * PUD), p];
    };
    const WARNS: [what: string, k: number, pages: number, fails: object, log: string][] = [
      ['a PMD entry', 0, PMD, { pmd_fail: 1, pud_fail: 0, pte: 1, pmd: 0 }, 'WARNING: at mm/mremap.c move_normal_pmd: the destination PMD entry is not empty'],
      ['a PUD entry', 1, PUD, { pmd_fail: 0, pud_fail: 1, pte: 0, pmd: 1 }, 'WARNING: at mm/mremap.c move_normal_pud: the destination PUD entry is not empty'],
    ];
    test.each(WARNS)('%s: it warns, and goes on one level below', (_, k, pages, fails, log) => {
      const [record, p] = move(k, pages);
      expect(record.moved).toMatchObject(fails);
      expect([record.log, p.word(4 * PUD)]).toEqual([[log], 5]);
      const refused = record.steps.find((s) => s.text.includes('is taken'));
      expect([refused?.fn, refused?.text]).toEqual([
        k === 0 ? 'move_normal_pmd' : 'move_normal_pud',
        `the destination ${k === 0 ? 'PMD' : 'PUD'} entry is taken: going on one level below`,
      ]);
    });
  });
});
