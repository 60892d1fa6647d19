import { describe, expect, test } from 'vitest';
import { expectReplays, expectSaid, MAPPED, replay } from './kit.js';

const UNMAP = 'munmap(0x7f2a40000000, 8192) = 0';

describe('what strace puts before a call', () => {
  test.each([
    ['nothing', ''],
    ['-f to a file: a pid', '12289 '],
    ['-f to a file: a short pid', '7     '],
    ['-f to a terminal', '[pid 12289] '],
    ['-f to a terminal: a short pid', '[pid     7] '],
    ['-t', '09:15:46 '],
    ['-tt', '09:15:46.082094 '],
    ['-ttt', '1699999999.082094 '],
    ['-r', '     0.000022 '],
    ['-r -t', '09:15:46 (+     0.000022) '],
    ['-f -t', '12289 09:15:46 '],
    ['-f -tt', '21249 09:15:46.082094 '],
    ['-f -ttt', '12289 1699999999.082094 '],
    ['-f -r', '7055       0.000022 '],
    ['-f -tt to a terminal', '[pid 12289] 09:15:46.082094 '],
    ['--decode-pids=comm', '12289<gcc> '],
    ['--decode-pids=comm to a terminal', '[pid 12289<python3>] '],
    ['-i', '[00007f2a4a1b2c3d] '],
    ['-n', '[   9] '],
    ['-f -i', '12289 [00007f2a4a1b2c3d] '],
  ])('%s', (_, prefix) => {
    expectReplays([prefix + MAPPED, prefix + UNMAP], { lines: 2, replayed: 2 });
  });
});

describe('what strace puts behind a call', () => {
  test.each([
    ['spaces before the result', 'munmap(0x7f2a40000000, 8192)             = 0'],
    ['-T', 'munmap(0x7f2a40000000, 8192) = 0 <0.000012>'],
    ['-T of a call that took no time', 'munmap(0x7f2a40000000, 8192) = 0 <0.000000>'],
    ['a delay of its own', 'munmap(0x7f2a40000000, 8192) = 0 (DELAYED) <0.100012>'],
    ['flags of a result', 'munmap(0x7f2a40000000, 8192) = 0 (flags O_RDWR|O_CLOEXEC)'],
    ['a result in hex', 'munmap(0x7f2a40000000, 8192) = 0x0'],
    ['a carriage return is not its', 'munmap(0x7f2a40000000, 8192) = 0 '],
    ['a refusal', 'munmap(0x7f2a40000001, 8192) = -1 EINVAL (Invalid argument)'],
    ['a refusal, timed', 'munmap(0x7f2a40000001, 8192) = -1 EINVAL (Invalid argument) <0.000004>'],
    ['a refusal without its text', 'munmap(0x7f2a40000001, 8192) = -1 EINVAL'],
  ])('%s', (_, line) => {
    expectReplays([MAPPED, line], { replayed: 2 });
  });

  test.each([
    ['a call that never came back', 'munmap(0x7f2a40000000, 8192) = ?'],
    ['a call that will be restarted', 'munmap(0x7f2a40000000, 8192) = ? ERESTARTNOINTR (To be restarted)'],
    ['an errno that no memory call gives', 'madvise(0x7f2a40000000, 8192, MADV_COLLAPSE) = -1 EHWPOISON (Memory page has hardware error)'],
    ['an errno without a name', 'munmap(0x7f2a40000000, 8192) = -1 (errno 595)'],
    ['an errno that strace made up', 'munmap(0x7f2a40000000, 8192) = -1 ENOMEM (Cannot allocate memory) (INJECTED)'],
  ])('%s claims nothing', (_, line) => {
    expectReplays([MAPPED, line], { replayed: 1, skipped: 1 });
  });
});

describe('how versions of strace spell arguments', () => {
  test.each([
    ['4.6: brk(0)', ['brk(0) = 0x1e4b000', 'brk(0x1e6c000) = 0x1e6c000']],
    ['4.x to 6.x: brk(NULL)', ['brk(NULL) = 0x1e4b000', 'brk(0x1e6c000) = 0x1e6c000']],
    ['mmap2 of 32-bit programs', ['mmap2(NULL, 8192, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) = 0x7f2a40000000']],
    ['flags of the loader', ['mmap(NULL, 1974096, PROT_READ, MAP_PRIVATE|MAP_DENYWRITE, 3, 0) = 0x7f2a40000000']],
    ['-y: the path of a descriptor', ['mmap(NULL, 50323, PROT_READ, MAP_PRIVATE, 3</etc/ld.so.cache>, 0) = 0x7f2a40000000']],
    ['-y: a path with everything in it', ['mmap(NULL, 50323, PROT_READ, MAP_PRIVATE, 3</tmp/a (1), b = [c]>, 0x1000) = 0x7f2a40000000']],
    ['-yy: a device', ['mmap(NULL, 4096, PROT_READ, MAP_SHARED, 4</dev/zero<char 1:5>>, 0) = 0x7f2a40000000']],
    ['a file that is gone', ['mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, 4</tmp/x>(deleted), 0) = 0x7f2a40000000']],
    ['-X raw', ['mmap(NULL, 0x2000, 0x3, 0x22, 0xffffffff, 0) = 0x7f2a40000000']],
    ['-X verbose', ['mmap(NULL, 8192, 0x3 /* PROT_READ|PROT_WRITE */, 0x22 /* MAP_PRIVATE|MAP_ANONYMOUS */, -1, 0) = 0x7f2a40000000']],
    ['huge pages of a size', [`mmap(NULL, 2097152, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS|MAP_HUGETLB|21<<MAP_HUGE_SHIFT, -1, 0) = 0x7f2a40000000`]],
    ['flags with bits left over', ['mmap(NULL, 8192, PROT_READ, MAP_PRIVATE|MAP_ANONYMOUS|0x8000000, -1, 0) = 0x7f2a40000000']],
    ['pkey_mprotect', [MAPPED, 'pkey_mprotect(0x7f2a40000000, 4096, PROT_READ, -1) = 0']],
    ['the fifth argument of mremap where it counts', [MAPPED, 'mremap(0x7f2a40000000, 8192, 8192, MREMAP_MAYMOVE|MREMAP_FIXED, 0x7f2a50000000) = 0x7f2a50000000']],
    ['DONTUNMAP', [MAPPED, 'mremap(0x7f2a40000000, 8192, 8192, MREMAP_MAYMOVE|MREMAP_DONTUNMAP, 0) = 0x7f2a50000000']],
    ['calls that change no address space', ['openat(AT_FDCWD, "/x (a", O_RDONLY) = 3', 'read(3, "\\177ELF\\2\\1)"..., 832) = 832', 'arch_prctl(ARCH_SET_FS, 0x7f2a40000740) = 0']],
    ['an execve with its environment', ['execve("/usr/bin/sh", ["sh", "-c", "ls (/ = 0"...], 0x7ffeb4fed1d8 /* 20 vars */) = 0', 'brk(NULL) = 0x56068f1e6000']],
  ])('%s', (_, lines) => {
    expectReplays(lines);
  });

  test('advice that strace has no name for is the kernel to refuse', () => {
    expectReplays([MAPPED, 'madvise(0x7f2a40000000, 4096, 0x6f /* MADV_??? */) = -1 EINVAL (Invalid argument)']);
  });
});

describe('lines that are no calls', () => {
  test.each([
    '+++ exited with 0 +++',
    '12289 +++ exited with 1 +++',
    '[pid 12289] +++ exited with 0 +++',
    '12289 09:15:46.535776 +++ killed by SIGKILL +++',
    '+++ killed by SIGSEGV (core dumped) +++',
    '--- SIGCHLD {si_signo=SIGCHLD, si_code=CLD_EXITED, si_pid=21250, si_uid=0, si_status=0, si_utime=0, si_stime=0} ---',
    '21249 09:15:46.090140 --- SIGSEGV {si_signo=SIGSEGV, si_code=SEGV_MAPERR, si_addr=NULL} ---',
    '[pid 7] --- stopped by SIGSTOP ---',
    'strace: Process 12290 attached',
    'strace: Process 12290 detached',
    '[pid 12289] strace: Process 12290 attached',
    ' > /lib/x86_64-linux-gnu/libc.so.6(brk+0x1f) [0x10a]',
    '',
  ])('%s', (line) => {
    expectReplays([MAPPED, line], { lines: 2, replayed: 1, skipped: 0 });
  });
});

describe('a line that cannot be read', () => {
  test.each([
    ['breaks off', 'mremap(0x7f2a40000000, 8192, 163', 'log-brackets'],
    ['has no result', 'munmap(0x7f2a40000000, 8192)', 'log-brackets'],
    ['has half a result', 'munmap(0x7f2a40000000, 8192) =', 'log-result'],
    ['has a result that is none', 'munmap(0x7f2a40000000, 8192) = 0zz', 'log-result'],
    ['has more than a result', 'munmap(0x7f2a40000000, 8192) = 0 munmap(', 'log-result'],
    ['names an errno that is none', 'munmap(0x7f2a40000000, 8192) = -1 EINVALID', 'log-result'],
    ['lacks an argument', 'munmap(0x7f2a40000000) = 0', 'log-arguments'],
    ['has an argument too many', 'munmap(0x7f2a40000000, 8192, 1) = 0', 'log-arguments'],
    ['has an address that is none', 'munmap(0x7f2a4g000000, 8192) = 0', 'log-argument'],
    ['has a flag that is none', 'mprotect(0x7f2a40000000, 8192, PROT_REED) = 0', 'log-argument'],
    ['is nearly a memory call', 'mumap(0x7f2a40000000, 8192) = 0', 'log-call'],
    ['has something before it that nobody knows', '?? munmap(0x7f2a40000000, 8192) = 0', 'log-line'],
    ['is the end of a line', '7f2a40000000, 8192) = 0', 'log-line'],
  ])('that %s is named, the rest runs', (_, line, code) => {
    const { summary, ok } = expectSaid([MAPPED, line, UNMAP], [`2 ${code}`]);
    expect(summary).toMatchObject({ lines: 3, replayed: 2, unread: 1 });
    expect(ok).toBe(false);
  });

  test('is told once per kind, and counted every time', () => {
    const { summary } = expectSaid(
      [MAPPED, 'munmap(0x1', 'munmap(0x2', 'mremap(0x3', '?? brk(0x1) = 0x1', '?? brk(0x2) = 0x2', UNMAP],
      ['2 log-brackets', '4 log-brackets', '5 log-line'],
    );
    expect(summary.unread).toBe(5);
  });

  test('carries its text and its place along', () => {
    const [d] = replay([MAPPED, '123 munmap(0x7f2a4g000000, 8192) = 0']).diagnostics;
    expect(d).toMatchObject({ line: 2, column: 12, excerpt: '123 munmap(0x7f2a4g000000, 8192) = 0', span: { start: 11, end: 25 } });
  });
});
