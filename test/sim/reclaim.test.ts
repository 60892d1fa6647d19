/** Pages in swap, migrated pages and pages that KSM merged: what a move does with them, and what becomes of them. */
import { describe, expect, test } from 'vitest';
import { MADV } from '../../machine/index.js';
import { K, Lab, M, RELEASES, valueOf } from './lab.js';

const A = 256n * M;
const B = 512n * M;
const P = 4n * K;
const kinds = (lab: Lab): string => [...lab.space.pages()].map((r) => `${r.count}${r.kind}`).join(' ');

describe.each(RELEASES)('kernel %s', (release) => {
  const filled = (pages: bigint): Lab => {
    const lab = new Lab(release);
    lab.mapFull(A, pages * P);
    return lab;
  };

  test('a swapped page leaves an entry behind, and comes back with what it held', () => {
    const lab = filled(8n);
    expect(valueOf(lab.do({ name: 'swap_out', addr: A + 2n * P, length: 4n * P }))).toBe(4n);
    expect(kinds(lab)).toBe('2a 4S 2a');
    expect(lab.space.usage.rss).toBe(4);
    expect(lab.byte(A + 3n * P)).toBeUndefined();
    expect(valueOf(lab.do({ name: 'peek', addr: A + 3n * P }))).toBe(3n);
    expect(lab.space.usage.rss).toBe(5);
  });

  test('swapped entries move like pages, without a flush', () => {
    const lab = filled(8n);
    lab.do({ name: 'swap_out', addr: A, length: 8n * P });
    const { moved } = lab.move(A, 8n * P, B + P);
    expect([moved.pte, moved.flush]).toEqual([8, 0]);
    expect(kinds(lab)).toBe('8S');
    expect(valueOf(lab.do({ name: 'peek', addr: B + P + 5n * P }))).toBe(5n);
  });

  test('swapped pages are forgotten with their mapping', () => {
    const lab = filled(8n);
    lab.do({ name: 'swap_out', addr: A, length: 8n * P });
    lab.unmap(A, 8n * P);
    expect([kinds(lab), lab.space.usage.rss]).toEqual(['', 0]);
  });

  test('only what is present and anonymous goes to swap, and goes once', () => {
    const lab = filled(4n);
    lab.map(A + 4n * P, 4n * P);
    lab.read(A + 4n * P, 4n * P);
    const out = () => valueOf(lab.do({ name: 'swap_out', addr: A, length: 8n * P }));
    expect([out(), out(), kinds(lab)]).toEqual([4n, 0n, '4S 4z']);
  });

  test('memory that KSM may merge and has not moves as it is', () => {
    const lab = filled(4n);
    lab.do({ name: 'madvise', addr: A, length: 4n * P, advice: MADV.MADV_MERGEABLE });
    const frames = (): (number | null)[] => [...lab.space.pages()].map((r) => r.pfn);
    const before = frames();
    expect(lab.move(A, 4n * P, B).faults).toEqual({ read: 0, write: 0 });
    expect(frames()).toEqual(before);
  });

  test('MADV_UNMERGEABLE parts what KSM merged; other advice does not', () => {
    const lab = new Lab(release);
    lab.map(A, 4n * P);
    lab.write(A, 4n * P, 7n, 4096n);
    lab.do({ name: 'memset', addr: A, length: 4n * P, byte: 5 });
    const advise = (advice: number) => lab.do({ name: 'madvise', addr: A, length: 4n * P, advice });
    advise(MADV.MADV_MERGEABLE);
    expect(valueOf(lab.do({ name: 'ksm_scan' }))).not.toBe(0n);
    expect(advise(MADV.MADV_DONTDUMP).faults.write).toBe(0);
    expect(advise(MADV.MADV_UNMERGEABLE).faults.write).toBe(4);
    expect(new Set([...lab.space.pages()].map((r) => r.pfn)).size).toBe(1);
    expect([...lab.space.pages()].reduce((n, r) => n + r.count, 0)).toBe(4);
    expect(lab.byte(A + 3n * P)).toBe(5);
  });

  test('locked pages are not swapped', () => {
    const lab = filled(8n);
    lab.do({ name: 'mlock', addr: A, length: 8n * P });
    expect(valueOf(lab.do({ name: 'swap_out', addr: A, length: 8n * P }))).toBe(0n);
  });

  test('a migrated page has another frame and the same contents', () => {
    const lab = filled(4n);
    const frames = (): (number | null)[] => [...lab.space.pages()].map((r) => r.pfn);
    const before = frames();
    lab.do({ name: 'migrate', addr: A, length: 4n * P });
    expect(frames()).not.toEqual(before);
    expect(lab.byte(A + 2n * P)).toBe(2);
  });

  test('like pages become one, a store parts them again', () => {
    const lab = new Lab(release);
    lab.map(A, 8n * P);
    lab.do({ name: 'memset', addr: A, byte: 7, length: 8n * P });
    lab.do({ name: 'madvise', addr: A, length: 8n * P, advice: MADV.MADV_MERGEABLE });
    expect(valueOf(lab.do({ name: 'ksm_scan' }))).toBe(8n);
    expect(kinds(lab)).toBe('8A');
    lab.do({ name: 'poke', addr: A + 3n * P, byte: 9 });
    expect(kinds(lab)).toBe('3A 1a 4A');
    expect([lab.byte(A + 2n * P), lab.byte(A + 3n * P), lab.byte(A + 3n * P + 1n)]).toEqual([7, 9, 7]);
  });

  test('pages of different contents stay apart', () => {
    const lab = filled(8n);
    lab.do({ name: 'madvise', addr: A, length: 8n * P, advice: MADV.MADV_MERGEABLE });
    expect(valueOf(lab.do({ name: 'ksm_scan' }))).toBe(0n);
  });

  test('a move gives merged pages frames of their own first', () => {
    const lab = new Lab(release);
    lab.map(A, 8n * P);
    lab.do({ name: 'memset', addr: A, byte: 7, length: 8n * P });
    lab.do({ name: 'madvise', addr: A, length: 8n * P, advice: MADV.MADV_MERGEABLE });
    lab.do({ name: 'ksm_scan' });
    const { moved } = lab.move(A, 8n * P, B);
    expect(moved.pte).toBe(8);
    expect(kinds(lab)).toBe('8a');
    expect(lab.byte(B + 5n * P)).toBe(7);
  });

  test('merged pages survive a fork and go with the last mapping', () => {
    const lab = new Lab(release);
    lab.map(A, 8n * P);
    lab.do({ name: 'memset', addr: A, byte: 7, length: 8n * P });
    lab.do({ name: 'madvise', addr: A, length: 8n * P, advice: MADV.MADV_MERGEABLE });
    lab.do({ name: 'ksm_scan' });
    lab.do({ name: 'fork', follow: 'child' });
    lab.unmap(A, 8n * P);
    expect(lab.space.usage.rss).toBe(0);
  });
});
