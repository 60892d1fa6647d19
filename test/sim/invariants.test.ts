/** The model's own rules: a machine that works keeps them, and check() names the one that a broken machine breaks. */
import { describe, expect, test } from 'vitest';
import { InvariantViolation } from '../../machine/index.js';
import type { Mm } from '../../sim/vma/mm.js';
import type { VmArea } from '../../sim/vma/vm-area.js';
import { VM } from '../../sim/vma/vm-flags.js';
import { A, PageLab, PMD, PUD, RELEASES } from './lab.js';

/** [0,4) and [PMD,PMD+1) written, [8,10) untouched: seven pages, all of them charged. */
function sound(release: string): Mm {
  const p = new PageLab(release);
  p.mapFull(0, 4);
  p.map(8, 2);
  p.mapFull(PMD, 1);
  return p.machine['mm'];
}

function at(mm: Mm, n: number): VmArea {
  const vma = mm.lookup(A + n);
  if (vma === undefined) throw new Error(`page ${n} is not mapped`);
  return vma;
}

/** Behind the back of everything that keeps count. */
const change = (mm: Mm, n: number, to: Partial<VmArea>): void => void mm.vmas.set(at(mm, n).start, { ...at(mm, n), ...to });
const entryTo = (mm: Mm, to: number): number => mm.pageTables.moveEntries(A, A + to, 1);

/** One page less mapped than before, and all counters right. */
function shorten(mm: Mm, to: Partial<VmArea>): void {
  const vma = at(mm, 0);
  mm.vmas.delete(vma.start);
  mm.vmas.set(to.start ?? vma.start, { ...vma, ...to });
  mm.account(vma.flags, -1);
  mm.committed -= 1;
}

const BROKEN: [what: string, breaks: (mm: Mm) => unknown, says: RegExp][] = [
  ['a VMA under another start than its own', (mm) => mm.vmas.set(A + 20, at(mm, 8)), /overlap or are out of order at page/],
  ['two VMAs that overlap', (mm) => change(mm, 0, { end: A + 9 }), /overlap or are out of order at page/],
  ['a VMA of no pages', (mm) => change(mm, 8, { end: A + 8 }), /overlap or are out of order at page/],
  ['an anon_vma outside its chain', (mm) => change(mm, 0, { chain: [] }), /anon_vma is not in its chain/],
  ['an anon_vma that was freed', (mm) => change(mm, 8, { anonVma: 99, chain: [99] }), /anon_vma was freed/],
  ['total_vm too small', (mm) => (mm.totalVm -= 1), /^total_vm is 6, the VMAs hold 7 pages/],
  ['total_vm too large', (mm) => (mm.totalVm += 1), /^total_vm is 8/],
  ['data_vm too small', (mm) => (mm.dataVm -= 1), /^data_vm is 6, the VMAs hold 7/],
  ['pages not charged', (mm) => (mm.committed -= 1), /^6 pages are charged, the VMAs hold 7/],
  ['a charge that nobody can account for', (mm) => (mm.committed += 1), /^8 pages are charged/],
  ['locked pages not counted', (mm) => change(mm, 8, { flags: at(mm, 8).flags | VM.LOCKED }), /^locked_vm is 0, the VMAs hold 2 locked pages/],
  ['present pages not counted', (mm) => (mm.rss -= 1), /^rss is 4, 5 pages are present/],
  ['a page that the reverse map looks for elsewhere', (mm) => change(mm, 0, { anonPgoff: A + 1 }), /the reverse map does not find page \d+: index \d+, the VMA says \d+/],
  ['a page of an anon_vma that its VMA does not have', (mm) => change(mm, 0, { anonVma: null, chain: [] }), /the reverse map does not find page/],
  ['a page where nothing is mapped', (mm) => entryTo(mm, 12), new RegExp(`^page ${A + 12} is present outside every VMA`)],
  ['a page right behind a VMA', (mm) => entryTo(mm, 10), new RegExp(`^page ${A + 10} is present outside every VMA`)],
  ['a run of pages that ends behind its VMA', (mm) => shorten(mm, { end: A + 3 }), new RegExp(`^page ${A + 3} is present outside every VMA`)],
  ['a run of pages that begins before its VMA', (mm) => shorten(mm, { start: A + 1, pgoff: A + 1 }), new RegExp(`^page ${A} is present outside every VMA`)],
  ['an entry without a table', (mm) => mm.pageTables.free(0, A / PMD, A / PMD + 1), /have no table of pte entries above them/],
  ['a table of PTEs without one above it', (mm) => mm.pageTables.free(1, A / PUD, A / PUD + 1), /have no table of pmd entries above them/],
  ['a table of PMD entries without one above it', (mm) => mm.pageTables.free(2, A / (512 * PUD), A / (512 * PUD) + 1), /have no table of pud entries above them/],
  ['a huge entry where a table is', (mm) => mm.pageTables.setHuge(A + PMD, 1, { pfn: 2 ** 30 }), /a huge entry and a table stand in the same place/],
  ['a huge entry without a table above it', (mm) => mm.pageTables.setHuge(A + 5 * PUD, 1, { pfn: 2 ** 30 }), /have no table of pmd entries above them/],
];

describe.each(RELEASES)('kernel %s', (release) => {
  test('a sound machine passes', () => {
    expect(() => sound(release).check()).not.toThrow();
  });

  test.each(BROKEN)('%s is found', (_, breaks, says) => {
    const mm = sound(release);
    breaks(mm);
    expect(() => mm.check()).toThrow(InvariantViolation);
    expect(() => mm.check()).toThrow(says);
  });

  test.each<[string, number, number, RegExp]>([
    ['of PTEs', 0, A / PMD + 512, /pages \[\d+, \d+\) have no table of pte entries above them/],
    ['of PMD entries', 1, A / PUD + 1, /pages \[\d+, \d+\) have no table of pmd entries above them/],
  ])('pages that go on into a table %s that is missing', (_, level, index, says) => {
    const p = new PageLab(release);
    p.mapFull(PUD - 2, 4);
    p.machine['mm'].pageTables.free(level, index, index + 1);
    expect(() => p.machine['mm'].check()).toThrow(says);
  });

  test('more pages locked than there are', () => {
    const mm = sound(release);
    mm.lockedVm += 1;
    expect(() => mm.check()).toThrow(/^locked_vm is 1, the VMAs hold 0/);
    // Such as DONTUNMAP counts twice since v6.15.
    mm.lockedForNothing += 1;
    expect(() => mm.check()).not.toThrow();
  });

  test('pages that a failed move was charged for are accounted for', () => {
    const mm = sound(release);
    mm.committed += 3;
    mm.chargedForNothing += 3;
    expect(() => mm.check()).not.toThrow();
  });

  test('a VMA that is taken out twice', () => {
    const mm = sound(release);
    const vma = at(mm, 8);
    mm.remove(vma);
    expect(() => mm.remove(vma)).toThrow(/^no VMA starts at page/);
    expect(() => mm.replace([vma], [])).toThrow(InvariantViolation);
  });
});
