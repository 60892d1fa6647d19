/**
 * MREMAP_RELOCATE_ANON as posted in June 2025: what is relocated, what merges for it, what keeps
 * memory from being relocated, and what each variant leaves behind when a page is pinned.
 */
import { describe, expect, test } from 'vitest';
import { costCounts, MREMAP, type OpRecord } from '../../machine/index.js';
import { A, checkOf, outcome, page, PageLab, PMD, R, RW } from './lab.js';

const MOVE = MREMAP.MREMAP_MAYMOVE | MREMAP.MREMAP_FIXED;
const RELOCATE = MOVE | MREMAP.MREMAP_RELOCATE_ANON;
const MUST = MOVE | MREMAP.MREMAP_MUST_RELOCATE_ANON;

const lab = (behaviours: Readonly<Record<string, string>> = {}): PageLab => new PageLab({ release: '6.16', behaviours: { relocate_anon: 'yes', ...behaviours } });

const pin = (l: PageLab, at: number): void => void l.do({ name: 'pin', addr: page(at), length: 4096n });

const pgoff = (l: PageLab, at: number): number | undefined => {
  const vma = l.vma(at);
  return vma === undefined ? undefined : vma.pgoff - A;
};

const told = ({ relocation }: OpRecord): unknown => relocation;

describe('the flags', () => {
  test.each([
    ['a kernel without them', '6.18', RELOCATE, 'mremap.unknown_flags'],
    ['a kernel without them', '6.18', MUST, 'mremap.unknown_flags'],
    ['without MAYMOVE', 'with', MREMAP.MREMAP_RELOCATE_ANON, 'mremap.relocate_without_maymove'],
    ['without MAYMOVE', 'with', MREMAP.MREMAP_MUST_RELOCATE_ANON, 'mremap.relocate_without_maymove'],
    ['another bit beside them', 'with', RELOCATE | 32, 'mremap.unknown_flags'],
  ])('%s on %s: flags %d are refused', (_, kernel, flags, check) => {
    const l = kernel === 'with' ? lab() : new PageLab(kernel);
    l.mapFull(0, 4);
    const r = l.mremap(0, 4, 4, flags, 20);
    expect([outcome(r), checkOf(r)]).toEqual(['EINVAL', check]);
  });

  test.each(['6.1', '6.12', '6.16', '6.18'])('the behaviour can be added to %s', (release) => {
    const l = new PageLab({ release, behaviours: { relocate_anon: 'yes' } });
    l.mapFull(0, 4);
    expect(outcome(l.mremap(0, 4, 4, RELOCATE, 20))).toBe('@20');
    expect(pgoff(l, 20)).toBe(20);
  });
});

describe('what moves is as if it had been born there', () => {
  test('its offset is that of its new address, its contents are what they were', () => {
    const l = lab();
    l.mapFull(0, 4);
    const r = l.mremap(0, 4, 4, RELOCATE, 20);
    expect(told(r)).toEqual({ outcome: 'relocated', folios: 4, skipped: 0, undone: 0 });
    expect([pgoff(l, 20), l.word(20), l.word(23), l.pages]).toEqual([20, 0x1000, 0x1003, '[20,24)a']);
    // Without the flag it keeps the offset of its birthplace.
    l.mapFull(40, 4);
    expect(told(l.move(40, 4, 60))).toBeUndefined();
    expect(pgoff(l, 60)).toBe(40);
  });

  test.each([
    ['an unwritten neighbour below', [[16, 4, false]], '[16,24)rw'],
    ['an unwritten neighbour above', [[24, 4, false]], '[20,28)rw'],
    [
      'unwritten neighbours on both sides',
      [
        [16, 4, false],
        [24, 4, false],
      ],
      '[16,28)rw',
    ],
    // The destination takes the anon_vma of a neighbour that it could be one with.
    ['a written neighbour below', [[16, 4, true]], '[16,24)rw'],
    ['a written neighbour above', [[24, 4, true]], '[20,28)rw'],
    [
      'a written one above, an unwritten one below',
      [
        [16, 4, false],
        [24, 4, true],
      ],
      '[16,28)rw',
    ],
    // Two that were written apart stay apart: it joins the one whose anon_vma it took, the next.
    [
      'written neighbours on both sides',
      [
        [16, 4, true],
        [24, 4, true],
      ],
      '[16,20)rw [20,28)rw',
    ],
  ] as const)('it merges with %s', (_, neighbours, layout) => {
    const l = lab();
    for (const [at, pages, written] of neighbours) if (written) l.mapFull(at, pages);
      else l.map(at, pages); // prettier-ignore
    l.mapFull(0, 4);
    expect(outcome(l.mremap(0, 4, 4, RELOCATE, 20))).toBe('@20');
    expect(l.layout).toBe(layout);
  });

  test('and later mappings merge with it', () => {
    const l = lab();
    l.mapFull(0, 4);
    l.mremap(0, 4, 4, RELOCATE, 20);
    l.map(24, 4);
    expect(l.layout).toBe('[20,28)rw');
  });

  test('where the copy merges as it is, nothing is relocated', () => {
    const l = lab();
    l.mapFull(0, 12);
    l.move(4, 4, 20);
    expect(told(l.mremap(20, 4, 4, RELOCATE, 4))).toEqual({ outcome: 'merged', folios: 0, skipped: 0, undone: 0 });
    expect(l.layout).toBe('[0,12)rw');
  });

  test('only what is there is counted: holes, the zero page and swapped pages', () => {
    const l = lab();
    l.map(0, 6);
    l.write(0, 2);
    l.read(3, 1);
    l.write(5, 1);
    expect(told(l.mremap(0, 6, 6, RELOCATE, 20))).toMatchObject({ outcome: 'relocated', folios: 3 });
    expect(l.pages).toBe('[20,22)a [23,24)z [25,26)a');
  });

  test('it grows and shrinks on the way', () => {
    const l = lab();
    l.mapFull(0, 4);
    expect(outcome(l.mremap(0, 4, 8, RELOCATE, 20))).toBe('@20');
    expect([l.layout, pgoff(l, 20)]).toEqual(['[20,28)rw', 20]);
    expect(outcome(l.mremap(20, 8, 2, RELOCATE, 40))).toBe('@40');
    expect([l.layout, pgoff(l, 40), l.pages]).toEqual(['[40,42)rw', 40, '[40,42)a']);
  });

  test('part of a VMA', () => {
    const l = lab();
    l.mapFull(0, 12);
    expect(told(l.mremap(4, 4, 4, RELOCATE, 20))).toMatchObject({ outcome: 'relocated', folios: 4 });
    expect([l.layout, pgoff(l, 20), pgoff(l, 8)]).toEqual(['[0,4)rw [8,12)rw [20,24)rw', 20, 8]);
  });

  test('huge pages: as one where both sides are aligned, page by page otherwise', () => {
    for (const [to, huge] of [
      [8 * PMD, 2],
      [8 * PMD + 1, 0],
    ] as const) {
      const l = lab();
      l.do({ name: 'thp', enabled: 'always' });
      l.mapFull(0, 2 * PMD);
      const r = l.mremap(0, 2 * PMD, 2 * PMD, RELOCATE, to);
      expect(told(r)).toMatchObject({ outcome: 'relocated', folios: 2 * PMD });
      expect([r.moved.huge_pmd, pgoff(l, to)]).toEqual([huge, to]);
    }
  });
});

describe('what cannot be relocated moves as usual, and MUST fails', () => {
  const CASES: [string, (l: PageLab) => void, must: string, why: string][] = [
    ['nothing was ever written', (l) => void l.map(0, 4), '@20', 'unfaulted'],
    ['a file', (l) => void l.mapFile(l.memfd(4, 1), 0, 4), 'EFAULT', 'file'],
    ['a private copy of a file', (l) => void (l.mapFile(l.memfd(4, 1), 0, 4, 0, RW, 2), l.write(0, 4)), 'EFAULT', 'file'],
    ['a child lives', (l) => void (l.mapFull(0, 4), l.fork('parent')), 'EFAULT', 'shared by a fork'],
    ['it came from a parent', (l) => void (l.mapFull(0, 4), l.fork('child')), 'EFAULT', 'shared by a fork'],
  ];
  test.each(CASES)('%s', (_, set, must, why) => {
    const l = lab();
    set(l);
    const was = pgoff(l, 0);
    expect(outcome(l.mremap(0, 4, 4, MUST, 20))).toBe(must);
    if (must === 'EFAULT') expect(l.layout).toMatch(/^\[0,4\)rw/);

    const again = lab();
    set(again);
    const r = again.mremap(0, 4, 4, RELOCATE, 20);
    expect([outcome(r), told(r)]).toEqual(['@20', { outcome: 'plain', why, folios: 0, skipped: 0, undone: 0 }]);
    // Untouched memory is counted afresh in any case.
    expect(pgoff(again, 20)).toBe(why === 'unfaulted' ? 20 : was);
  });

  test('a child that has ended is none', () => {
    const l = lab();
    l.mapFull(0, 4);
    l.fork('parent');
    l.reap();
    expect(told(l.mremap(0, 4, 4, MUST, 20))).toMatchObject({ outcome: 'relocated', folios: 4 });
  });
});

describe('a pinned page, the third of four', () => {
  const rows: [pin_policy: string, on_failure: string, flags: number, result: string, told: object, layout: string, found: boolean][] = [
    ['ignore', 'undo', RELOCATE, '@20', { outcome: 'relocated', folios: 4 }, '[20,24)rw', true],
    ['ignore', 'split', RELOCATE, '@20', { outcome: 'relocated', folios: 4 }, '[20,24)rw', true],
    ['ignore', 'undo', MUST, '@20', { outcome: 'relocated', folios: 4 }, '[20,24)rw', true],
    ['fail', 'undo', RELOCATE, '@20', { outcome: 'plain', why: 'a page is pinned', folios: 2, undone: 2 }, '[20,24)rw', true],
    ['fail', 'undo', MUST, 'EFAULT', { outcome: 'failed', why: 'a page is pinned', folios: 2, undone: 2 }, '[0,4)rw', true],
    ['fail', 'split', RELOCATE, '@20', { outcome: 'split', why: 'a page is pinned', folios: 2, undone: 0 }, '[20,22)rw [22,24)rw', true],
    ['fail', 'split', MUST, 'EFAULT', { outcome: 'failed', why: 'a page is pinned', folios: 2, undone: 2 }, '[0,4)rw', true],
    // As posted: "done", and the reverse map has lost the page.
    ['skip', 'undo', RELOCATE, '@20', { outcome: 'relocated', folios: 3, skipped: 1 }, '[20,24)rw', false],
    ['skip', 'split', RELOCATE, '@20', { outcome: 'relocated', folios: 3, skipped: 1 }, '[20,24)rw', false],
    ['skip', 'undo', MUST, '@20', { outcome: 'relocated', folios: 3, skipped: 1 }, '[20,24)rw', false],
  ];
  test.each(rows)('pin_policy=%s, on_failure=%s, flags %d: %s', (pin_policy, on_failure, flags, result, relocation, layout, found) => {
    const l = lab({ pin_policy, on_failure });
    l.mapFull(0, 4);
    pin(l, 2);
    // Not through the lab, which would have stopped at the invariant that one policy breaks.
    const r = l.machine.perform({ name: 'mremap', old_address: page(0), old_size: 4n * 4096n, new_size: 4n * 4096n, flags, new_address: page(20) });
    expect([outcome(r), l.layout]).toEqual([result, layout]);
    expect(told(r)).toMatchObject(relocation);
    const at = result === 'EFAULT' ? 0 : 20;
    expect([0, 1, 2, 3].map((i) => l.word(at + i))).toEqual([0x1000, 0x1001, 0x1002, 0x1003]);
    const check = (): void => l.machine.check();
    if (found) expect(check).not.toThrow();
    else expect(check).toThrow(/reverse map does not find page/);
  });

  test('split: the first part counts from its new address, the rest as before', () => {
    const l = lab({ pin_policy: 'fail', on_failure: 'split' });
    l.map(16, 4);
    l.mapFull(0, 4);
    pin(l, 2);
    l.mremap(0, 4, 8, RELOCATE, 20);
    expect([l.layout, pgoff(l, 22)]).toEqual(['[16,22)rw [22,28)rw', 2]);
  });

  test('split: with the first page pinned there is nothing to keep', () => {
    const l = lab({ pin_policy: 'fail', on_failure: 'split' });
    l.mapFull(0, 4);
    pin(l, 0);
    expect(told(l.mremap(0, 4, 4, RELOCATE, 20))).toMatchObject({ outcome: 'plain', folios: 0 });
  });

  const hugePinned = (policy: Readonly<Record<string, string>>, at: number): PageLab => {
    const l = lab(policy);
    l.do({ name: 'thp', enabled: 'always' });
    l.mapFull(0, 2 * PMD);
    pin(l, at);
    return l;
  };

  // A pin of one page pins its whole folio, whichever page it is; a huge page fails where a small one would be skipped.
  test.each([
    ['skip', 5, RELOCATE, { outcome: 'plain', folios: 0 }],
    ['skip', 5, MUST, { outcome: 'failed', folios: 0 }],
    ['skip', PMD + 5, RELOCATE, { outcome: 'plain', folios: PMD, undone: PMD }],
    ['skip', PMD + 5, MUST, { outcome: 'failed', folios: PMD, undone: PMD }],
    ['fail', 2 * PMD - 1, MUST, { outcome: 'failed', folios: PMD, undone: PMD }],
  ])('of a huge page: pin_policy=%s, page %d', (pin_policy, at, flags, relocated) => {
    const l = hugePinned({ pin_policy }, at);
    const r = l.mremap(0, 2 * PMD, 2 * PMD, flags, 8 * PMD);
    expect(told(r)).toMatchObject({ ...relocated, why: 'a huge page is pinned' });
    expect([outcome(r), l.layout]).toEqual(flags === MUST ? ['EFAULT', `[0,${2 * PMD})rw`] : [`@${8 * PMD}`, `[${8 * PMD},${10 * PMD})rw`]);
    l.machine.check();
  });

  test('of a huge page: with pin_policy=ignore it moves as one', () => {
    const r = hugePinned({ pin_policy: 'ignore' }, 5).mremap(0, 2 * PMD, 2 * PMD, MUST, 8 * PMD);
    expect([told(r), r.moved.huge_pmd]).toMatchObject([{ outcome: 'relocated', folios: 2 * PMD }, 2]);
  });

  test('of a huge page: split keeps the huge page before it relocated, and both whole', () => {
    const l = hugePinned({ pin_policy: 'fail', on_failure: 'split' }, PMD + 5);
    const r = l.mremap(0, 2 * PMD, 2 * PMD, RELOCATE, 8 * PMD);
    expect([told(r), r.moved.huge_pmd]).toMatchObject([{ outcome: 'split', folios: PMD }, 2]);
    expect([l.layout, pgoff(l, 8 * PMD), pgoff(l, 9 * PMD)]).toEqual([`[${8 * PMD},${9 * PMD})rw [${9 * PMD},${10 * PMD})rw`, 8 * PMD, PMD]);
  });

  test('of a large folio mapped by PTEs: skip passes over all of its pages, and over no page of the next', () => {
    const l = hugePinned({ pin_policy: 'skip' }, 5);
    const pages = BigInt(2 * PMD) * 4096n;
    const r = l.machine.perform({ name: 'mremap', old_address: page(0), old_size: pages, new_size: pages, flags: RELOCATE, new_address: page(8 * PMD + 1) });
    expect(told(r)).toMatchObject({ outcome: 'relocated', folios: PMD, skipped: PMD });
    expect(() => l.machine.check()).toThrow(/reverse map does not find page/);
  });

  test('skip: the page still counts its mapping, and the reverse map no longer finds it', () => {
    const l = lab();
    l.mapFull(0, 4);
    pin(l, 2);
    l.machine.perform({ name: 'mremap', old_address: page(0), old_size: 4n * 4096n, new_size: 4n * 4096n, flags: RELOCATE, new_address: page(20) });
    expect([l.machine.folio(A + 21)?.index, l.machine.folio(A + 22)?.index]).toEqual([A + 21, A + 2]);
    expect(l.machine.folio(A + 22)?.mapcount).toBe(1);
    expect(l.machine.rmapWalk(A + 21)?.map((v) => v.found)).toEqual([true]);
    expect(l.machine.rmapWalk(A + 22)?.some((v) => v.found)).toBe(false);
  });

  test('what was charged for growth is given back by a call that fails', () => {
    const l = lab({ pin_policy: 'fail' });
    l.mapFull(0, 4);
    pin(l, 2);
    expect(outcome(l.mremap(0, 4, 8, MUST, 20))).toBe('EFAULT');
    expect(l.committed).toBe(4);
  });
});

describe('page tables that cannot be allocated', () => {
  function shortMove(relocate_undo: string): { l: PageLab; r: OpRecord } {
    const l = lab({ relocate_undo });
    // Across a border of PTE tables: the first table can be had, the second one not.
    l.mapFull(PMD - 2, 4);
    l.do({ name: 'fail', what: 'page_table_alloc', after: 1 });
    const r = l.machine.perform({ name: 'mremap', old_address: page(PMD - 2), old_size: 4n * 4096n, new_size: 4n * 4096n, flags: RELOCATE, new_address: page(2 ** 20 + PMD - 2) });
    return { l, r };
  }

  test('whole: every page is known by its old place again', () => {
    const { l, r } = shortMove('whole');
    expect([outcome(r), told(r)]).toMatchObject(['ENOMEM', { outcome: 'failed', folios: 4, undone: 4 }]);
    expect([l.layout, l.pages, pgoff(l, PMD)]).toEqual([`[${PMD - 2},${PMD + 2})rw`, `[${PMD - 2},${PMD + 2})a`, PMD - 2]);
    l.machine.check();
  });

  test('cursor, as posted: what had moved is forgotten', () => {
    const { l, r } = shortMove('cursor');
    expect([outcome(r), told(r)]).toMatchObject(['ENOMEM', { outcome: 'failed', folios: 4, undone: 2 }]);
    expect(() => l.machine.check()).toThrow(/reverse map does not find page/);
  });
});

test('every page relocated costs, and undoing it costs again', () => {
  const l = lab({ pin_policy: 'fail' });
  l.mapFull(0, 4);
  const count = (r: OpRecord): number => costCounts(r, 0).relocate;
  expect([count(l.move(0, 4, 20)), count(l.mremap(20, 4, 4, RELOCATE, 40))]).toEqual([0, 4]);
  pin(l, 42);
  expect(count(l.mremap(40, 4, 4, RELOCATE, 60))).toBe(4);
});

test('a read-only mapping relocates like any other', () => {
  const l = lab();
  l.mapFull(0, 4);
  l.protect(0, 4, R);
  expect(told(l.mremap(0, 4, 4, RELOCATE, 20))).toMatchObject({ outcome: 'relocated', folios: 4 });
});
