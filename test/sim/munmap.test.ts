/** munmap(2): which ranges it takes, where it cuts, and what nobody may cut. */
import { describe, expect, test } from 'vitest';
import { Place } from '../../conform/place.js';
import { X86_64_4_LEVELS } from '../../sim/arch/geometries.js';
import { A, checkOf, Lab, outcome, PageLab, R, RELEASES, valueOf, page } from './lab.js';

const TOP = 2 ** 35 - 1 - A;

describe('the range', () => {
  const ROWS: [what: string, at: number, pages: number, expected: string][] = [
    ['up to the end of the address space', TOP - 2, 2, 'ok'],
    ['a page further', TOP - 2, 3, 'EINVAL munmap.range'],
    ['from its end on', TOP, 1, 'EINVAL munmap.range'],
    ['from beyond its end on', TOP + 1, 1, 'EINVAL munmap.range'],
    ['all of it', -A, TOP + A, 'ok'],
    ['nothing', 0, 0, 'EINVAL munmap.empty'],
    ['what is not mapped', 50, 10, 'ok'],
  ];
  test.each(ROWS)('%s', (_, at, pages, expected) => {
    const p = new PageLab();
    p.map(0, 4);
    p.map(TOP - 4, 4);
    const record = p.unmap(at, pages);
    expect(outcome(record) === 'ok' ? 'ok' : `${outcome(record)} ${checkOf(record)}`).toBe(expected);
  });
});

describe('cutting', () => {
  const ROWS: [at: number, pages: number, layout: string, text: string][] = [
    [0, 12, '', 'unmapped 3 VMAs'],
    [0, 4, '[4,8)r [8,12)rw', 'unmapped a VMA'],
    [2, 4, '[0,2)rw [6,8)r [8,12)rw', 'unmapped 2 VMAs'],
    [5, 2, '[0,4)rw [4,5)r [7,8)r [8,12)rw', 'unmapped a VMA'],
    [3, 6, '[0,3)rw [9,12)rw', 'unmapped 3 VMAs'],
  ];
  test.each(ROWS)('from %d on, %d pages', (at, pages, layout, text) => {
    for (const release of RELEASES) {
      const p = new PageLab(release);
      p.mapFull(0, 4);
      p.map(4, 4, R);
      p.mapFull(8, 4);
      const record = p.unmap(at, pages);
      expect([p.layout, record.steps.at(-1)?.text]).toEqual([layout, text]);
      expect(p.space.usage.totalVm).toBe(12 - pages);
      for (const vma of p.space.vmas()) if (vma.perms === 'rw-p') expect(p.word(vma.start - A)).toBe(0x1000 + ((vma.start - A) % 8));
    }
  });
});

test('a special mapping goes whole or not at all', () => {
  const vdso = new Place(X86_64_4_LEVELS, 2).vdso;
  const open = (): Lab => new Lab('6.18', { layout: new Place(X86_64_4_LEVELS, 2).layout });
  for (const [addr, length] of [
    [vdso, 4096n],
    [vdso + 4096n, 4096n],
  ] as const) {
    const lab = open();
    const before = lab.space.mapCount;
    expect(checkOf(lab.unmap(addr, length))).toBe('split.special');
    expect(lab.space.mapCount).toBe(before);
  }
  expect(valueOf(open().unmap(vdso, 8192n))).toBe(0n);
});

test('what is in the way of a move goes by the same rules', () => {
  const p = new PageLab();
  p.mapFull(0, 4);
  p.map(20, 8, R);
  expect(valueOf(p.move(0, 4, 22))).toBe(page(22));
  expect(p.layout).toBe('[20,22)r [22,26)rw [26,28)r');
});
