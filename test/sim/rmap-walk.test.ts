/** Walks of the reverse map: which VMAs, in which order, and who is found; and what of it the folio counts. */
import { describe, expect, test } from 'vitest';
import { MADV, MAP, MLOCK, MREMAP } from '../../machine/index.js';
import { K, Lab, M, RELEASES, valueOf } from './lab.js';

const A = 256n * M;
const B = 512n * M;
const P = 4n * K;

describe.each(RELEASES)('kernel %s', (release) => {
  const filled = (pages: bigint): Lab => {
    const lab = new Lab(release);
    lab.mapFull(A, pages * P);
    return lab;
  };
  const walk = (lab: Lab, at: bigint): string =>
    (lab.machine.rmapWalk(Number(at / P)) ?? []).map((v) => `${v.process}:${((BigInt(v.at) * P) / M).toString()}M+${v.at % 256}${v.found ? '' : '-'}`).join(' ');
  const folio = (lab: Lab, at: bigint) => lab.machine.folio(Number(at / P));

  test('of a fork family: all who may map it, the ancestor first', () => {
    const lab = filled(4n);
    lab.do({ name: 'fork', follow: 'child' });
    lab.do({ name: 'fork', follow: 'parent' });
    expect(walk(lab, A + P)).toBe('1:256M+1 2:256M+1 3:256M+1');
    lab.do({ name: 'poke', addr: A + P, byte: 9 });
    expect(walk(lab, A + P)).toBe('2:256M+1 3:256M+1-');
    lab.do({ name: 'switch', to: 'parent' });
    expect(walk(lab, A + P)).toBe('1:256M+1 2:256M+1- 3:256M+1');
    expect(folio(lab, A + P)).toMatchObject({ mapcount: 2, refcount: 2, exclusive: false });
  });

  test("a page that was shared is the last one's again once it stores", () => {
    const lab = filled(2n);
    lab.do({ name: 'fork', follow: 'parent' });
    lab.do({ name: 'reap' });
    expect(folio(lab, A)).toMatchObject({ mapcount: 1, exclusive: false });
    lab.do({ name: 'poke', addr: A, byte: 9 });
    expect(folio(lab, A)).toMatchObject({ mapcount: 1, exclusive: true });
  });

  test('moved memory is found where it is now: the index stays, the VMA keeps its page offset', () => {
    const lab = filled(4n);
    const index = folio(lab, A + P)?.index;
    lab.move(A, 4n * P, B + P);
    expect(walk(lab, B + 2n * P)).toBe('1:512M+2');
    expect(folio(lab, B + 2n * P)?.index).toBe(index);
  });

  test('DONTUNMAP leaves the source empty, and out of the tree', () => {
    const lab = filled(4n);
    lab.do({ name: 'mremap', old_address: A, old_size: 4n * P, new_size: 4n * P, flags: MREMAP.MREMAP_MAYMOVE | MREMAP.MREMAP_FIXED | MREMAP.MREMAP_DONTUNMAP, new_address: B });
    expect(walk(lab, B)).toBe('1:512M+0');
    expect(lab.space.vmaAt(Number(A / P))?.chainLength).toBe(0);
  });

  test('of a file: every mapping of the page, in every process, by page offset', () => {
    const lab = new Lab(release);
    const fd = Number(valueOf(lab.do({ name: 'memfd', file: 'x', size: 8n * P })));
    const map = (addr: bigint, offset: bigint): void => void lab.do({ name: 'mmap', addr, length: 4n * P, prot: 3, flags: MAP.MAP_SHARED | MAP.MAP_FIXED, fd, offset });
    map(A, 2n * P);
    map(B, 0n);
    lab.do({ name: 'poke', addr: A, byte: 1 });
    lab.do({ name: 'poke', addr: B + 2n * P, byte: 2 });
    expect(walk(lab, A)).toBe('1:512M+2 1:256M+0');
    expect(folio(lab, A)).toMatchObject({ mapcount: 2, refcount: 3, mapping: { kind: 'file' }, index: 2 });
  });

  test('of merged pages: every entry', () => {
    const lab = new Lab(release);
    lab.map(A, 3n * P);
    lab.do({ name: 'memset', addr: A, byte: 7, length: 3n * P });
    lab.do({ name: 'madvise', addr: A, length: 3n * P, advice: MADV.MADV_MERGEABLE });
    lab.do({ name: 'ksm_scan' });
    expect(walk(lab, A + P)).toBe('1:256M+0 1:256M+1 1:256M+2');
    expect(folio(lab, A)).toMatchObject({ mapcount: 3, refcount: 3 });
  });

  test('the operation records what it looked at; where no page is it is refused', () => {
    const lab = filled(2n);
    lab.do({ name: 'fork', follow: 'parent' });
    const record = lab.do({ name: 'rmap_walk', addr: A });
    expect(valueOf(record)).toBe(2n);
    expect(record.visits?.map((v) => [v.process, v.found])).toEqual([[1, true], [2, true]]); // prettier-ignore
    expect(lab.do({ name: 'rmap_walk', addr: B }).result).toMatchObject({ kind: 'errno', errno: 'EFAULT' });
  });

  test('reclaim finds the entries of every process, unless one of them has the page locked', () => {
    const lab = filled(4n);
    lab.do({ name: 'fork', follow: 'child' });
    lab.do({ name: 'mlock2', addr: A + P, length: P, flags: MLOCK.MLOCK_ONFAULT });
    lab.do({ name: 'switch', to: 'parent' });
    expect(valueOf(lab.do({ name: 'swap_out', addr: A, length: 4n * P }))).toBe(3n);
    expect(lab.space.usage.rss).toBe(1);
    lab.do({ name: 'switch', to: 'child' });
    expect(lab.space.usage.rss).toBe(1);
    expect(valueOf(lab.do({ name: 'peek', addr: A + 2n * P }))).toBe(2n);
  });

  test('migration moves the page for all who map it', () => {
    const lab = filled(4n);
    lab.do({ name: 'fork', follow: 'parent' });
    const before = folio(lab, A)?.pfn;
    expect(valueOf(lab.do({ name: 'migrate', addr: A, length: 4n * P }))).toBe(4n);
    const after = folio(lab, A)?.pfn;
    expect(after).not.toBe(before);
    lab.do({ name: 'switch', to: 'child' });
    expect(folio(lab, A)?.pfn).toBe(after);
    expect(lab.byte(A + 3n * P)).toBe(3);
    lab.do({ name: 'poke', addr: A, byte: 9 });
    lab.do({ name: 'switch', to: 'parent' });
    expect(lab.byte(A)).toBe(0);
  });
});
