/** Rules that only programs of our own found, recorded on 6.18.44 (docs/recording.md): none of the published recordings needs them. */
import { describe, expect, test } from 'vitest';
import { MAP, MREMAP } from '../../machine/index.js';
import { outcome, PageLab, page, PMD, R, NONE, RELEASES, RW } from './lab.js';

const PRIVATE = MAP.MAP_PRIVATE | MAP.MAP_ANONYMOUS;

test.each(RELEASES)('kernel %s: MAP_STACK and huge pages', (release) => {
  const p = new PageLab(release);
  p.map(0, 4, RW, MAP.MAP_STACK);
  expect(p.flags(0)).toBe(release === '6.1' ? 'ac' : 'ac nh');
});

describe('placement', () => {
  test('a hint below mmap_min_addr becomes it, and that one is at least what the security module was built with', () => {
    const p = new PageLab();
    expect(p.mmap(0x1001n, 4).result).toEqual({ kind: 'value', value: 0x10000n });
    expect(p.mmap(0x2_0fffn, 4).result).toEqual({ kind: 'value', value: 0x2_0000n });
  });

  test('a filled gap below a stack keeps nothing free below what fills it', () => {
    const p = new PageLab();
    const stack = p.mmap(0n, 8, RW, PRIVATE | MAP.MAP_GROWSDOWN).result;
    const top = stack.kind === 'value' ? stack.value : 0n;
    p.mmap(top - 0x8000n, 8, NONE, PRIVATE | MAP.MAP_FIXED);
    expect(p.mmap(0n, 6).result).toEqual({ kind: 'value', value: top - 0xe000n });
  });
});

test('a limit of less than a page is a limit, and not 0', () => {
  const p = new PageLab();
  p.map(0, 4);
  p.do({ name: 'setrlimit', resource: 'RLIMIT_MEMLOCK', limit: 0x800n });
  expect(outcome(p.lock(0, 1))).toBe('ENOMEM');
  p.do({ name: 'setrlimit', resource: 'RLIMIT_MEMLOCK', limit: 0n });
  expect(outcome(p.lock(0, 1))).toBe('EPERM');
});

test.each(RELEASES)('kernel %s: a shrinking move onto its own source, with a length that wraps', (release) => {
  const p = new PageLab(release);
  p.map(0, 3);
  const { result } = p.do({
    name: 'mremap',
    old_address: page(0),
    old_size: 0xffff_ffff_ffff_f000n,
    new_size: 0x2800n,
    flags: MREMAP.MREMAP_MAYMOVE | MREMAP.MREMAP_FIXED,
    new_address: page(0),
  });
  // The source is gone by then: since v6.17 that is noticed first, before that the tail's length is.
  expect(result).toMatchObject({ kind: 'errno', errno: release === '6.18' ? 'EFAULT' : 'EINVAL' });
  expect(p.layout).toBe('');
});

describe('pages of objects', () => {
  test('guards outlive ftruncate and holes in the file', () => {
    const p = new PageLab();
    const fd = p.memfd(4, 0x500);
    p.mapFile(fd, 0, 4);
    p.read(0, 4);
    p.advise(0, 2, 'MADV_GUARD_INSTALL');
    p.advise(0, 3, 'MADV_REMOVE');
    expect(p.pages).toBe('[0,2)S [3,4)f');
    p.do({ name: 'ftruncate', fd, length: 0n });
    expect(p.pages).toBe('[0,2)S');
  });

  test('paging out unmaps those that nobody else maps, and they stay in the page cache', () => {
    const p = new PageLab();
    const fd = p.memfd(4, 0x500);
    p.mapFile(fd, 0, 4);
    p.mapFile(fd, 10, 2);
    p.read(0, 4);
    p.read(10, 2);
    p.advise(0, 4, 'MADV_PAGEOUT');
    expect(p.pages).toBe('[0,2)f [10,12)f');
    p.read(3, 1);
    expect(p.word(3)).toBe(0x503);
  });

  test('a page that lies in the file only in part has no word of its own', () => {
    const p = new PageLab();
    const made = p.do({ name: 'memfd', file: 'f', size: 0x1800n, word: 0x500n });
    p.mapFile(made.result.kind === 'value' ? Number(made.result.value) : -1, 0, 2, 0, R);
    p.read(0, 2);
    expect([p.word(0), p.word(1)]).toEqual([0x500, 0]);
  });
});

describe('MADV_COLLAPSE', () => {
  test('a block needs a table, not pages', () => {
    const p = new PageLab();
    p.map(0, 3 * PMD);
    p.write(PMD, 1);
    p.write(0, 1);
    p.advise(0, 256, 'MADV_DONTNEED');
    expect(p.pages).toBe(`[${PMD},${PMD + 1})a`);
    expect(outcome(p.advise(0, 2 * PMD, 'MADV_COLLAPSE'))).toBe('ok');
    expect(p.pages).toBe(`[0,${2 * PMD})a`);
  });

  test('a block without one stops it, unless the table above is missing too', () => {
    const p = new PageLab();
    p.map(-PMD, 4 * PMD);
    p.write(PMD, 1);
    expect(outcome(p.advise(0, 2 * PMD, 'MADV_COLLAPSE'))).toBe('EINVAL');
    expect(p.pages).toBe(`[${PMD},${PMD + 1})a`);
    p.write(0, 1);
    expect(outcome(p.advise(-PMD, 2 * PMD, 'MADV_COLLAPSE'))).toBe('EINVAL');
    expect(p.pages).toBe(`[0,${PMD + 1})a`);
    // A block that is huge already has all it needs.
    expect(outcome(p.advise(0, 2 * PMD, 'MADV_COLLAPSE'))).toBe('ok');
  });

  test.each<[string, (p: PageLab) => unknown, number, string]>([
    ['of memory that was never touched', (p) => p.map(0, 2 * PMD), PMD, 'EINVAL'],
    ['of memory that asked for none', (p) => (p.mapFull(0, 2 * PMD), p.advise(0, 2 * PMD, 'MADV_NOHUGEPAGE')), PMD, 'EINVAL'],
    ['of a mapping a page short of a block', (p) => p.mapFull(0, PMD - 1), PMD - 1, 'EINVAL'],
    ['of a mapping of just a block', (p) => p.mapFull(0, PMD), PMD, 'ok'],
    ['of half a block of two: nothing to do', (p) => p.mapFull(0, 2 * PMD), PMD / 2, 'ok'],
  ])('%s', (_, prepare, pages, expected) => {
    const p = new PageLab();
    prepare(p);
    expect(outcome(p.advise(0, pages, 'MADV_COLLAPSE'))).toBe(expected);
  });

  test('of pages before the first whole block of the mapping; before a later one there is nothing to do', () => {
    const p = new PageLab();
    p.mapFull(1, 3 * PMD);
    expect([outcome(p.advise(1, 1, 'MADV_COLLAPSE')), outcome(p.advise(2 * PMD - 1, 1, 'MADV_COLLAPSE'))]).toEqual(['EINVAL', 'ok']);
  });

  test('shared memory without a whole block in the range has nothing to do, if its mapping has room for one', () => {
    const p = new PageLab();
    const shared = MAP.MAP_SHARED | MAP.MAP_ANONYMOUS | MAP.MAP_FIXED;
    p.mmap(page(0), 3 * PMD, RW, shared);
    expect(outcome(p.advise(PMD - 1, 1, 'MADV_COLLAPSE'))).toBe('ok');
    expect(outcome(p.advise(0, PMD, 'MADV_COLLAPSE'))).toBe('EINVAL');
    p.mmap(page(0), 4, RW, shared);
    expect(outcome(p.advise(0, 1, 'MADV_COLLAPSE'))).toBe('EINVAL');
  });
});
