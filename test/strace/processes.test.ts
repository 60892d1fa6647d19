import { describe, expect, test } from 'vitest';
import { expectReplays, expectSaid, replay } from './kit.js';

const map = (pid: number, at: string, length = 8192): string => `${pid} mmap(NULL, ${length}, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) = ${at}`;
const THREAD = 'clone(child_stack=0x7f2a3fffff70, flags=CLONE_VM|CLONE_FS|CLONE_FILES|CLONE_SIGHAND|CLONE_THREAD|CLONE_SYSVSEM, parent_tid=[2], tls=0x7f2a, child_tidptr=0x7f2b)';
const FORK = 'clone(child_stack=NULL, flags=CLONE_CHILD_CLEARTID|CLONE_CHILD_SETTID|SIGCHLD, child_tidptr=0x7f2b)';

describe('halves of a call', () => {
  test('are joined per process', () => {
    expectReplays(
      [
        '1 munmap(0x7f2a40000000, 4096 <unfinished ...>',
        '2 brk(NULL <unfinished ...>',
        '1 <... munmap resumed>)             = 0',
        '2 <... brk resumed>) = 0x55d0a1b2c000 <0.000008>',
        '[pid 1] mmap(NULL, 4096, PROT_READ, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0 <unfinished ...>',
        '[pid 1] <... mmap resumed> ) = 0x7f2a40000000',
      ],
      { replayed: 3 },
    );
  });
  test('a second half alone is told', () => {
    const { ok } = expectSaid(['1 <... munmap resumed>) = 0', '1 <... read resumed>"x", 1) = 1'], ['1 log-resumed']);
    expect(ok).toBe(true);
  });
  test('the line of a call is where it began', () => {
    expect(
      replay([map(1, '0x7f2a40000000'), '1 mremap(0x7f2a40000000, 8192, 16384, MREMAP_MAYMOVE <unfinished ...>', '1 <... mremap resumed>) = 0x7f2a50000000']).mremaps,
    ).toMatchObject([{ line: 2 }]);
  });
  test('a call that its process did not live to see', () => {
    expectReplays([map(1, '0x7f2a40000000'), '1 munmap(0x7f2a40000000, 8192 <unfinished ...>', '1 <... munmap resumed>) = ?', '1 +++ killed by SIGKILL +++'], {
      replayed: 1,
      skipped: 1,
    });
    expectReplays([map(1, '0x7f2a40000000'), '1 munmap(0x7f2a40000000, 8192 <unfinished ...>', '1 <... munmap resumed> <unfinished ...>) = ?', '1 +++ exited with 0 +++'], {
      replayed: 1,
    });
  });
  test('of a call that was freeing pages when another thread got them', () => {
    expectReplays([
      map(1, '0x7f2a40000000'),
      `1 ${THREAD} = 2`,
      '1 munmap(0x7f2a40000000, 8192 <unfinished ...>',
      map(2, '0x7f2a40000000'),
      '2 mprotect(0x7f2a40000000, 8192, PROT_READ) = 0',
      '1 <... munmap resumed>) = 0',
      '2 munmap(0x7f2a40000000, 8192) = 0',
    ]);
    expectReplays([
      map(1, '0x7f2a40000000'),
      `1 ${THREAD} = 2`,
      '1 mremap(0x7f2a40000000, 8192, 16384, MREMAP_MAYMOVE <unfinished ...>',
      map(2, '0x7f2a40001000', 4096),
      '1 <... mremap resumed>) = 0x7f2a50000000',
    ]);
  });
});

describe('with clone lines', () => {
  test.each([
    ['clone', THREAD],
    ['clone3', 'clone3({flags=CLONE_VM|CLONE_FS|CLONE_FILES|CLONE_SIGHAND|CLONE_THREAD, child_tid=0x7f, exit_signal=0, stack=0x7f, stack_size=0x7fff00} => {parent_tid=[2]}, 88)'],
    ['clone with numbers', 'clone(child_stack=0x7f2a3fffff70, flags=0x3d0f00)'],
  ])('a thread shares its memory: %s', (_, clone) => {
    const { summary } = expectReplays([map(1, '0x7f2a40000000'), `1 ${clone} = 2`, '2 munmap(0x7f2a40000000, 8192) = 0', map(1, '0x7f2a40000000')]);
    expect(summary.processes).toEqual({ programs: 1, forks: 0, threads: 1 });
  });

  test.each([
    ['clone', FORK],
    ['fork', 'fork()'],
    ['clone3', 'clone3({flags=CLONE_CHILD_SETTID, exit_signal=SIGCHLD, stack=NULL, stack_size=0}, 88)'],
  ])('a child has its own: %s', (_, fork) => {
    const { summary } = expectReplays(
      [map(1, '0x7f2a40000000'), `1 ${fork} = 2`, '2 munmap(0x7f2a40000000, 8192) = 0', '1 mprotect(0x7f2a40000000, 8192, PROT_READ) = 0', map(2, '0x7f2a40000000')],
      { assumed: 0 },
    );
    expect(summary.processes).toEqual({ programs: 1, forks: 1, threads: 0 });
  });

  test('a child may be heard of before its parent is back', () => {
    expectReplays([
      map(1, '0x7f2a40000000'),
      '1 clone(child_stack=NULL, flags=CLONE_CHILD_CLEARTID|SIGCHLD <unfinished ...>',
      'strace: Process 2 attached',
      '2 munmap(0x7f2a40000000, 8192) = 0',
      '1 <... clone resumed>, child_tidptr=0x7f2b) = 2',
      '1 mprotect(0x7f2a40000000, 8192, PROT_READ) = 0',
    ]);
  });

  test('a vfork shares until it becomes another program', () => {
    const { summary } = expectReplays([
      '1 brk(NULL) = 0x1e4b000',
      map(1, '0x7f2a40000000'),
      '1 vfork( <unfinished ...>',
      '2 execve("/bin/ls", ["ls"], 0x7ff /* 3 vars */ <unfinished ...>',
      '1 <... vfork resumed>) = 2',
      '2 <... execve resumed>) = 0',
      '2 brk(NULL) = 0x55d0a1b2c000',
      map(2, '0x7f2a40000000'),
      '2 exit_group(0) = ?',
      '2 +++ exited with 0 +++',
      '1 munmap(0x7f2a40000000, 8192) = 0',
    ]);
    expect(summary.processes).toEqual({ programs: 2, forks: 1, threads: 0 });
  });

  test('a clone that was refused has no child', () => {
    expectReplays([map(1, '0x7f2a40000000'), `1 ${FORK} = -1 EAGAIN (Resource temporarily unavailable)`, '1 munmap(0x7f2a40000000, 8192) = 0'], {
      processes: { programs: 1, forks: 0, threads: 0 },
    });
  });

  test('a child in another pid namespace is known by the pid that strace sees', () => {
    expectReplays(
      [map(1, '0x7f2a40000000'), `1 ${FORK} = 5 /* 77 in strace's PID NS */`, '77 munmap(0x7f2a40000000, 8192) = 0', '1 mprotect(0x7f2a40000000, 4096, PROT_READ) = 0'],
      { assumed: 0 },
    );
  });

  test('an execve leaves everything behind', () => {
    expectReplays([map(1, '0x7f2a40000000'), '1 execve("/bin/ls", ["ls"], 0x7ff /* 3 vars */) = 0', map(1, '0x7f2a40000000')], {
      processes: { programs: 2, forks: 0, threads: 0 },
    });
    expectReplays([map(1, '0x7f2a40000000'), '1 execve("/bin/no", ["no"], 0x7ff /* 3 vars */) = -1 ENOENT (No such file or directory)', '1 munmap(0x7f2a40000000, 8192) = 0'], {
      processes: { programs: 1 },
    });
  });

  test('a thread that becomes the program does so under the pid of the first one', () => {
    expectReplays([
      map(1, '0x7f2a40000000'),
      `1 ${THREAD} = 2`,
      '2 execve("/bin/ls", ["ls"], 0x7ff /* 3 vars */ <unfinished ...>',
      '1 +++ superseded by execve in pid 2 +++',
      '1 <... execve resumed>) = 0',
      map(1, '0x7f2a40000000'),
    ]);
  });

  test('the space of the last thread goes with it', () => {
    expectReplays(
      [map(1, '0x7f2a40000000'), `1 ${THREAD} = 2`, '1 +++ exited with 0 +++', '2 munmap(0x7f2a40000000, 4096) = 0', '2 +++ exited with 0 +++', map(2, '0x7f2a40000000')],
      { processes: { programs: 2, forks: 0, threads: 1 } },
    );
  });
});

describe('without clone lines', () => {
  test('one that begins with brk(NULL) is a program', () => {
    const { summary } = expectReplays(['1 brk(NULL) = 0x1e4b000', map(1, '0x7f2a40000000'), '2 brk(NULL) = 0x55d0a1b2c000', map(2, '0x7f2a40000000')]);
    expect(summary.processes).toMatchObject({ programs: 2 });
    expect(summary.notes[0]).toMatch(/^1 new process taken for a program/);
  });

  test('any other lives where its addresses are', () => {
    const { summary } = expectReplays([
      '1 brk(NULL) = 0x1e4b000',
      map(1, '0x7f2a40000000'),
      '2 brk(NULL) = 0x55d0a1b2c000',
      map(2, '0x7fa040000000'),
      '3 munmap(0x7f2a40000000, 8192) = 0',
      '4 mprotect(0x7fa040000000, 4096, PROT_NONE) = 0',
      map(1, '0x7f2a40000000'),
    ]);
    expect(summary.assumed).toBe(0);
    expect(summary.notes).toContain('2 new processes taken for a thread: without clone lines, its addresses are those of a process there was');
  });

  test('one that only maps lives where it is mapped near', () => {
    expectReplays(
      [
        '1 brk(NULL) = 0x1e4b000',
        map(1, '0x7f2a40000000'),
        '2 brk(NULL) = 0x55d0a1b2c000',
        map(2, '0x7fa040000000'),
        map(3, '0x7f2a3fff0000'),
        '1 munmap(0x7f2a3fff0000, 8192) = 0',
        '2 brk(NULL) = 0x55d0a1b2c000',
      ],
      { assumed: 0 },
    );
  });

  test('a brk(NULL) that finds another break is an exec', () => {
    const { summary } = expectReplays(['1 brk(NULL) = 0x1e4b000', map(1, '0x7f2a40000000'), '1 brk(NULL) = 0x1e4b000', '1 brk(NULL) = 0x55d0a1b2c000', map(1, '0x7f2a40000000')]);
    expect(summary.notes).toContain('1 exec told by the break alone, which brk(NULL) found elsewhere');
  });
});
