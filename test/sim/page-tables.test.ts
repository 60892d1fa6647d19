/** Which page-table pages exist: what a fault, a move, an unmapping and a fork add and take. */
import { describe, expect, test } from 'vitest';
import { MAP, MREMAP } from '../../machine/index.js';
import { A, outcome, page, PageLab, PMD, PUD, R, RELEASES, RW } from './lab.js';

const { MREMAP_MAYMOVE: MAY, MREMAP_FIXED: FIXED } = MREMAP;
const SHARED = MAP.MAP_SHARED | MAP.MAP_ANONYMOUS | MAP.MAP_FIXED;
/** What one PGD entry covers. */
const TOP = 512 * PUD;

describe.each(RELEASES)('kernel %s', (release) => {
  const process = (): PageLab => new PageLab(release);

  describe('a fault makes the whole path', () => {
    const ROWS: [what: string, pages: number[], tables: [number, number, number]][] = [
      ['one page', [0], [1, 1, 1]],
      ['two of one table', [0, PMD - 1], [1, 1, 1]],
      ['two of neighbouring tables', [PMD - 1, PMD], [2, 1, 1]],
      ['two of neighbouring PMD tables', [PUD - 1, PUD], [2, 2, 1]],
      ['two of neighbouring PUD tables', [-1, 0], [2, 2, 2]],
      ['the last page of one and the first of another', [TOP - 1, TOP], [2, 2, 2]],
    ];
    test.each(ROWS)('%s', (_, pages, tables) => {
      for (const access of ['read', 'write'] as const) {
        const p = process();
        for (const at of pages) {
          p.map(at, 1);
          p[access](at, 1);
        }
        expect(p.tables).toEqual(tables);
        expect(p.space.usage.tablePages).toBe(tables.reduce((a, b) => a + b));
      }
    });

    test('mapping alone makes none', () => {
      const p = process();
      p.map(0, 4 * PMD);
      expect(p.tables).toEqual([0, 0, 0]);
    });

    test('the record says what came', () => {
      const p = process();
      p.map(0, 3 * PMD);
      expect(p.write(0, 3 * PMD).tables).toEqual({ allocated: { pte: 3, pmd: 1, pud: 1 }, freed: {} });
    });
  });

  describe('unmapping gives back what lies between the neighbours', () => {
    /** [0, 4 PMDs) written, and maybe a neighbour; what is unmapped; the tables left. */
    const ROWS: [what: string, neighbour: number | null, at: number, pages: number, tables: [number, number, number]][] = [
      ['everything', null, 0, 4 * PMD, [0, 0, 0]],
      ['everything, with a neighbour far away', 3 * TOP, 0, 4 * PMD, [0, 0, 0]],
      ['everything, with a neighbour below the same PUD entry', PUD - 1, 0, 4 * PMD, [0, 1, 1]],
      ['everything, with a neighbour below the same PGD entry', TOP - 1, 0, 4 * PMD, [0, 0, 1]],
      ['everything, with a neighbour right above', 4 * PMD, 0, 4 * PMD, [0, 1, 1]],
      ['whole tables', null, PMD, 2 * PMD, [2, 1, 1]],
      ['all but a page of each end', null, 1, 4 * PMD - 2, [2, 1, 1]],
      ['half a table', null, PMD, PMD / 2, [4, 1, 1]],
      ['the first page', null, 0, 1, [4, 1, 1]],
    ];
    test.each(ROWS)('%s', (_, neighbour, at, pages, tables) => {
      const p = process();
      p.mapFull(0, 4 * PMD);
      if (neighbour !== null) p.map(neighbour, 1, R);
      p.unmap(at, pages);
      expect(p.tables).toEqual(tables);
    });

    test('an empty table stays until a VMA that it lies under goes', () => {
      const p = process();
      p.mapFull(0, PMD);
      p.unmap(0, PMD - 1);
      expect(p.tables[0]).toBe(1);
      p.advise(PMD - 1, 1, 'MADV_DONTNEED');
      expect([p.pages, p.tables[0]]).toEqual(['', 1]);
      p.unmap(PMD - 1, 1);
      expect(p.tables).toEqual([0, 0, 0]);
    });

    test('tables of a gap, under no VMA that goes, stay', () => {
      const p = process();
      p.mapFull(0, 1);
      p.mapFull(PMD, 1);
      p.map(PMD - 1, 1);
      // The first table stays for the page at its end; that one goes later, with its table.
      p.unmap(0, 1);
      expect(p.tables[0]).toBe(2);
      p.unmap(PMD - 1, 1);
      expect(p.tables[0]).toBe(1);
    });

    test('a mapping put over everything starts without tables', () => {
      const p = process();
      p.mapFull(0, 2 * PMD);
      expect(p.map(0, 2 * PMD, R).tables.freed).toEqual({ pte: 2, pmd: 1, pud: 1 });
      expect(p.tables).toEqual([0, 0, 0]);
    });
  });

  describe('a move', () => {
    test('of a whole VMA leaves no tables behind', () => {
      const p = process();
      p.mapFull(0, PMD);
      p.move(0, PMD, TOP);
      expect(p.tables).toEqual([1, 1, 1]);
    });

    test('of whole tables hangs them elsewhere: none is made, none is freed but those above', () => {
      const p = process();
      p.mapFull(0, 2 * PMD);
      const { moved, tables } = p.move(0, 2 * PMD, 2 * PUD);
      expect([moved.pmd, moved.alloc_pte, moved.alloc_pmd, moved.alloc_pud, moved.flush_bytes]).toEqual([2, 0, 1, 0, BigInt(2 * PMD) * 4096n]);
      expect(tables).toEqual({ allocated: { pmd: 1 }, freed: { pmd: 1 } });
      expect(p.tables).toEqual([2, 1, 1]);
    });

    test('from the middle of a VMA, or with DONTUNMAP, leaves the tables that it emptied', () => {
      const p = process();
      p.mapFull(0, 3 * PMD);
      p.move(PMD + 1, 1, 10 * PMD);
      expect(p.tables).toEqual([4, 1, 1]);
      const q = process();
      q.mapFull(0, PMD);
      q.dontUnmap(0, PMD, 10 * PMD + 1);
      expect([q.pages, q.tables[0]]).toEqual([`[${10 * PMD + 1},${11 * PMD + 1})a`, 3]);
    });

    test('of an empty table costs one too', () => {
      const p = process();
      p.mapFull(1, 1);
      p.map(2, 1, R);
      p.move(1, 1, 4 * PMD);
      // The table of page 2 has no entry, but is a table.
      const { moved } = p.move(2, 1, 8 * PMD);
      expect([moved.pte, moved.move_ptes, moved.flush, moved.alloc_pte]).toEqual([0, 1, 0, 1]);
    });

    test('of memory that was never touched makes none, unless it has upper tables', () => {
      const p = process();
      p.map(0, 2);
      const nothing = p.move(0, 2, 4 * PMD);
      expect([nothing.moved.skip_pud, nothing.moved.iter, p.tables]).toEqual([1, 1, [0, 0, 0]]);
      p.mapFull(PUD - 1, 1);
      p.unmap(4 * PMD, 2);
      p.map(0, 2);
      const upper = p.move(0, 2, TOP);
      // A PMD table covers the source: the PUD table of the destination is made before anybody sees that no PTE table does.
      expect([upper.moved.skip_pmd, upper.moved.alloc_pud, upper.moved.alloc_pmd, upper.moved.alloc_pte]).toEqual([1, 1, 0, 0]);
    });

    test('of zero length duplicates and moves none', () => {
      const p = process();
      p.mmap(page(0), 2, RW, SHARED);
      p.write(0, 2);
      const record = p.mremap(0, 0, 2, MAY | FIXED, 4 * PMD);
      expect([outcome(record), record.moved.calls, p.tables[0]]).toEqual([`@${4 * PMD}`, 0, 1]);
    });

    test('PMD by PMD where the start is not mutual: PTEs only', () => {
      const p = process();
      p.mapFull(0, 2 * PMD);
      const { moved } = p.move(0, 2 * PMD, 4 * PMD + 1);
      expect([moved.pmd, moved.pte, moved.move_ptes, moved.alloc_pte, moved.flush_bytes]).toEqual([0, 2 * PMD, 4, 3, BigInt(2 * PMD) * 4096n]);
    });
  });

  describe('the start is rounded down (6.7 and later)', () => {
    const HALF = PMD / 2;
    const run = (prepare: (p: PageLab) => void, from: number, pages: number, to: number): number => {
      const p = process();
      prepare(p);
      return p.move(from, pages, to).moved.realign;
    };
    const source = (p: PageLab): void => void p.mapFull(HALF, PMD);
    const ROWS: [what: string, prepare: (p: PageLab) => void, from: number, pages: number, to: number, realigns: boolean][] = [
      ['both at the same offset, nothing below', source, HALF, PMD, 10 * PMD + HALF, true],
      ['reaching the next boundary exactly', source, HALF, HALF, 10 * PMD + HALF, true],
      ['not reaching it', source, HALF, HALF - 1, 10 * PMD + HALF, false],
      ['on a boundary already', (p) => void p.mapFull(0, PMD), 0, PMD, 10 * PMD, false],
      ['at another offset', source, HALF, PMD, 10 * PMD + HALF + 1, false],
      ['from inside its VMA', (p) => void p.mapFull(0, 2 * PMD), HALF, PMD, 10 * PMD + HALF, false],
      ['from inside its VMA, which begins in the same PMD', (p) => void p.mapFull(HALF - 1, PMD + 1), HALF, PMD, 10 * PMD + HALF, false],
      ['something below the source', (p) => (source(p), void p.map(HALF - 2, 1)), HALF, PMD, 10 * PMD + HALF, false],
      ['something at the boundary below the source', (p) => (source(p), void p.map(0, 1)), HALF, PMD, 10 * PMD + HALF, false],
      ['something below that boundary', (p) => (source(p), void p.map(-1, 1)), HALF, PMD, 10 * PMD + HALF, true],
      ['something below the destination', (p) => (source(p), void p.map(10 * PMD, 1, R)), HALF, PMD, 10 * PMD + HALF, false],
      ['the destination joins what is below', (p) => (p.map(HALF, PMD), p.read(HALF, PMD), void p.map(10 * PMD, HALF)), HALF, PMD, 10 * PMD + HALF, false],
      ['the destination itself lies below the source', source, HALF, PMD, HALF - PMD, false],
      ['the destination was mapped over', (p) => (source(p), void p.mapFull(10 * PMD + HALF, PMD, R | RW)), HALF, PMD, 10 * PMD + HALF, true],
    ];
    test.each(ROWS)('%s', (_, prepare, from, pages, to, realigns) => {
      expect(run(prepare, from, pages, to)).toBe(realigns && release !== '6.1' ? 1 : 0);
    });

    test('it moves the table, and no page that was not asked for', () => {
      const p = process();
      p.mapFull(HALF, PMD);
      const { moved } = p.move(HALF, PMD, 10 * PMD + HALF);
      expect([moved.pmd, moved.pte, moved.realign_bytes]).toEqual(release === '6.1' ? [0, PMD, 0n] : [1, HALF, BigInt(HALF) * 4096n]);
      expect(p.pages).toBe(`[${10 * PMD + HALF},${11 * PMD + HALF})a`);
    });
  });
});

test('the walk to a page, and the tables as ranges', () => {
  const p = new PageLab();
  p.mapFull(PMD, 2 * PMD);
  expect(p.space.walk(A + PMD + 3).map((e) => [e.level, e.index, e.state])).toEqual([
    ['pgd', 2, 'table'],
    ['pud', 0, 'table'],
    ['pmd', 1, 'table'],
    ['pte', 3, 'page'],
  ]);
  expect(p.space.walk(A + 5 * PMD).map((e) => [e.level, e.state])).toEqual([
    ['pgd', 'table'],
    ['pud', 'table'],
    ['pmd', 'none'],
  ]);
  expect([...p.space.tables('pte')].map((t) => [t.start - A, t.count, t.span])).toEqual([[PMD, 2, PMD]]);
});

test('the parts of a fork: a table wherever the parent has one', () => {
  const p = new PageLab();
  p.mapFull(0, PMD + 1);
  p.advise(0, 1, 'MADV_DONTNEED');
  p.unmap(1, PMD - 1);
  p.fork('child');
  expect([p.pages, p.tables]).toEqual([`[${PMD},${PMD + 1})A`, [2, 1, 1]]);
});
