/**
 * The worked examples of page-table moves, x86-64 with 4 KiB pages, all pages written: what each
 * release moves at which level. R: realigned; C: move_ptes calls; N: PTEs; A: PTE tables allocated
 * at the destination; F: TLB flushes.
 */
import { describe, expect, test } from 'vitest';
import { MREMAP } from '../../machine/index.js';
import { G, K, Lab, M, RELEASES } from './lab.js';

interface Example {
  name: string;
  old: bigint;
  to: bigint;
  length: bigint;
  /** Mapped and written, when it is not just the range that moves. */
  vma?: [bigint, bigint];
  /** Something mapped below everything. */
  below?: boolean;
  stride?: bigint;
  pre: Row;
  merged: Row;
}
type Row = [R: number, PUD: number, PMD: number, C: number, N: number, A: number, F: number];

const linus = 128n * M + M;

const EXAMPLES: Example[] = [
  { name: 'E2: the test as mailed, GB = 1 << 20', old: linus, to: 127n * M, length: 2n * M, pre: [0, 0, 0, 2, 512, 1, 2], merged: [0, 0, 0, 2, 512, 1, 2] },
  { name: 'E3: the same, far away', old: linus, to: 97n * M, length: 2n * M, below: true, pre: [0, 0, 0, 2, 512, 2, 2], merged: [1, 0, 1, 1, 256, 1, 2] },
  { name: 'E4: the same, nothing below', old: linus, to: 97n * M, length: 2n * M, pre: [0, 0, 0, 2, 512, 2, 2], merged: [1, 0, 1, 1, 256, 1, 2] },
  {
    name: 'E7: from the middle of a VMA',
    old: 0x8300000n,
    to: 0x6300000n,
    length: 2n * M,
    vma: [0x8280000n, 0x8800000n],
    pre: [0, 0, 0, 2, 512, 2, 2],
    merged: [0, 0, 0, 2, 512, 2, 2],
  },
  { name: 'E8: 5 MiB at +1 MiB, mutual', old: linus, to: 65n * M, length: 5n * M, pre: [0, 0, 2, 1, 256, 1, 3], merged: [1, 0, 3, 0, 0, 0, 3] },
  { name: 'E9: 5 MiB at +1 MiB to a PMD boundary', old: linus, to: 64n * M, length: 5n * M, pre: [0, 0, 0, 5, 1280, 3, 5], merged: [0, 0, 0, 5, 1280, 3, 5] },
  { name: 'E10: 2 GiB, both on a GiB', old: 128n * G, to: 64n * G, length: 2n * G, pre: [0, 2, 0, 0, 0, 0, 2], merged: [0, 2, 0, 0, 0, 0, 2] },
  { name: 'E11: 2 GiB at +512 MiB', old: 128n * G + 512n * M, to: 64n * G + 512n * M, length: 2n * G, pre: [0, 1, 512, 0, 0, 0, 513], merged: [0, 1, 512, 0, 0, 0, 513] },
  { name: 'E12: 2 GiB at +513 MiB', old: 128n * G + 513n * M, to: 64n * G + 513n * M, length: 2n * G, pre: [0, 1, 511, 2, 512, 2, 514], merged: [1, 1, 512, 1, 256, 1, 514] },
  {
    name: 'E13: 2 GiB, the destination one page off',
    old: 128n * G,
    to: 64n * G + 4n * K,
    length: 2n * G,
    pre: [0, 0, 0, 2048, 524288, 1025, 2048],
    merged: [0, 0, 0, 2048, 524288, 1025, 2048],
  },
  { name: 'E14: 1 GiB at +1 MiB, 4 GiB away', old: 128n * G + M, to: 124n * G + M, length: G, pre: [0, 0, 511, 2, 512, 2, 513], merged: [1, 1, 0, 1, 256, 1, 2] },
];

describe.each(RELEASES)('kernel %s', (release) => {
  test.each(EXAMPLES)('$name', (e) => {
    const lab = new Lab(release);
    if (e.below === true) lab.map(16n * M, M);
    const [start, end] = e.vma ?? [e.old, e.old + e.length];
    lab.mapFull(start, end - start);
    const record = lab.move(e.old, e.length, e.to);
    expect(record.result).toEqual({ kind: 'value', value: e.to });
    const m = record.moved;
    const row: Row = [m.realign, m.pud, m.pmd, m.move_ptes, m.pte, m.alloc_pte, m.flush];
    expect(row).toEqual(release === '6.1' ? e.pre : e.merged);
    expect([m.pmd_fail, m.pud_fail]).toEqual([0, 0]);
  });
});

/** Tables that a move empties and leaves: seen where the source stays mapped. L of pre, and of merged. */
const LEFT: Readonly<Record<string, readonly [pre: number, merged: number]>> = {
  E2: [1, 1],
  E3: [2, 1],
  E4: [2, 1],
  E7: [0, 0],
  E8: [1, 0],
  E9: [3, 3],
  E10: [0, 0],
  E11: [0, 0],
  E12: [2, 1],
  E13: [1024, 1024],
  E14: [2, 1],
};

describe.each(RELEASES)('kernel %s: empty tables left at the source', (release) => {
  test.each(EXAMPLES)('$name', (e) => {
    const lab = new Lab(release);
    if (e.below === true) lab.map(16n * M, M);
    const [start, end] = e.vma ?? [e.old, e.old + e.length];
    lab.mapFull(start, end - start);
    lab.mremap(e.old, e.length, e.length, MREMAP.MREMAP_MAYMOVE | MREMAP.MREMAP_FIXED | MREMAP.MREMAP_DONTUNMAP, e.to);
    const [from, to] = [Number(e.old / 4096n), Number((e.old + e.length) / 4096n)];
    let empty = 0;
    for (const { start: at, span, count } of lab.space.tables('pte', from, to)) {
      for (let i = 0; i < count; i++) if ([...lab.space.pages(at + i * span, at + (i + 1) * span)].length === 0) empty++;
    }
    expect(empty).toBe(LEFT[e.name.split(':')[0] ?? '']?.[release === '6.1' ? 0 : 1]);
  });
});

test('a realignment that lands on a PUD boundary carries a GiB with one entry', () => {
  const lab = new Lab('6.12');
  lab.mapFull(128n * G + M, 2n * G);
  const { moved } = lab.move(128n * G + M, 2n * G, 64n * G + M);
  expect([moved.realign, moved.pud, moved.pmd, moved.pte]).toEqual([1, 2, 0, 256]);
});

test('a populated TiB one page off is a handful of stretches, with exact counts', () => {
  const lab = new Lab('6.18', { machine: { arch: 'x86-64', memory: 2048n * G } });
  lab.mapFull(4096n * G, 1024n * G);
  const { moved, moves } = lab.move(4096n * G, 1024n * G, 8192n * G + 4n * K);
  expect(moved.pte).toBe(2 ** 28);
  expect(moved.move_ptes).toBe(2 ** 20);
  expect(moves.length).toBeLessThan(10);
});

test('zero pages in an unfaulted VMA: it merges with itself, and nothing below the range moves along', () => {
  // The numbers of the printk in the patch's review, shifted to the arena: 10 MiB, 1 MiB moved 3 MiB up inside it.
  for (const release of RELEASES) {
    const lab = new Lab(release);
    lab.map(0x7f1f985f7000n, 10n * M);
    lab.read(0x7f1f985f7000n, 10n * M);
    const { moved } = lab.move(0x7f1f987f7000n, M, 0x7f1f98af7000n);
    expect([moved.realign, moved.move_ptes, moved.pte, moved.alloc_pte]).toEqual([0, 2, 256, 0]);
    expect(lab.vmas).toEqual(['7f1f985f7000-7f1f987f7000 rw-p', '7f1f988f7000-7f1f98ff7000 rw-p']);
  }
});
