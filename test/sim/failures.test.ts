/** When there is no memory for a table or a VMA: the short move, the move back, what is left. */
import { describe, expect, test } from 'vitest';
import { MREMAP, PROT } from '../../machine/index.js';
import { checkOf, G, K, Lab, M, RELEASES } from './lab.js';

const A = 1n << 40n;
const B = A + 64n * G;

describe.each(RELEASES)('kernel %s', (release) => {
  const filled = (length: bigint): Lab => {
    const lab = new Lab(release);
    lab.mapFull(A, length);
    return lab;
  };

  test.each([0, 1, 2, 3, 4])('the table after %i fails: ENOMEM, and everything is where it was', (after) => {
    const lab = filled(8n * M);
    const before = JSON.stringify([[...lab.space.vmas()], [...lab.space.pages()]], (_, v: unknown) => (typeof v === 'bigint' ? `${v}` : v));
    lab.do({ name: 'fail', what: 'page_table_alloc', after });
    const record = lab.move(A, 8n * M, B + 4n * K);
    expect(checkOf(record)).toBe('mremap.page_tables');
    expect(record.moved.moveback).toBe(1);
    expect(record.moved.calls).toBe(after < 2 ? 1 : 2);
    expect(JSON.stringify([[...lab.space.vmas()], [...lab.space.pages()]], (_, v: unknown) => (typeof v === 'bigint' ? `${v}` : v))).toBe(before);
  });

  test('a failure that is never reached changes nothing', () => {
    const lab = filled(8n * M);
    lab.do({ name: 'fail', what: 'page_table_alloc', after: 100 });
    expect(checkOf(lab.move(A, 8n * M, B + 4n * K))).toBeNull();
    expect(lab.byte(B + 4n * K + 1n)).toBe(0x10);
  });

  test('tables moved whole go back whole', () => {
    const lab = filled(2n * G + 8n * M);
    lab.do({ name: 'fail', what: 'page_table_alloc', after: 0 });
    const record = lab.move(A, 2n * G + 8n * M, B);
    expect(checkOf(record)).toBe('mremap.page_tables');
    expect(record.moved.pud).toBe(4);
    expect(lab.byte(A + 1n)).toBe(0x10);
  });

  test('a destination that MREMAP_FIXED unmapped stays unmapped', () => {
    const lab = filled(8n * M);
    lab.map(B, 8n * M);
    lab.do({ name: 'fail', what: 'page_table_alloc', after: 0 });
    expect(checkOf(lab.move(A, 8n * M, B))).toBe('mremap.page_tables');
    expect([...lab.space.vmas()]).toHaveLength(1);
  });

  test('growth that falls short stays charged: nothing gives it back', () => {
    const lab = filled(4n * M);
    lab.map(A + 4n * M, M);
    lab.do({ name: 'fail', what: 'page_table_alloc', after: 0 });
    expect(checkOf(lab.mremap(A, 4n * M, 6n * M, MREMAP.MREMAP_MAYMOVE | MREMAP.MREMAP_FIXED, B))).toBe('mremap.page_tables');
  });

  test('no memory for the VMA of the destination', () => {
    const lab = filled(4n * M);
    lab.do({ name: 'fail', what: 'vma_alloc', after: 0 });
    expect(checkOf(lab.move(A, 4n * M, B))).toBe('mremap.vma_alloc');
    expect(lab.byte(A + 1n)).toBe(0x10);
  });

  test('nor for the VMA of growth that moves: nothing is charged', () => {
    const lab = filled(4n * M);
    lab.map(A + 4n * M, M);
    const before = lab.committed;
    lab.do({ name: 'fail', what: 'vma_alloc', after: 0 });
    expect(checkOf(lab.mremap(A, 4n * M, 6n * M, MREMAP.MREMAP_MAYMOVE))).toBe('mremap.vma_alloc');
    expect(lab.committed).toBe(before);
  });

  test('a failed DONTUNMAP leaves one mapping, charged once, with its lock', () => {
    const lab = filled(4n * M);
    lab.do({ name: 'mlock', addr: A, length: 4n * M });
    const before = [lab.committed, lab.space.usage.lockedVm, [...lab.space.vmas()].map((v) => [v.start, v.end, v.vmFlags])];
    lab.do({ name: 'fail', what: 'page_table_alloc', after: 2 });
    expect(checkOf(lab.mremap(A, 4n * M, 4n * M, MREMAP.MREMAP_MAYMOVE | MREMAP.MREMAP_FIXED | MREMAP.MREMAP_DONTUNMAP, B + 4n * K))).toBe('mremap.page_tables');
    expect([lab.committed, lab.space.usage.lockedVm, [...lab.space.vmas()].map((v) => [v.start, v.end, v.vmFlags])]).toEqual(before);
  });

  test.each([0, 1])('DONTUNMAP of locked memory cuts it first, up to 6.14: cut %i fails', (after) => {
    const lab = filled(4n * M);
    lab.do({ name: 'mlock', addr: A, length: 4n * M });
    lab.do({ name: 'fail', what: 'vma_alloc', after });
    const record = lab.mremap(A + M, M, M, MREMAP.MREMAP_MAYMOVE | MREMAP.MREMAP_FIXED | MREMAP.MREMAP_DONTUNMAP, B);
    if (release === '6.18') {
      // One VMA is made, the destination's.
      expect(checkOf(record)).toBe(after === 0 ? 'mremap.vma_alloc' : null);
      return;
    }
    expect(checkOf(record)).toBe('split.vma_alloc');
    expect([...lab.space.vmas()].map((v) => [v.start, v.end].map((at) => (BigInt(at) * 4096n - A) / M))).toEqual(
      after === 0
        ? [[0n, 4n]]
        : [
            [0n, 1n],
            [1n, 4n],
          ],
    );
  });

  test('the way back locks the reverse map, and begins where it was asked to', () => {
    const lab = filled(6n * M);
    lab.do({ name: 'fail', what: 'page_table_alloc', after: 2 });
    const record = lab.move(A + M, 4n * M, B + M);
    expect([checkOf(record), record.moved.rmap, record.moved.realign]).toEqual(['mremap.page_tables', 1, 0]);
  });

  test.each([
    [1, [[0n, 4n]]],
    [
      2,
      [
        [0n, 1n],
        [1n, 4n],
      ],
    ],
  ])('a source that cannot be cut out, which nobody is told: both ranges stay, and nothing gives the charge back (cut %i)', (after, left) => {
    const lab = filled(4n * M);
    const before = lab.committed;
    lab.do({ name: 'fail', what: 'vma_alloc', after });
    expect(checkOf(lab.move(A + M, M, B))).toBeNull();
    const vmas = [...lab.space.vmas()];
    expect(vmas.slice(0, -1).map((v) => [v.start, v.end].map((at) => (BigInt(at) * 4096n - A) / M))).toEqual(left);
    expect(vmas.map((v) => v.vmFlags.split(' ').includes('ac'))).toEqual([...left.map(() => false), true]);
    expect([lab.byte(A + 1n), lab.byte(A + M + 1n), lab.byte(B + 1n)]).toEqual([0x10, undefined, 0x11]);
    expect(lab.committed).toBe(before + 256);
    lab.unmap(A, 4n * M);
    lab.unmap(B, M);
    expect(lab.committed).toBe(before);
  });

  test('of memory that was never charged; since 6.15 it is charged all the same', () => {
    const lab = new Lab(release);
    lab.map(A, 4n * M, PROT.PROT_READ);
    lab.do({ name: 'fail', what: 'vma_alloc', after: 1 });
    expect(checkOf(lab.move(A + M, M, B))).toBeNull();
    expect(lab.committed).toBe(release === '6.18' ? 256 : 0);
  });

  test.each([
    [0, [[0n, 4n]]],
    [
      1,
      [
        [0n, 1n],
        [1n, 4n],
      ],
    ],
  ])('munmap of the middle: cut %i fails', (after, left) => {
    const lab = filled(4n * M);
    lab.do({ name: 'fail', what: 'vma_alloc', after });
    expect(checkOf(lab.unmap(A + M, M))).toBe('split.vma_alloc');
    expect([...lab.space.vmas()].map((v) => [v.start, v.end].map((at) => (BigInt(at) * 4096n - A) / M))).toEqual(left);
    expect(lab.byte(A + M + 1n)).toBe(0x11);
  });
});

describe('the source that cannot be unmapped, for want of a VMA: both ranges stay, and nobody is told', () => {
  // A hole in the middle takes two splits, after the one VMA of the copy.
  test.each(RELEASES.flatMap((release) => [[release, 1] as const, [release, 2] as const]))('kernel %s, the allocation after %i', (release, after) => {
    const lab = new Lab(release);
    lab.mapFull(A, 8n * M);
    lab.do({ name: 'fail', what: 'vma_alloc', after });
    const record = lab.move(A + 2n * M, 4n * M, B);
    expect([checkOf(record), record.moved.moveback]).toEqual([null, 0]);
    // The pages have moved; the mapping they left is there, split as far as that went.
    expect(lab.byte(B + 1n)).toBe(0x12);
    expect(lab.byte(A + 2n * M + 1n)).toBeUndefined();
    const left = [...lab.space.vmas(0, Number((A + 8n * M) / 4096n))];
    expect(left).toHaveLength(after);
    expect(left.some((v) => v.vmFlags.split(' ').includes('ac'))).toBe(false);
    // 2048 pages were charged, and the 1024 of the range that stays are charged again; unmapping it gives none of that back.
    expect(lab.committed).toBe(2048 + 1024);
    lab.unmap(A, 8n * M);
    expect(lab.committed).toBe(2048 + 1024);
  });
});

describe('the way back of watched memory', () => {
  const EXPECTED: [release: string, warns: boolean, refused: number][] = [
    // Tried at three whole PMDs on the way out, of which the third finds no table, and at two on the way back, where their tables are still there.
    ['6.1', true, 5],
    ['6.12', false, 0],
    ['6.16', true, 5],
    ['6.17', false, 5],
    ['6.18', false, 5],
    ['7.3', false, 5],
  ];
  test.each(EXPECTED)('kernel %s WARNs: %s', (release, warns, refused) => {
    const lab = new Lab(release);
    lab.map(A, 8n * M);
    lab.do({ name: 'userfaultfd', features: [] });
    lab.do({ name: 'uffd_register', addr: A, length: 8n * M, mode: 'WP' });
    lab.write(A, 8n * M);
    lab.do({ name: 'fail', what: 'page_table_alloc', after: 3 });
    const record = lab.move(A, 8n * M, B);
    expect([checkOf(record), record.moved.moveback, record.moved.pmd, record.moved.pmd_fail]).toEqual(['mremap.page_tables', 1, 0, refused]);
    expect(record.log.some((l) => l.startsWith('WARNING'))).toBe(warns);
    expect(lab.byte(A + 1n)).toBe(0x10);
  });

  test('kernel 6.7, before the write protection was cleared: the tables move whole, and keep it', () => {
    const lab = new Lab('6.7');
    lab.map(A, 8n * M);
    lab.do({ name: 'userfaultfd', features: [] });
    lab.do({ name: 'uffd_register', addr: A, length: 8n * M, mode: 'WP' });
    lab.write(A, 8n * M);
    lab.do({ name: 'uffd_writeprotect', addr: A, length: 8n * M, protect: true });
    expect(lab.move(A, 8n * M, B).moved).toMatchObject({ pmd: 4, pmd_fail: 0, pte: 0 });
    // Nobody watches the copy: whoever registers it next finds pages protected that it never protected.
    lab.do({ name: 'uffd_register', addr: B, length: 8n * M, mode: 'WP' });
    expect(lab.write(B, 4096n).events.map((e) => e.event)).toEqual(['fault-wp']);
  });
});
