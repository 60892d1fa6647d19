/** Logs of other tracers give the calls that strace would have printed. */
import { describe, expect, test } from 'vitest';
import { logLines, replay } from './kit.js';

describe('one program, recorded by several tracers', () => {
  test.each([
    ['grow.perf-trace', 'perf trace'],
    ['grow.ltrace', 'ltrace -S'],
    ['grow.valgrind', 'Valgrind'],
    ['grow.qemu', 'QEMU'],
  ])('%s', (name, tracer) => {
    const { ok, summary } = replay(logLines(name));
    expect({ ok, unread: summary.unread, contradicted: summary.claims.contradicted, mremaps: summary.mremaps }).toEqual({ ok: true, unread: 0, contradicted: 0, mremaps: 3 });
    expect(summary.notes[0]).toBe(`a log of ${tracer}, read as strace would have printed it`);
    expect(Object.values(summary.account).reduce((a, b) => a + b)).toBe(summary.lines);
    // The third one finds two mappings, as one of them was made read-only.
    expect(summary.account.replayed + summary.account.explained).toBeGreaterThan(20);
  });
});

test('perf trace: names, what is left out, halves, times', () => {
  const { ok, mremaps, summary } = replay([
    '     0.000 ( 0.013 ms): t/7 mmap(len: 8192, prot: READ|WRITE, flags: PRIVATE|ANONYMOUS) = 0x7f2a40000000',
    '     0.100 (         ): t/7 mremap(addr: 0x7f2a40000000, old_len: 8192, new_len: 8192, flags: MAYMOVE|FIXED, new_addr: 0x7f2a50000000) ...',
    '     0.110 ( 0.002 ms): u/8 close(fd: 3) = 0',
    '     0.200 ( 0.100 ms): t/7  ... [continued]: mremap()) = 0x7f2a50000000',
    '     0.300 ( 0.001 ms): t/7 madvise(start: 0x7f2a50000000, len_in: 4096, behavior: DONTNEED) = 0',
    '     0.400 ( 0.001 ms): t/7 munmap(addr: 0x1, len: 1) = -1 EINVAL (Invalid argument)',
  ]);
  expect(ok).toBe(true);
  expect(mremaps).toMatchObject([{ pte: 2 }]);
  expect(summary.account).toEqual({ replayed: 4, others: 1, notices: 1, explained: 0, assumptions: 0, doubts: 0 });
});

test('gVisor: what goes in is said again when it comes out', () => {
  const head = 'I0705 23:27:43.247383       1 strace.go:576] [   7:   7] app';
  const { ok, summary } = replay([
    `${head} E mmap(0x0, 0x2000, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS, 0xffffffffffffffff (bad FD), 0x0)`,
    `${head} X mmap(0x0, 0x2000, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS, 0xffffffffffffffff (bad FD), 0x0) = 139821118160896 (0x7f2a40000000) (38.221µs)`,
    `${head} X mmap(0x0, 0x1000, 0x0, MAP_PRIVATE|MAP_ANONYMOUS, 0xffffffffffffffff (bad FD), 0x0) = 139821118169088 (0x7f2a40002000) (3.2µs)`,
    `${head} X openat(AT_FDCWD /, 0x145d8e0 /no/such (file), O_RDONLY|0x0, 0o0) = 0 (0x0) errno=2 (no such file or directory) (22.646µs)`,
    `${head} X munmap(0x7f2a40000000, 0x2000) = 0 (0x0) (1.2ms)`,
    `${head} X munmap(0x1, 0x1) = 0 (0x0) errno=22 (invalid argument) (1µs)`,
  ]);
  expect(ok).toBe(true);
  expect(summary.account).toEqual({ replayed: 4, others: 1, notices: 1, explained: 0, assumptions: 0, doubts: 0 });
});

test('Valgrind: the end of a call names its process, not the call', () => {
  const { ok, summary } = replay([
    'SYSCALL[7,1](9) sys_mmap ( 0x0, 8192, 3, 34, 4294967295, 0 ) --> [pre-success] Success(0x4852000) ',
    'SYSCALL[7,1](28) sys_madvise ( 0x4852000, 8192, 4 ) --> [async] ... ',
    'SYSCALL[7,1](28) ... [async] --> Success(0x0) ',
    'SYSCALL[7,1](11) sys_munmap ( 0x1, 1 )[sync] --> Failure(0x16) ',
    '==7== HEAP SUMMARY:',
  ]);
  expect(ok).toBe(true);
  expect(summary.account).toMatchObject({ replayed: 3, doubts: 0 });
});
