/**
 * Pages that somebody else holds: what a pin keeps alive, and what it keeps from happening. Marked
 * `6.18` are answers that a running 6.18.44 gave to the same calls, the pins taken by io_uring's
 * registered buffers; the frames were compared through /proc/self/pagemap and /proc/kpagecount.
 */
import { describe, expect, test } from 'vitest';
import { MADV, MAP } from '../../machine/index.js';
import { K, Lab, M, R, RELEASES, valueOf } from './lab.js';

const A = 256n * M;
const B = 512n * M;
const P = 4n * K;
const BLOCK = 2n * M;

describe.each(RELEASES)('kernel %s', (release) => {
  const filled = (pages: bigint): Lab => {
    const lab = new Lab(release);
    lab.mapFull(A, pages * P);
    return lab;
  };
  const pin = (lab: Lab, addr: bigint, length = P): bigint | null => valueOf(lab.do({ name: 'pin', addr, length }));
  const unpin = (lab: Lab, addr: bigint, length = P): bigint | null => valueOf(lab.do({ name: 'unpin', addr, length }));
  const folio = (lab: Lab, at: bigint) => lab.machine.folio(Number(at / P));
  const pfn = (lab: Lab, at: bigint): number | undefined => folio(lab, at)?.pfn;
  const errnoOf = (lab: Lab, op: Parameters<Lab['do']>[0]): string => {
    const { result } = lab.do(op);
    return result.kind === 'errno' ? `${result.errno} ${result.refusal.check}` : 'none';
  };

  test('a pin of a small folio counts 1024 references', () => {
    const lab = filled(4n);
    expect(pin(lab, A, 2n * P)).toBe(2n);
    expect(folio(lab, A)).toMatchObject({ pins: 1, mapcount: 1, refcount: 1025, exclusive: true });
    pin(lab, A);
    expect(folio(lab, A)).toMatchObject({ pins: 2, refcount: 2049 });
    expect(folio(lab, A + 2n * P)).toMatchObject({ pins: 0, refcount: 1 });
  });

  test('a pin faults in what is not there yet, from the page of its first byte to that of its last', () => {
    const lab = new Lab(release);
    lab.map(A, 4n * P);
    expect(pin(lab, A + P + 8n, P)).toBe(2n);
    expect(lab.space.usage.rss).toBe(2);
  });

  // 6.18
  test('across a hole, or of a mapping that cannot be written, there is no pin at all', () => {
    const lab = filled(4n);
    lab.unmap(A + 2n * P, P);
    expect(errnoOf(lab, { name: 'pin', addr: A, length: 4n * P })).toBe('EFAULT pin.not_mapped');
    expect(folio(lab, A)?.pins).toBe(0);
    lab.do({ name: 'mprotect', addr: A, length: P, prot: R });
    expect(errnoOf(lab, { name: 'pin', addr: A, length: P })).toBe('EFAULT pin.not_writable');
  });

  // 6.18
  test('fork copies a pinned page for the child and shares the others', () => {
    const lab = filled(4n);
    pin(lab, A);
    const [pinned, plain] = [pfn(lab, A), pfn(lab, A + P)];
    lab.do({ name: 'fork', follow: 'parent' });
    expect([pfn(lab, A), pfn(lab, A + P)]).toEqual([pinned, plain]);
    expect(folio(lab, A)).toMatchObject({ mapcount: 1, exclusive: true });
    expect(folio(lab, A + P)).toMatchObject({ mapcount: 2, exclusive: false });
    lab.do({ name: 'switch', to: 'child' });
    expect(pfn(lab, A)).not.toBe(pinned);
    expect(folio(lab, A)).toMatchObject({ mapcount: 1, pins: 0, exclusive: true });
    expect(pfn(lab, A + P)).toBe(plain);
    expect(lab.byte(A + P)).toBe(1);
  });

  test('the child of a child shares again: nobody pinned through it', () => {
    const lab = filled(2n);
    pin(lab, A);
    lab.do({ name: 'fork', follow: 'child' });
    const own = pfn(lab, A);
    lab.do({ name: 'fork', follow: 'child' });
    expect(pfn(lab, A)).toBe(own);
  });

  // 6.18
  test('fork splits a huge page of which one page is pinned, and copies all of it', () => {
    const lab = new Lab(release);
    lab.do({ name: 'thp', enabled: 'always' });
    lab.mapFull(A, BLOCK);
    expect(folio(lab, A)).toMatchObject({ order: 9, mapcount: 1, refcount: 1 });
    pin(lab, A + 7n * P);
    expect(folio(lab, A)).toMatchObject({ pins: 1, refcount: 2 });
    const frames = [0n, 7n, 100n].map((i) => pfn(lab, A + i * P));
    lab.do({ name: 'fork', follow: 'child' });
    expect([0n, 7n, 100n].map((i) => pfn(lab, A + i * P) === frames[Number(i === 0n ? 0 : i === 7n ? 1 : 2)])).toEqual([false, false, false]);
    expect([...lab.space.vmas()].map((v) => v.hugePages)).toEqual([0]);
    lab.do({ name: 'switch', to: 'parent' });
    expect([...lab.space.vmas()].map((v) => v.hugePages)).toEqual([0]);
    expect(folio(lab, A)).toMatchObject({ order: 9, mapcount: 512, refcount: 513 });
  });

  // 6.18
  test.each([
    ['MADV_DONTNEED', (lab: Lab) => lab.do({ name: 'madvise', addr: A, length: P, advice: MADV.MADV_DONTNEED })],
    ['munmap', (lab: Lab) => lab.unmap(A, P)],
  ])('%s leaves the frame to the pin; who stores there gets another', (_, drop) => {
    const lab = filled(2n);
    pin(lab, A);
    const held = pfn(lab, A);
    drop(lab);
    lab.map(A, P);
    lab.do({ name: 'poke', addr: A, byte: 3 });
    expect(folio(lab, A)).toMatchObject({ pins: 0, refcount: 1 });
    expect(pfn(lab, A)).not.toBe(held);
    const done = lab.do({ name: 'unpin', addr: A, length: P });
    expect(done.steps.at(-1)?.values).toEqual([
      { name: 'pages', value: 1, as: 'count' },
      { name: 'freed', value: 1, as: 'count' },
    ]);
  });

  // 6.18
  test('a pinned page moves like any other, and stays pinned', () => {
    const lab = filled(2n);
    pin(lab, A);
    const held = pfn(lab, A);
    lab.move(A, 2n * P, B);
    expect(folio(lab, B)).toMatchObject({ pfn: held, pins: 1 });
    expect(unpin(lab, A)).toBe(0n);
    expect(folio(lab, B)).toMatchObject({ pfn: held, pins: 0 });
  });

  // 6.18
  test('MADV_FREE and MADV_PAGEOUT take what is not pinned', () => {
    const lab = filled(2n);
    pin(lab, A);
    for (const advice of [MADV.MADV_FREE, MADV.MADV_PAGEOUT]) lab.do({ name: 'madvise', addr: A, length: 2n * P, advice });
    expect([pfn(lab, A), pfn(lab, A + P)].map((f) => f !== undefined)).toEqual([true, false]);
  });

  // 6.18
  test('MADV_COLLAPSE and khugepaged leave a block alone that holds a pinned page', () => {
    const lab = new Lab(release);
    lab.mapFull(A, 2n * BLOCK);
    pin(lab, A + 5n * P);
    lab.do({ name: 'madvise', addr: A, length: 2n * BLOCK, advice: MADV.MADV_HUGEPAGE });
    lab.do({ name: 'thp', enabled: 'madvise' });
    expect(errnoOf(lab, { name: 'madvise', addr: A, length: BLOCK, advice: MADV.MADV_COLLAPSE })).toBe('EAGAIN madvise.collapse_pinned');
    const tried = lab.do({ name: 'collapse', addr: A, length: 2n * BLOCK });
    expect(valueOf(tried)).toBe(1n);
    expect(tried.steps.map((s) => `${s.verdict}: ${s.text}`)).toEqual([
      'refused: a page has more references than mappings: it is pinned',
      'done: copied the pages of a block into a huge one',
    ]);
    unpin(lab, A + 5n * P);
    expect(valueOf(lab.do({ name: 'collapse', addr: A, length: 2n * BLOCK }))).toBe(1n);
    expect([lab.byte(A + 5n * P), lab.byte(A + BLOCK)]).toEqual([5, 512 % 256]);
  });

  // 6.18
  test('a file page is shared by fork, pinned or not, and survives truncation until it is let go', () => {
    const lab = new Lab(release);
    const fd = Number(valueOf(lab.do({ name: 'memfd', file: 'x', size: 4n * P })));
    lab.do({ name: 'mmap', addr: A, length: 4n * P, prot: 3, flags: MAP.MAP_SHARED | MAP.MAP_FIXED, fd, offset: 0n });
    lab.do({ name: 'memset', addr: A, byte: 6, length: 4n * P });
    pin(lab, A);
    expect(folio(lab, A)).toMatchObject({ mapping: { kind: 'file' }, mapcount: 1, refcount: 2 + 1024 });
    lab.do({ name: 'fork', follow: 'parent' });
    lab.do({ name: 'ftruncate', fd, length: 0n });
    expect(unpin(lab, A)).toBe(0n);
  });

  test('reclaim, migration and KSM pass pinned pages over', () => {
    const lab = new Lab(release);
    lab.map(A, 4n * P);
    lab.do({ name: 'memset', addr: A, byte: 7, length: 4n * P });
    pin(lab, A);
    const held = pfn(lab, A);
    expect(valueOf(lab.do({ name: 'migrate', addr: A, length: 4n * P }))).toBe(3n);
    expect(pfn(lab, A)).toBe(held);
    lab.do({ name: 'madvise', addr: A, length: 4n * P, advice: MADV.MADV_MERGEABLE });
    expect(valueOf(lab.do({ name: 'ksm_scan' }))).toBe(3n);
    expect(folio(lab, A)).toMatchObject({ mapcount: 1, mapping: { kind: 'anon_vma' } });
    expect(folio(lab, A + P)).toMatchObject({ mapcount: 3, mapping: { kind: 'ksm' }, exclusive: false });
    pin(lab, A + P);
    expect(folio(lab, A + P)).toMatchObject({ mapcount: 1, pins: 1, exclusive: true });
    expect(valueOf(lab.do({ name: 'swap_out', addr: A, length: 4n * P }))).toBe(0n);
  });

  test('of large folios side by side, mapped by PTEs, only the one with a pinned page stays', () => {
    const lab = new Lab(release);
    lab.do({ name: 'thp', enabled: 'always' });
    lab.mapFull(A, 3n * BLOCK);
    lab.move(A, 3n * BLOCK, B + P);
    pin(lab, B + P + BLOCK + 7n * P);
    const held = pfn(lab, B + P + BLOCK);
    expect(valueOf(lab.do({ name: 'migrate', addr: B + P, length: 3n * BLOCK }))).toBe(1024n);
    expect(pfn(lab, B + P + BLOCK)).toBe(held);
    expect(valueOf(lab.do({ name: 'swap_out', addr: B + P, length: 3n * BLOCK }))).toBe(1024n);
    expect(folio(lab, B + P + BLOCK + 7n * P)).toMatchObject({ pins: 1, order: 9 });
    expect(folio(lab, B + P)).toBeUndefined();
  });

  test('of two pins each is let go for itself; without one there is nothing to let go', () => {
    const lab = filled(6n);
    pin(lab, A, 6n * P);
    pin(lab, A + P, 2n * P);
    expect(unpin(lab, A, 3n * P)).toBe(0n);
    expect([0n, 1n, 2n, 3n].map((i) => folio(lab, A + i * P)?.pins)).toEqual([0, 1, 1, 1]);
    expect(unpin(lab, A, 6n * P)).toBe(0n);
    expect([0n, 1n, 5n].map((i) => folio(lab, A + i * P)?.pins)).toEqual([0, 0, 0]);
    expect(errnoOf(lab, { name: 'unpin', addr: A, length: P })).toBe('EINVAL unpin.not_pinned');
  });

  test('with the process its pins end', () => {
    const lab = filled(2n);
    lab.do({ name: 'fork', follow: 'child' });
    pin(lab, A);
    lab.do({ name: 'switch', to: 'parent' });
    lab.do({ name: 'reap' });
    expect(folio(lab, A)).toMatchObject({ mapcount: 1, pins: 0 });
  });
});
