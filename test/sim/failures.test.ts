/** When there is no memory for a table or a VMA: the short move, the move back, what is left. */
import { describe, expect, test } from 'vitest';
import { MREMAP } from '../../machine/index.js';
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
});
