/** Lines as people have them: with what stands around them, and with what breaks into them. */
import { describe, expect, test } from 'vitest';
import { expectReplays, expectSaid, MAPPED, replay } from './kit.js';

const AT = '0x7f2a40000000';
const GROW = `mremap(${AT}, 8192, 16384, MREMAP_MAYMOVE) = 0x7f2a50000000`;
const UNMAP = 'munmap(0x7f2a50000000, 16384) = 0';
const LOG = [MAPPED, GROW, UNMAP];

describe('what stands around each line is taken off', () => {
  test.each<[string, (line: string, i: number) => string]>([
    ['a quote', (l) => `> ${l}`],
    ['a quote of a quote', (l) => `>> > ${l}`],
    ['a quote of a log with pids', (l) => `> 4711 ${l}`],
    ['an indent', (l) => `        ${l}`],
    ['a tab', (l) => `\t${l}`],
    ['a carriage return', (l) => `${l}\r`],
    ['colours', (l) => `\u001b[1;34m${l.replace('(', '\u001b[0m(')}\u001b[K`],
    ['entities of HTML', (l) => `&gt; ${l}`],
    ['grep -n', (l, i) => `${i + 12}:${l}`],
    ['grep -n with context', (l, i) => `${i + 12}-${l}`],
    ['grep -n of several files', (l, i) => `logs/build.strace:${i + 12}:${l}`],
    ['grep of several files', (l) => `build.strace:${l}`],
    ['cat -n', (l, i) => `     ${i + 1}\t${l}`],
    ['less -N', (l, i) => `      ${i + 1} ${l}`],
    ['a list that counts', (l, i) => `${i + 1} - ${l}`],
    ['journald', (l) => `Nov 28 16:59:01 build-07 strace[4321]: ${l}`],
    ['journald with microseconds and pids', (l) => `Nov 28 16:59:01.123456 build-07 systemd-strace[4321]: [pid  4711] ${l}`],
    ['syslog without a pid', (l) => `Nov  8 16:59:01 host strace: ${l}`],
    ['ts', (l) => `Nov 28 16:59:01 ${l}`],
    ['a time of ISO', (l) => `2026-11-28T16:59:01.1234567Z ${l}`],
    ['a time of ISO with its zone', (l) => `2026-11-28 16:59:01,123 +01:00 ${l}`],
    ['a time in brackets', (l) => `[2026-11-28 16:59:01] ${l}`],
    ['a CI that times and names', (l) => `[2026-11-28T16:59:01.123Z] ##[debug]${l}`.replace('##[debug]', '')],
    ['containers', (l) => `2026-11-28T16:59:01.123456789Z stderr F ${l}`],
    ['docker compose', (l) => `worker_1  | ${l}`],
    ['builds of images', (l) => `#12 0.345 ${l}`],
    ['logcat', (l) => `11-28 16:59:01.123  1234  1240 D strace  : ${l}`],
    ['a patch that adds it', (l) => `+${l}`],
    ['code in a list of Markdown', (l) => `- \`${l}\``],
    ['a table of boxes', (l) => `│ ${l}`],
  ])('%s', (_, around) => {
    expectReplays(LOG.map(around), { lines: 3, replayed: 3, account: { replayed: 3, others: 0, notices: 0, explained: 0, assumptions: 0, doubts: 0 } });
  });

  test('and a call that no kernel answers so is found in it', () => {
    const { summary } = replay([`> ${MAPPED}`, '> mremap(0x7f2a40000000, 4096, 12288, MREMAP_FIXED, 0x10000) = 0x10000']);
    expect(summary).toMatchObject({ replayed: 2, claims: { contradicted: 1 } });
  });

  test('processes keep their pids behind it', () => {
    const { summary } = expectReplays(['12:7 brk(NULL) = 0x1e4b000', `13:7 ${MAPPED}`, '14:8 brk(NULL) = 0x55d0a1b2c000', `15:8 ${MAPPED}`]);
    expect(summary.processes.programs).toBe(2);
  });
});

describe('a log among other things', () => {
  test('in Markdown', () => {
    expectSaid(['# It grows', '', 'This is what `strace` says:', '', '```console', '$ strace ./grow', ...LOG, '```', '', 'Why does mremap(2) move it?'], ['3 log-text']);
  });
  test('in a mail', () => {
    const { ok } = expectSaid(
      [
        'From: a@example.org',
        'Subject: Re: slow realloc',
        '',
        'On Sat, 28 Nov 2026, B wrote:',
        '> I took a log:',
        '>',
        ...LOG.map((l) => `> ${l}`),
        '>',
        '> Any idea?',
        '-- ',
        'A',
      ],
      ['1 log-text'],
    );
    expect(ok).toBe(true);
  });
  test('with comments', () => {
    expectReplays(['# what my program does', MAPPED, '  # it grows here', GROW], { account: { replayed: 2, others: 0, notices: 2, explained: 0, assumptions: 0, doubts: 0 } });
  });
  test('with what the program writes', () => {
    expectSaid([MAPPED, 'write(1, "hello\\n", 6hello', ')                  = 6', 'write(1, "done", 4done)                     = 4', GROW], []);
  });
  test('with the table of -C', () => {
    expectReplays(
      [
        ...LOG,
        '+++ exited with 0 +++',
        '% time     seconds  usecs/call     calls    errors syscall',
        '------ ----------- ----------- --------- --------- ----------------',
        ' 62.50    0.000020          20         1           mremap',
        ' 37.50    0.000012           6         2         1 munmap',
        '------ ----------- ----------- --------- --------- ----------------',
        '100.00    0.000032          10         3         1 total',
      ],
      { replayed: 3, account: { replayed: 3, others: 0, notices: 7, explained: 0, assumptions: 0, doubts: 0 } },
    );
  });
  test.each([
    ['prose', ['Dear list,', 'my program is slow.', '', 'Regards']],
    ['source', ['int main(void)', '{', '\treturn 0;', '}']],
    ['nothing', []],
  ])('nothing but %s is an error', (_, lines) => {
    const { ok, diagnostics } = replay(lines);
    expect(ok).toBe(false);
    expect(diagnostics.at(-1)?.code).toBe('log-nothing');
  });
  test('of which no call can be read is an error', () => {
    expect(replay(['?? mmap(NULL, 8192, PROT_READ, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) = 0x7f2a40000000']).ok).toBe(false);
  });
  test('of nothing but notices has nothing wrong', () => {
    expectReplays(['strace: Process 18357 attached', 'restart_syscall(<... resuming interrupted read ...>strace: Process 18357 detached', ' <detached ...>'], { replayed: 0 });
  });
});

describe("strace's own words break into a line", () => {
  test('of a call that goes on in the next', () => {
    expectReplays([
      MAPPED,
      'clone3({flags=CLONE_VM|CLONE_FS|CLONE_FILES|CLONE_SIGHAND|CLONE_THREAD, child_tid=0x7f, exit_signal=0, stack=0x7f, stack_size=0x7fff00}strace: Process 2 attached',
      ' => {parent_tid=[2]}, 88) = 2',
      `[pid     2] mremap(${AT}, 8192, 16384, MREMAP_MAYMOVEstrace: Process 3 attached`,
      ' <unfinished ...>',
      '[pid     2] <... mremap resumed>) = 0x7f2a50000000',
      `[pid     2] ${UNMAP}`,
    ]);
  });
  test('and several of them', () => {
    expectReplays([MAPPED, `mremap(${AT}, 8192, strace: Process 3 attached`, 'strace: Process 4 attached', '16384, MREMAP_MAYMOVE) = 0x7f2a50000000', UNMAP], { replayed: 3 });
  });
  test('of a call that is let go of', () => {
    expectReplays([MAPPED, 'futex(0x7f2a40000000, FUTEX_WAIT, 1, NULLstrace: Process 7 detached', ' <detached ...>', GROW], { replayed: 2 });
    expectReplays([MAPPED, `munmap(${AT}, 8192 <detached ...>`], { replayed: 1 });
  });
  test('as older ones did', () => {
    expectReplays(['Process 7 attached with 2 threads - interrupt to quit', MAPPED, 'Process 8 attached', '[pid     8] munmap(0x7f2a40000000, 4096) = 0', 'Process 7 detached'], {
      replayed: 2,
    });
  });
});

describe('a line that is broken', () => {
  test('by the width of a mail is joined', () => {
    expectReplays(['mmap(NULL, 8192, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS,', '-1, 0) = 0x7f2a40000000', GROW], { replayed: 2 });
    expectReplays(['> mmap(NULL, 8192, PROT_READ|PROT_WRITE,', '> MAP_PRIVATE|MAP_ANONYMOUS, -1, 0)', '> = 0x7f2a40000000', `> ${GROW}`], { replayed: 2 });
    expectReplays(['mmap(NULL, 8192, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) \\', '= 0x7f2a40000000', GROW], { replayed: 2 });
  });
  test('in the middle of a word too', () => {
    expectReplays(['mmap(NULL, 8192, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONY', 'MOUS, -1, 0) = 0x7f2a40000000', GROW], { replayed: 2 });
  });
  test('and never goes on costs that line', () => {
    const { ok, summary } = expectSaid([MAPPED, 'mremap(0x7f2a40000000, 8192, 163', GROW], ['2 log-brackets']);
    expect({ ok, replayed: summary.replayed }).toEqual({ ok: false, replayed: 2 });
  });
  test('at the end is how an interrupted log ends', () => {
    const { ok, summary } = expectSaid([...LOG, 'mmap(NULL, 8192, PROT_READ|PROT_WR'], ['4 log-cut']);
    expect({ ok, doubts: summary.account.doubts }).toEqual({ ok: true, doubts: 1 });
  });
});

test('processes in 32-bit mode are told by strace', () => {
  const { summary, ok } = expectReplays([
    'execve("./a64", ["./a64"], 0x7ff /* 3 vars */) = 0',
    'brk(NULL) = 0x55d0a1b2c000',
    'execve("./a32", ["./a32"], 0x7ff /* 3 vars */) = 0',
    'strace: [ Process PID=18357 runs in 32 bit mode. ]',
    'brk(NULL) = 0x57d0a000',
    'mmap2(NULL, 8192, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) = 0xf7f57000',
    'mremap(0xf7f57000, 8192, 4294963201, MREMAP_MAYMOVE) = -1 EINVAL (Invalid argument)',
  ]);
  expect({ ok, held: summary.claims.held }).toEqual({ ok: true, held: 1 });
});

describe('the machine of a log', () => {
  test.each([
    [
      'arm64 by its addresses',
      ['mmap(NULL, 8192, PROT_READ, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) = 0xfffa64190000', 'mremap(0xfffa64190000, 8192, 16384, MREMAP_MAYMOVE) = 0xfffa44190000'],
      'arm64',
    ],
    [
      'arm64 by its flags',
      ['mmap(NULL, 8192, PROT_READ|PROT_EXEC, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) = 0x7f8e400000', 'mprotect(0x7f8e400000, 4096, PROT_READ|PROT_EXEC|PROT_BTI) = 0'],
      'arm64, 39 bits',
    ],
    ['57 bits', ['mmap(0x1000000000000, 8192, PROT_READ, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) = 0x1000000000000'], 'x86-64, 57 bits'],
    [
      'a 32-bit program',
      [
        'mmap2(NULL, 3221225472, PROT_NONE, MAP_PRIVATE|MAP_ANONYMOUS|MAP_NORESERVE, -1, 0) = 0x37f59000',
        'mremap(0x37f59000, 4096, 2147483648, MREMAP_MAYMOVE) = -1 ENOMEM (Cannot allocate memory)',
      ],
      'x86-32',
    ],
  ])('is guessed, and said: %s', (_, lines, name) => {
    const { summary, ok } = replay(lines);
    expect({ ok, contradicted: summary.claims.contradicted }).toEqual({ ok: true, contradicted: 0 });
    expect(summary.notes[0]).toMatch(new RegExp(`^taken to be of ${name}, `));
  });
  test('is what somebody says it is', () => {
    const line = 'mmap(NULL, 8192, PROT_READ, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) = 0xfffa64190000';
    expect(replay([line], { machine: { arch: 'x86-64' } }).summary.claims.contradicted).toBe(1);
    expect(replay([line], { machine: { arch: 'arm64' } }).summary.notes).toEqual([]);
  });
});
