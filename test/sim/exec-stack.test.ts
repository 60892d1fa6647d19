/** The stack that execve moves: the overlapping move within one VMA, the WARN, and who realigns it. */
import { describe, expect, test } from 'vitest';
import { checkOf, K, Lab, M, RELEASES, valueOf } from './lab.js';

const PMD = 2n * M;
/** The numbers of the mail of 25 March 2023: 0x201000 bytes from 0x1fff000 down by 2 MiB. */
const START = 0x1fff000n;
const END = 0x2200000n;

const shift = (lab: Lab, by = PMD, start = START, end = END) => lab.do({ name: 'exec_stack', start, end, shift: by });

function columns(lab: Lab): number[] {
  const { moved } = shift(lab);
  return [moved.realign, moved.pud, moved.pmd, moved.pmd_fail, moved.move_ptes, moved.pte, moved.alloc_pte, moved.flush];
}

describe('E1: R, PUD, PMD, W, C, N, A, F', () => {
  test('6.1 moves a page, is refused the PMD, and moves 512 more', () => {
    expect(columns(new Lab('6.1'))).toEqual([0, 0, 0, 1, 2, 513, 1, 2]);
  });
  test.each(['6.12', '6.18'])('%s starts lower and moves two PMDs', (release) => {
    expect(columns(new Lab(release))).toEqual([1, 0, 2, 0, 0, 0, 0, 2]);
  });
  test.each([
    ['6.3', [0, 0, 0, 1, 2, 513, 1, 2]],
    ['6.7', [1, 0, 2, 0, 0, 0, 0, 2]],
    ['6.15', [1, 0, 2, 0, 0, 0, 0, 2]],
    ['6.16', [1, 0, 2, 0, 0, 0, 0, 2]],
    ['6.17', [1, 0, 2, 0, 0, 0, 0, 2]],
  ] as const)('%s, derived', (release, row) => {
    expect(columns(new Lab(release))).toEqual(row);
  });
  test.each([
    ['none', 1],
    ['v2', 0],
    ['v3', 1],
    ['linus_review', 0],
    ['pud', 0],
    ['merged', 0],
  ] as const)('realign=%s: %i lines in the kernel log', (realign, lines) => {
    const lab = new Lab({ release: '6.12', behaviours: { realign } });
    lab.map(M, M);
    const record = shift(lab);
    expect(record.log).toHaveLength(lines);
    expect(record.strays).toEqual([]);
    // Once since boot.
    expect(shift(lab, PMD, START - 16n * M + 64n * M, END - 16n * M + 64n * M).log).toEqual([]);
  });
  test('the path says who would not realign it, and why', () => {
    const told = (realign: string) => {
      const lab = new Lab({ release: '6.12', behaviours: { realign } });
      lab.map(M, M);
      return shift(lab).steps.map((s) => s.text);
    };
    expect(told('v3')).toContain('no realignment: the stack moves within one VMA');
    expect(told('v3')).toContain('the destination PMD entry is taken: going on one level below');
    expect(told('merged')).toContain('the PMD boundary lies in the stack itself');
    expect(told('v2')).toContain('the PMD boundary lies in the VMA of the source itself');
  });
  test('the second posting does so where something is mapped below', () => {
    const lab = new Lab({ release: '6.1', behaviours: { realign: 'v2' } });
    lab.map(M, M);
    expect(columns(lab)).toEqual([1, 0, 2, 0, 0, 0, 0, 2]);
  });
  test('the second posting takes a missing neighbour for one in the way', () => {
    expect(columns(new Lab({ release: '6.1', behaviours: { realign: 'v2' } }))).toEqual([0, 0, 0, 1, 2, 513, 1, 2]);
  });
  test('the third posting leaves the stack as it was', () => {
    const lab = new Lab({ release: '6.1', behaviours: { realign: 'v3' } });
    lab.map(M, M);
    expect(columns(lab)).toEqual([0, 0, 0, 1, 2, 513, 1, 2]);
  });
  test('what was proposed in the review asks for nothing below', () => {
    expect(columns(new Lab({ release: '6.1', behaviours: { realign: 'linus_review' } }))).toEqual([1, 0, 2, 0, 0, 0, 0, 2]);
  });
});

test('through mremap the same numbers overlap by a page, on every release', () => {
  for (const release of RELEASES) {
    const lab = new Lab(release);
    lab.mapFull(START, END - START);
    expect(checkOf(lab.move(START, END - START, START - PMD))).toBe('mremap.overlap');
  }
});

describe.each(RELEASES)('kernel %s', (release) => {
  test('the stack arrives whole, its page offset stays', () => {
    const lab = new Lab(release);
    const record = shift(lab);
    expect(valueOf(record)).toBe(END - PMD);
    const [vma] = [...lab.space.vmas()];
    expect([vma?.start, vma?.end, vma?.pgoff]).toEqual([Number((START - PMD) / 4096n), Number((END - PMD) / 4096n), Number(START / 4096n)]);
    expect(lab.space.usage.rss).toBe(513);
    expect(record.log.length).toBe(release === '6.1' ? 1 : 0);
  });

  test('not where something else is mapped in between', () => {
    const lab = new Lab(release);
    lab.map(START - M, 4n * K);
    expect(checkOf(shift(lab))).toBe('exec_stack.in_the_way');
  });

  test('by a distance that is no multiple of a PMD: page by page, no WARN', () => {
    const { moved, log } = shift(new Lab(release), 2n * PMD + 4n * K);
    expect([moved.pmd, moved.pmd_fail, moved.pte]).toEqual([0, 0, 513]);
    expect(log).toEqual([]);
  });

  test('by nothing at all', () => {
    expect(shift(new Lab(release), 0n).moved.calls).toBe(0);
  });
});
