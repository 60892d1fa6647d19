/** mmap(2): what its arguments may be, which complaint comes first, and the flags a VMA begins with. */
import { describe, expect, test } from 'vitest';
import { MAP } from '../../machine/index.js';
import { checkOf, errnoOf, outcome, page, PageLab, PMD, R, RELEASES, RW, RWX } from './lab.js';

const { MAP_PRIVATE: PRIVATE, MAP_SHARED: SHARED, MAP_SHARED_VALIDATE: VALIDATE, MAP_ANONYMOUS: ANONYMOUS, MAP_FIXED: FIXED, MAP_HUGETLB: HUGETLB, MAP_SYNC: SYNC } = MAP;
const ANON = PRIVATE | ANONYMOUS;
const NO_FILE = 99;
/** MAX_LFS_FILESIZE, and a byte. */
const FILE_END = 1n << 63n;

describe('checks, the first that fails wins', () => {
  /** File 3 is open and has four pages; [0,4) is mapped. */
  const ROWS: [what: string, flags: number, more: { addr?: bigint; length?: bigint; fd?: number; offset?: bigint }, expected: string][] = [
    ['an offset within a page, before the file', PRIVATE, { fd: NO_FILE, offset: 1n }, 'EINVAL mmap.offset'],
    ['an offset within a page, of anonymous memory too', ANON, { offset: 4095n }, 'EINVAL mmap.offset'],
    ['no such file, before the length', PRIVATE, { fd: NO_FILE, length: 0n }, 'EBADF mmap.fd'],
    ['anonymous memory has no file', ANON, { fd: NO_FILE }, 'ok'],
    ['a length of 0', PRIVATE, { fd: 3, length: 0n }, 'EINVAL mmap.length_zero'],
    ['the last page that a file can have', PRIVATE, { fd: 3, offset: FILE_END - 8192n }, 'ok'],
    ['a page that would end with the largest offset', PRIVATE, { fd: 3, offset: FILE_END - 4096n }, 'EOVERFLOW mmap.file_offset'],
    ["offsets of anonymous memory are nobody's", ANON, { offset: FILE_END - 4096n }, 'ok'],
    ['neither shared nor private, with a file', 0, { fd: 3 }, 'EINVAL mmap.type'],
    ['shared and checked, of a file', VALIDATE, { fd: 3 }, 'ok'],
    ['shared and checked, of none', VALIDATE | ANONYMOUS, {}, 'EINVAL mmap.type'],
    ['MAP_SYNC, checked, of a file that is not persistent', VALIDATE | SYNC, { fd: 3 }, 'EOPNOTSUPP mmap.sync'],
    ['MAP_SYNC, unchecked', SHARED | SYNC, { fd: 3 }, 'ok'],
    ['MAP_SYNC, before the offset of the file', VALIDATE | SYNC, { fd: 3, offset: FILE_END - 4096n }, 'EOPNOTSUPP mmap.sync'],
    ['MAP_SYNC of anonymous memory: its type is wrong', VALIDATE | SYNC | ANONYMOUS, {}, 'EINVAL mmap.type'],
    ['a negative address', ANON, { addr: -4096n }, 'EINVAL mmap.addr'],
    ['address 0, for none', ANON, { addr: 0n }, 'ok'],
    ['a hugetlb mapping within a huge page', ANON | HUGETLB | FIXED, { addr: page(PMD + 1) }, 'EINVAL mmap.hugetlb_address'],
    ['a hint within a huge page is no more than a hint', ANON | HUGETLB, { addr: page(PMD + 1) }, 'ok'],
    ['more huge pages than there are', ANON | HUGETLB, { length: BigInt(3 * PMD) * 4096n }, 'ENOMEM mmap.hugetlb_pool'],
    ['as many as there are', ANON | HUGETLB, { length: BigInt(2 * PMD) * 4096n }, 'ok'],
    ['a byte more', ANON | HUGETLB, { length: BigInt(2 * PMD) * 4096n + 1n }, 'ENOMEM mmap.hugetlb_pool'],
    ['more than there are, without a reservation', ANON | HUGETLB | MAP.MAP_NORESERVE, { length: BigInt(3 * PMD) * 4096n }, 'ok'],
  ];
  test.each(ROWS)('%s', (_, flags, { addr = page(100), length = 4096n, fd = -1, offset = 0n }, expected) => {
    const p = new PageLab();
    p.memfd(4, 1);
    p.map(0, 4);
    p.sysctl('vm.nr_hugepages', 2);
    const record = p.do({ name: 'mmap', addr, length, prot: RW, flags, fd, offset });
    expect(errnoOf(record) === null ? 'ok' : `${errnoOf(record)} ${checkOf(record)}`).toBe(expected);
  });
});

describe('the flags of a new VMA', () => {
  const ROWS: [what: string, prot: number, flags: number, perms: string, vmFlags: string][] = [
    ['readable', R, PRIVATE, 'r--p', ''],
    ['writable, and so charged', RW, PRIVATE, 'rw-p', 'ac'],
    ['executable', RWX, PRIVATE, 'rwxp', 'ac'],
    ['without access', 0, PRIVATE, '---p', ''],
    ['shared', RW, SHARED, 'rw-s', ''],
    ['not charged', RW, PRIVATE | MAP.MAP_NORESERVE, 'rw-p', 'nr'],
    ['growing down', RW, PRIVATE | MAP.MAP_GROWSDOWN, 'rw-p', 'gd ac'],
    ['locked', RW, PRIVATE | MAP.MAP_LOCKED, 'rw-p', 'lo ac'],
    ['huge', RW, PRIVATE | HUGETLB, 'rw-p', 'de ht'],
  ];
  test.each(ROWS)('%s', (_, prot, flags, perms, vmFlags) => {
    for (const release of RELEASES) {
      const p = new PageLab(release);
      p.sysctl('vm.nr_hugepages', 1);
      p.mmap(page(0), 1, prot, flags | ANONYMOUS | FIXED);
      expect([p.vma(0)?.perms, p.flags(0)]).toEqual([perms, vmFlags]);
    }
  });

  test('a hugetlb mapping is rounded up to whole pages of its own', () => {
    const p = new PageLab();
    p.sysctl('vm.nr_hugepages', 2);
    p.mmap(page(0), PMD + 1, RW, ANON | FIXED | HUGETLB);
    expect([p.layout, p.committed, p.space.usage.totalVm]).toEqual([`[0,${2 * PMD})rw`, 0, 2 * PMD]);
  });

  test('a file is mapped from its offset on', () => {
    const p = new PageLab();
    p.mapFile(p.memfd(8, 0x100), 0, 2, 5);
    p.read(0, 2);
    expect([p.vma(0)?.pgoff, p.word(0), p.word(1)]).toEqual([5, 0x105, 0x106]);
  });

  test('the offset of shared anonymous memory counts for nothing', () => {
    const p = new PageLab();
    p.mmap(page(0), 2, RW, SHARED | ANONYMOUS | FIXED, -1, 3);
    expect([p.vma(0)?.pgoff, outcome(p.write(0, 2))]).toEqual([0, 'ok']);
  });
});

describe.each(RELEASES)('kernel %s: what a mapping replaces', (release) => {
  test('counts when the limits are asked, page by page', () => {
    for (const [limit, expected] of [
      [10, '@2'],
      [9, 'ENOMEM'],
    ] as const) {
      const p = new PageLab(release);
      p.mapFull(0, 4);
      p.map(6, 4, R);
      p.limit('RLIMIT_AS', limit);
      // Of the eight pages, [2,4) and [6,8) go.
      expect(outcome(p.map(2, 6))).toBe(expected);
    }
  });

  test('merges with what is left of it', () => {
    const p = new PageLab(release);
    p.mapFull(0, 8);
    const record = p.map(2, 2);
    expect([p.layout, p.pages, record.steps.at(-1)?.text]).toEqual(['[0,8)rw', '[0,2)a [4,8)a', 'extended a neighbouring VMA']);
    expect(p.map(20, 2).steps.at(-1)?.text).toBe('added a VMA');
  });

  test('a refusal to cut is ENOMEM where it was unmapped first', () => {
    const p = new PageLab(release);
    p.sysctl('vm.nr_hugepages', 1);
    p.mmap(page(0), PMD, RW, ANON | FIXED | HUGETLB);
    expect(outcome(p.map(1, 1))).toBe(release === '6.1' ? 'ENOMEM' : 'EINVAL');
    expect(p.layout).toBe(`[0,${PMD})rw`);
  });
});
