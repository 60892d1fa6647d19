/** What the kernel did, happened: refusals are explained, successes believed, and only the impossible contradicts. */
import { describe, expect, test } from 'vitest';
import { expectSaid, MAPPED, replay } from './kit.js';

const AT = '0x7f2a40000000';
const GROW = `mremap(${AT}, 8192, 214748364800, MREMAP_MAYMOVE) = -1 ENOMEM (Cannot allocate memory)`;

describe('a refusal that the model would not have made', () => {
  test('leaves everything as it was', () => {
    const { summary, ok } = expectSaid(
      [
        MAPPED,
        `mprotect(${AT}, 8192, PROT_READ) = -1 ENOMEM (Cannot allocate memory)`,
        `mremap(${AT}, 8192, 8192, MREMAP_MAYMOVE|MREMAP_FIXED, 0x7f2a50000000) = -1 ENOMEM (Cannot allocate memory)`,
        `munmap(${AT}, 4096) = -1 ENOMEM (Cannot allocate memory)`,
        `mremap(${AT}, 8192, 16384, MREMAP_MAYMOVE) = 0x7f2a50000000`,
      ],
      ['2 log-refused', '3 log-refused', '4 log-refused'],
    );
    expect(ok).toBe(true);
    expect(summary.account).toEqual({ replayed: 2, others: 0, notices: 0, explained: 3, assumptions: 0, doubts: 0 });
  });

  test('leaves the pages where they were', () => {
    const moved = (lines: readonly string[]): unknown =>
      replay([...lines, `mremap(${AT}, 8192, 8192, MREMAP_MAYMOVE|MREMAP_FIXED, 0x7f2a50000000) = 0x7f2a50000000`]).mremaps.at(-1);
    expect(moved([MAPPED, `madvise(${AT}, 8192, MADV_DONTNEED) = -1 EINVAL (Invalid argument)`])).toMatchObject({ pte: 2 });
  });

  test('of the heap is a break that stays', () => {
    const { summary } = replay([
      'brk(NULL) = 0x55d0a1b2c000',
      'brk(0x55d0a1b4d000) = 0x55d0a1b4d000',
      'brk(0x55d1a1b4d000) = 0x55d0a1b4d000',
      'brk(0x55d0a1b4e000) = 0x55d0a1b4e000',
    ]);
    expect(summary.account).toMatchObject({ replayed: 3, explained: 1, doubts: 0 });
  });

  test.each([
    ['more than the machine has', [MAPPED, GROW], 'overcommit'],
    [
      'a limit that the log sets',
      [
        MAPPED,
        'prlimit64(0, RLIMIT_DATA, {rlim_cur=1024*1024, rlim_max=1024*1024}, NULL) = 0',
        `mremap(${AT}, 8192, 2097152, MREMAP_MAYMOVE) = -1 ENOMEM (Cannot allocate memory)`,
      ],
      'rlimit',
    ],
    ['something in the way', [MAPPED, `mremap(${AT}, 8192, 16384, 0) = -1 ENOMEM (Cannot allocate memory)`], 'neighbour'],
    ['a hole in the middle of a mapping', [MAPPED, `munmap(${AT}, 4096) = -1 ENOMEM (Cannot allocate memory)`], 'map_count'],
    ['pages that the log knows nothing of', [`mprotect(${AT}, 4096, PROT_READ) = -1 ENOMEM (Cannot allocate memory)`], 'unmapped'],
    ['a border that the log does not show', [MAPPED, `mremap(${AT}, 8192, 16384, MREMAP_MAYMOVE) = -1 EFAULT (Bad address)`], 'borders'],
    ['a call that is too new', [MAPPED, `mseal(${AT}, 8192, 0) = -1 ENOSYS (Function not implemented)`], 'old_kernel'],
    ['a seal', [MAPPED, `mprotect(${AT}, 8192, PROT_READ) = -1 EPERM (Operation not permitted)`], 'sealed'],
    ['a pool of huge pages', ['mmap(NULL, 2097152, PROT_READ, MAP_PRIVATE|MAP_ANONYMOUS|MAP_HUGETLB, -1, 0) = -1 ENOMEM (Cannot allocate memory)'], 'hugetlb_pool'],
    ['locked memory', [MAPPED, `mlock(${AT}, 8192) = -1 ENOMEM (Cannot allocate memory)`], 'locked_memory'],
    ['executable memory', ['mmap(NULL, 4096, PROT_READ|PROT_WRITE|PROT_EXEC, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) = -1 EACCES (Permission denied)'], 'lsm'],
    ['a page below the lowest', ['mmap(0x1000, 4096, PROT_READ, MAP_PRIVATE|MAP_ANONYMOUS|MAP_FIXED, -1, 0) = -1 EPERM (Operation not permitted)'], 'min_addr'],
    ['a place that is taken', [`mmap(${AT}, 4096, PROT_READ, MAP_PRIVATE|MAP_ANONYMOUS|MAP_FIXED_NOREPLACE, -1, 0) = -1 EEXIST (File exists)`], 'neighbour'],
  ])('is explained: %s', (_, lines, cause) => {
    const { summary, ok } = replay(lines);
    expect({ ok, contradicted: summary.claims.contradicted }).toEqual({ ok: true, contradicted: 0 });
    expect(
      summary.explained
        .at(-1)
        ?.causes.slice(0, 2)
        .map((c) => c.cause),
    ).toContain(cause);
  });

  test('says the number of mappings where it is near the limit', () => {
    const at = (i: number): string => `0x${(0x7f0900000000 + 4096 * i).toString(16)}`;
    const lines = [`mmap(NULL, 819200000, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) = ${at(0)}`];
    for (let i = 0; i < 65000; i++) lines.push(`munmap(${at(2 * i + 1)}, 4096) = 0`);
    lines.push(`munmap(${at(2 * 65000 + 1)}, 4096) = -1 ENOMEM (Cannot allocate memory)`, `mprotect(${at(190000)}, 4096, PROT_NONE) = -1 ENOMEM (Cannot allocate memory)`);
    const { summary } = replay(lines, { touched: 'none' });
    expect(summary.claims.contradicted).toBe(0);
    expect(summary.explained.map(({ causes }) => causes[0])).toMatchObject([{ cause: 'map_count', why: expect.stringContaining('65,001 mappings') }, { cause: 'map_count' }]);
  });
});

describe('a success that the model would have refused', () => {
  test.each([
    [
      'of memory that was unmapped',
      [MAPPED, `munmap(${AT}, 8192) = 0`, `mremap(${AT}, 8192, 16384, MREMAP_MAYMOVE) = 0x7f2a50000000`, 'mprotect(0x7f2a50000000, 16384, PROT_READ) = 0'],
    ],
    [
      'in place, over something',
      [MAPPED, 'mmap(0x7f2a40002000, 4096, PROT_READ, MAP_PRIVATE|MAP_ANONYMOUS|MAP_FIXED, -1, 0) = 0x7f2a40002000', `mremap(${AT}, 8192, 16384, 0) = ${AT}`],
    ],
    ['over two mappings', [MAPPED, `mprotect(${AT}, 4096, PROT_READ) = 0`, `mremap(${AT}, 8192, 16384, MREMAP_MAYMOVE) = 0x7f2a50000000`, 'munmap(0x7f2a50000000, 16384) = 0']],
    ['at a place that was taken', [MAPPED, 'mmap(NULL, 4096, PROT_READ, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) = 0x7f2a40001000', `mprotect(${AT}, 4096, PROT_NONE) = 0`]],
    [
      'of a protection that it could not have',
      ['openat(AT_FDCWD, "/f", O_RDONLY) = 3', 'mmap(NULL, 8192, PROT_READ, MAP_SHARED, 3, 0) = 0x7f2a40000000', `munmap(${AT}, 4096) = 0`, `mprotect(${AT}, 8192, PROT_READ) = 0`],
    ],
    ['of a break elsewhere', ['brk(NULL) = 0x55d0a1b2c000', 'brk(0x55d0a1b4d000) = 0x55d0a1b8d000', 'brk(0x55d0a1b8e000) = 0x55d0a1b8e000']],
  ])('%s is believed, and said once', (_, lines) => {
    const { summary, ok, diagnostics } = replay(lines);
    expect(diagnostics.map((d) => d.code)).toEqual(['log-assumed']);
    expect({ ok, ...summary.account }).toMatchObject({ ok: true, assumptions: 1, doubts: 0, explained: 0 });
  });
});

describe('what no kernel can answer', () => {
  test.each([
    ['a fixed mapping elsewhere', `mmap(${AT}, 4096, PROT_READ, MAP_PRIVATE|MAP_ANONYMOUS|MAP_FIXED, -1, 0) = 0x7f2a40001000`],
    ['a mapping that begins within a page', 'mmap(NULL, 4096, PROT_READ, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) = 0x7f2a40000008'],
    ['a mapping that ends above user space', 'mmap(NULL, 8192, PROT_READ, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) = 0x7ffffffff000'],
    ['a mapping of no length', 'mmap(NULL, 0, PROT_READ, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) = 0x7f2a60000000'],
    ['anonymous memory of no kind', 'mmap(NULL, 4096, PROT_READ, MAP_ANONYMOUS, -1, 0) = 0x7f2a60000000'],
    ['EEXIST without NOREPLACE', 'mmap(NULL, 4096, PROT_READ, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) = -1 EEXIST (File exists)'],
    ['EBADF without a file', 'mmap(NULL, 4096, PROT_READ, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) = -1 EBADF (Bad file descriptor)'],
    ['MREMAP_FIXED alone', `mremap(${AT}, 4096, 12288, MREMAP_FIXED, 0x10000) = 0x10000`],
    ['MREMAP_FIXED to elsewhere', `mremap(${AT}, 4096, 4096, MREMAP_MAYMOVE|MREMAP_FIXED, 0x7f2a50000000) = 0x7f2a60000000`],
    ['a move without leave', `mremap(${AT}, 4096, 8192, 0) = 0x7f2a60000000`],
    ['a move over itself', `mremap(${AT}, 8192, 16384, MREMAP_MAYMOVE) = 0x7f2a40001000`],
    ['an old address within a page', 'mremap(0x7f2a40000010, 4096, 8192, MREMAP_MAYMOVE) = 0x7f2a60000000'],
    ['no new size', `mremap(${AT}, 4096, 0, MREMAP_MAYMOVE) = ${AT}`],
    ['munmap within a page', 'munmap(0x7f2a40000010, 4096) = 0'],
    ['munmap of nothing', `munmap(${AT}, 0) = 0`],
    ['munmap with an errno that it never has', `munmap(${AT}, 4096) = -1 EEXIST (File exists)`],
    ['munmap with an errno that no memory call has', `munmap(${AT}, 4096) = -1 EIO (Input/output error)`],
    ['munmap that answers an address', `munmap(${AT}, 4096) = ${AT}`],
    ['mprotect within a page', 'mprotect(0x7f2a40000010, 4096, PROT_READ) = 0'],
    ['mprotect with EEXIST', `mprotect(${AT}, 4096, PROT_READ) = -1 EEXIST (File exists)`],
    ['mlock2 with flags that do not exist', `mlock2(${AT}, 4096, 0x80) = 0`],
    ['a break above user space', 'brk(0xffff000000000000) = 0xffff000000000000'],
    ['a refusal of ordinary memory as invalid', 'mmap(NULL, 4096, PROT_READ, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) = -1 EINVAL (Invalid argument)'],
    ['a hugetlb reason for whole huge pages', `munmap(${AT}, 2097152) = -1 EINVAL (Invalid argument)`],
  ])('is contradicted: %s', (_, line) => {
    const { summary, ok, diagnostics } = replay([MAPPED, line]);
    expect({ ok, contradicted: summary.claims.contradicted, doubts: summary.account.doubts }).toEqual({ ok: false, contradicted: 1, doubts: 1 });
    expect(diagnostics.at(-1)).toMatchObject({ line: 2, severity: 'error' });
  });

  test('changes nothing', () => {
    const { summary } = replay([MAPPED, `mremap(${AT}, 4096, 12288, MREMAP_FIXED, 0x10000) = 0x10000`, `mprotect(${AT}, 8192, PROT_READ) = 0`]);
    expect(summary.account).toMatchObject({ replayed: 2, doubts: 1, assumptions: 0 });
  });
});

test('the account is every line once', () => {
  const { summary } = replay([
    '',
    '--- SIGCHLD {} ---',
    'read(3, "x", 1) = 1',
    MAPPED,
    `mprotect(${AT}, 4096, PROT_READ) = -1 ENOMEM (Cannot allocate memory)`,
    `munmap(${AT}, 0) = 0`,
    'munmap(',
    `mlock(0x7f2a70000000, 4096) = 0`,
    '1 munmap(0x7f2a40000000, 4096 <unfinished ...>',
    '1 <... munmap resumed>) = 0',
  ]);
  expect(Object.values(summary.account).reduce((a, b) => a + b)).toBe(summary.lines);
  expect(summary.account).toEqual({ replayed: 2, others: 1, notices: 3, explained: 1, assumptions: 1, doubts: 2 });
});
