import { describe, expect, test } from 'vitest';
import { expectReplays, expectSaid, MAPPED, replay } from './kit.js';

describe('claims place what the kernel chose', () => {
  test.each([
    ['mmap without FIXED', [MAPPED]],
    ['mmap with a hint that was not taken', ['mmap(0x10000000, 8192, PROT_READ, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) = 0x7f2a40000000']],
    ['mremap that moved', [MAPPED, 'mremap(0x7f2a40000000, 8192, 16384, MREMAP_MAYMOVE) = 0x7f2a50000000']],
    ['mremap that stayed', [MAPPED, 'mremap(0x7f2a40000000, 8192, 16384, MREMAP_MAYMOVE) = 0x7f2a40000000']],
    ['DONTUNMAP', [MAPPED, 'mremap(0x7f2a40000000, 8192, 8192, MREMAP_MAYMOVE|MREMAP_DONTUNMAP, 0) = 0x7f2a50000000']],
    ['the first brk(NULL)', ['brk(NULL) = 0x55d0a1b2c000']],
    ['shmat(id, NULL)', ['shmget(IPC_PRIVATE, 10000, IPC_CREAT|0600) = 32769', 'shmat(32769, NULL, 0) = 0x7f2a40000000']],
  ])('%s', (_, lines) => {
    const { summary } = expectReplays(lines);
    expect(summary.claims.placed).toBe(lines.filter((l) => !l.startsWith('shmget')).length);
  });

  test.each([
    ['MAP_FIXED', 'mmap(0x7f2a40000000, 4096, PROT_READ, MAP_PRIVATE|MAP_FIXED|MAP_ANONYMOUS, -1, 0) = 0x7f2a40000000'],
    ['MAP_FIXED_NOREPLACE', 'mmap(0x7f2a40002000, 4096, PROT_READ, MAP_PRIVATE|MAP_FIXED_NOREPLACE|MAP_ANONYMOUS, -1, 0) = 0x7f2a40002000'],
    ['MAP_FIXED_NOREPLACE over a mapping', 'mmap(0x7f2a40000000, 4096, PROT_READ, MAP_PRIVATE|MAP_FIXED_NOREPLACE|MAP_ANONYMOUS, -1, 0) = -1 EEXIST (File exists)'],
    ['mremap that may not move', 'mremap(0x7f2a40000000, 8192, 16384, 0) = 0x7f2a40000000'],
    ['MREMAP_FIXED', 'mremap(0x7f2a40000000, 8192, 8192, MREMAP_MAYMOVE|MREMAP_FIXED, 0x7f2a50000000) = 0x7f2a50000000'],
    ['munmap', 'munmap(0x7f2a40000000, 4096) = 0'],
  ])('and assert the rest: %s', (_, line) => {
    const { summary } = expectReplays([MAPPED, line]);
    expect(summary.claims).toEqual({ held: 1, placed: 1, contradicted: 0 });
  });

  test('a claim that fails shows both values', () => {
    const { diagnostics, ok } = expectSaid([MAPPED, 'munmap(0x7f2a40000001, 4096) = 0'], ['2 claim-failed']);
    expect(diagnostics[0]?.message).toBe('claimed 0, but the kernel answered -1 EINVAL (Invalid argument)');
    expect(ok).toBe(false);
  });
});

describe('a log begins in the middle', () => {
  const [AT, SIZE] = ['0x7f2a40000000', 8192];
  test.each([
    ['mremap', `mremap(${AT}, ${SIZE}, 16384, MREMAP_MAYMOVE) = 0x7f2a50000000`],
    ['mremap of a shared mapping onto itself', `mremap(${AT}, 0, 8192, MREMAP_MAYMOVE) = 0x7f2a50000000`],
    ['mprotect to less', `mprotect(${AT}, ${SIZE}, PROT_READ) = 0`],
    ['mprotect to more', `mprotect(${AT}, ${SIZE}, PROT_READ|PROT_WRITE) = 0`],
    ['madvise', `madvise(${AT}, ${SIZE}, MADV_DONTNEED) = 0`],
    ['mlock', `mlock(${AT}, ${SIZE}) = 0`],
    ['mlock2', `mlock2(${AT}, ${SIZE}, MLOCK_ONFAULT) = 0`],
    ['munlock', `munlock(${AT}, ${SIZE}) = 0`],
    ['mseal', `mseal(${AT}, ${SIZE}, 0) = 0`],
  ])('%s implies that its pages were mapped', (_, line) => {
    expectReplays([line], { assumed: 1 });
  });

  test('only what is not known is assumed', () => {
    expectReplays([MAPPED, `madvise(${AT}, 16384, MADV_DONTNEED) = 0`], { assumed: 1 });
    expectReplays([MAPPED, `madvise(0x7f2a3ffff000, 16384, MADV_DONTNEED) = 0`], { assumed: 2 });
    expectReplays([MAPPED, `madvise(${AT}, 8192, MADV_DONTNEED) = 0`], { assumed: 0 });
  });

  test('what was unmapped is known to be', () => {
    expectSaid([`munmap(${AT}, ${SIZE}) = 0`, `mprotect(${AT}, ${SIZE}, PROT_READ) = 0`], ['2 log-assumed']);
    expectSaid([MAPPED, `mremap(${AT}, ${SIZE}, ${SIZE}, MREMAP_MAYMOVE|MREMAP_FIXED, 0x7f2a50000000) = 0x7f2a50000000`, `mlock(${AT}, 4096) = 0`], ['3 log-assumed']);
  });

  test('a refusal implies nothing', () => {
    const { summary } = expectSaid([`mprotect(${AT}, ${SIZE}, PROT_READ) = -1 ENOMEM (Cannot allocate memory)`], ['1 log-refused']);
    expect(summary).toMatchObject({ assumed: 0, account: { explained: 1 } });
    expect(summary.explained[0]?.causes[0]?.cause).toBe('unmapped');
    expectSaid([`mprotect(${AT}, ${SIZE}, PROT_READ|PROT_WRITE) = -1 EACCES (Permission denied)`], ['1 log-refused']);
  });

  test('a heap that has grown may shrink', () => {
    expectReplays(['brk(0x55d0a2b2c000) = 0x55d0a2b2c000', 'brk(0x55d0a1b2c000) = 0x55d0a1b2c000', 'brk(0x55d0a3b2c000) = 0x55d0a3b2c000']);
  });
});

describe('calls that the model lacks', () => {
  test.each(['remap_file_pages(0x7f2a40000000, 4096, 0, 3, 0) = 0', 'io_setup(128, [0x7f2a41000000]) = 0', 'map_shadow_stack(0, 4096, 0) = 0x7f2a41000000'])(
    '%s is reported',
    (line) => {
      const { ok, summary } = expectSaid([MAPPED, line], ['2 log-lacking']);
      expect(summary).toMatchObject({ replayed: 1, account: { doubts: 1 } });
      expect(ok).toBe(true);
    },
  );

  test('one that was refused changed nothing', () => {
    expectReplays([MAPPED, 'remap_file_pages(0x7f2a40000000, 4096, 0, 3, 0) = -1 EINVAL (Invalid argument)']);
  });
});

describe('shared memory segments are mappings', () => {
  const GET = 'shmget(0x1234, 10000, IPC_CREAT|0600) = 5';
  test('attached at a place, and detached as a whole', () => {
    expectReplays([
      GET,
      'shmat(5, NULL, 0) = 0x7f2a40000000',
      'mprotect(0x7f2a40000000, 12288, PROT_READ) = 0',
      'shmdt(0x7f2a40000000) = 0',
      'mmap(0x7f2a40000000, 4096, PROT_READ, MAP_PRIVATE|MAP_ANONYMOUS|MAP_FIXED_NOREPLACE, -1, 0) = 0x7f2a40000000',
    ]);
  });
  test('attached where asked', () => {
    expectReplays([GET, 'shmat(5, 0x7f2a40000000, SHM_RDONLY) = 0x7f2a40000000']);
    expectReplays([GET, MAPPED, 'shmat(5, 0x7f2a40000000, SHM_REMAP) = 0x7f2a40000000']);
    expectSaid([GET, MAPPED, 'shmat(5, 0x7f2a40000000, 0) = 0x7f2a40000000'], ['3 log-assumed']);
  });
  test('of unknown size are reported', () => {
    expectSaid(['shmat(7, NULL, 0) = 0x7f2a40000000', 'shmdt(0x7f2a40000000) = 0'], ['1 log-segment', '2 log-segment']);
  });
});

describe('files', () => {
  test('are as long as they are mapped', () => {
    expectReplays([
      'mmap(NULL, 4096, PROT_READ, MAP_SHARED, 3</data>, 0) = 0x7f2a40000000',
      'mmap(NULL, 1073741824, PROT_READ|PROT_WRITE, MAP_SHARED, 3</data>, 0x100000000) = 0x7f2a50000000',
      'mremap(0x7f2a40000000, 4096, 8192, MREMAP_MAYMOVE) = 0x7f2a41000000',
    ]);
  });
  test('what they refuse is not known', () => {
    const { summary } = expectSaid(
      [
        'mmap(NULL, 4096, PROT_READ, MAP_SHARED, 3</dev/null>, 0) = -1 ENODEV (No such device)',
        'mmap(NULL, 4096, PROT_READ|PROT_WRITE, MAP_SHARED, 3, 0) = -1 EACCES (Permission denied)',
      ],
      ['1 log-refused', '2 log-refused'],
    );
    expect(summary.explained.map(({ errno, causes }) => `${errno} ${causes[0]?.cause}`)).toEqual(['ENODEV file_kind', 'EACCES file_mode']);
  });
});

describe('limits', () => {
  test('that a success denies are lifted', () => {
    const { summary } = expectReplays(['mmap(NULL, 1073741824, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) = 0x7f2a40000000', 'mlock(0x7f2a40000000, 1073741824) = 0']);
    expect(summary.notes).toEqual(['limits lifted from line 2 on: the process was allowed more than one is by default']);
  });
  test('that the log sets hold', () => {
    expectReplays([
      MAPPED,
      'prlimit64(0, RLIMIT_MEMLOCK, {rlim_cur=4*1024, rlim_max=4*1024}, NULL) = 0',
      'mlock(0x7f2a40000000, 8192) = -1 ENOMEM (Cannot allocate memory)',
      'setrlimit(RLIMIT_MEMLOCK, {rlim_cur=RLIM64_INFINITY, rlim_max=RLIM64_INFINITY}) = 0',
      'mlock(0x7f2a40000000, 8192) = 0',
    ]);
  });
});

describe('bounds', () => {
  const MOVE = 'mremap(0x7f2a40000000, 8192, 8192, MREMAP_MAYMOVE|MREMAP_FIXED, 0x7f2a50000000) = 0x7f2a50000000';

  test('what a move cost lies between them', () => {
    expect(replay([MAPPED, MOVE]).mremaps).toEqual([{ line: 2, pte: 2, pmd: 0, pud: 0, least: { pte: 0, pmd: 0, pud: 0 } }]);
    expect(replay([MAPPED, MOVE], { touched: 'none' }).mremaps).toEqual([{ line: 2, pte: 0, pmd: 0, pud: 0 }]);
    expect(replay([MAPPED, MOVE], { touched: 'all' }).mremaps).toEqual([{ line: 2, pte: 2, pmd: 0, pud: 0 }]);
  });

  test('pages given up may have been touched again', () => {
    expect(replay([MAPPED, 'madvise(0x7f2a40000000, 8192, MADV_DONTNEED) = 0', MOVE]).mremaps[0]).toMatchObject({ pte: 2, least: { pte: 0 } });
  });

  test('what can be read is touched, what cannot is not', () => {
    const with_ = (prot: string): string => MAPPED.replace('PROT_READ|PROT_WRITE', prot);
    expect(replay([with_('PROT_READ'), MOVE]).mremaps[0]).toMatchObject({ pte: 2 });
    expect(replay([with_('PROT_NONE'), MOVE]).mremaps[0]).toMatchObject({ pte: 0 });
    expect(
      replay([
        with_('PROT_NONE'),
        'mprotect(0x7f2a40000000, 4096, PROT_READ|PROT_WRITE) = 0',
        'mremap(0x7f2a40000000, 4096, 4096, MREMAP_MAYMOVE|MREMAP_FIXED, 0x7f2a50000000) = 0x7f2a50000000',
      ]).mremaps[0],
    ).toMatchObject({ pte: 1 });
  });

  test('the heap is touched too', () => {
    const heap = ['brk(NULL) = 0x1e4b000', 'brk(0x1e6c000) = 0x1e6c000', 'brk(0x1e5c000) = 0x1e5c000'];
    expect(replay([...heap, 'mremap(0x1e4b000, 69632, 69632, MREMAP_MAYMOVE|MREMAP_FIXED, 0x7f2a50000000) = 0x7f2a50000000']).mremaps[0]).toMatchObject({
      pte: 17,
      least: { pte: 0 },
    });
  });

  test('a bound that contradicts the log is withdrawn and named', () => {
    // Two neighbours that were written each have an anon_vma of their own, and do not become one:
    // only where nothing was touched can both be moved together.
    const log = [
      'mmap(0x7f2a40000000, 4096, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS|MAP_FIXED, -1, 0) = 0x7f2a40000000',
      'mmap(0x7f2a60000000, 4096, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS|MAP_FIXED, -1, 0) = 0x7f2a60000000',
      'mmap(0x7f2a80000000, 8192, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS|MAP_FIXED, -1, 0) = 0x7f2a80000000',
      'mremap(0x7f2a40000000, 4096, 4096, MREMAP_MAYMOVE|MREMAP_FIXED, 0x7f2a90000000) = 0x7f2a90000000',
      'mremap(0x7f2a60000000, 4096, 4096, MREMAP_MAYMOVE|MREMAP_FIXED, 0x7f2a40000000) = 0x7f2a40000000',
      'mmap(0x7f2a40001000, 4096, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS|MAP_FIXED, -1, 0) = 0x7f2a40001000',
      'mremap(0x7f2a40000000, 8192, 8192, MREMAP_MAYMOVE|MREMAP_DONTUNMAP, 0) = -1 EFAULT (Bad address)',
      'mremap(0x7f2a80000000, 8192, 8192, MREMAP_MAYMOVE|MREMAP_FIXED, 0x7f2aa0000000) = 0x7f2aa0000000',
    ];
    const { summary, diagnostics, mremaps, ok } = replay(log);
    expect({ ok, contradicted: summary.claims.contradicted }).toEqual({ ok: true, contradicted: 0 });
    expect(diagnostics.map((d) => `${d.line} ${d.code} ${d.severity}`)).toEqual(['7 log-withdrawn warning']);
    expect(summary.notes).toHaveLength(1);
    expect(mremaps.at(-1)?.least).toBeUndefined();
  });
});
