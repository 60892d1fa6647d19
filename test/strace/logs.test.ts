import { describe, expect, test } from 'vitest';
import { expectReplays, logLines, replay } from './kit.js';

describe('logs of real programs replay: every line is read, no claim is contradicted', () => {
  test.each([
    [
      'realloc.strace',
      { lines: 40, replayed: 39, skipped: 0, assumed: 2, claims: { held: 12, placed: 27, contradicted: 0 }, processes: { programs: 1, forks: 0, threads: 0 }, mremaps: 20 },
    ],
    ['gcc.strace', { lines: 264, replayed: 259, skipped: 0, processes: { programs: 5, forks: 0, threads: 0 }, mremaps: 0 }],
    ['py-grow.strace', { lines: 354, replayed: 353, assumed: 2, processes: { programs: 1, forks: 0, threads: 0 }, mremaps: 45 }],
    ['py-threads.strace', { lines: 162, replayed: 155, assumed: 2, processes: { programs: 1, forks: 0, threads: 0 }, mremaps: 21 }],
    ['sh-fork.strace', { lines: 263, replayed: 170, skipped: 26, processes: { programs: 6, forks: 5, threads: 0 }, mremaps: 0 }],
    ['awk-head.strace.gz', { lines: 60000, replayed: 60000, assumed: 2, processes: { programs: 1, forks: 0, threads: 0 } }],
  ])('%s', (name, summary) => {
    expectReplays(logLines(name), summary);
  });

  test.each(['none', 'all'] as const)('with %s touched alone', (touched) => {
    for (const name of ['realloc.strace', 'py-threads.strace', 'sh-fork.strace']) expectReplays(logLines(name), {}, { touched });
  });

  test.each(['6.1', '6.12'])('on %s', (release) => {
    for (const name of ['realloc.strace', 'py-grow.strace', 'gcc.strace']) expectReplays(logLines(name), {}, { model: { release } });
  });

  test('say who was taken for what', () => {
    expect(replay(logLines('py-threads.strace')).summary.notes).toContain(
      '3 new processes taken for a thread: without clone lines, its addresses are those of a process there was',
    );
    expect(replay(logLines('gcc.strace')).summary.notes).toContain('4 new processes taken for a program of its own: without clone lines, its first call was brk(NULL)');
    expect(replay(logLines('realloc.strace')).summary.notes).toEqual(['2 ranges assumed to have been mapped before the log began']);
  });

  test('the same log gives the same result', () => {
    const lines = logLines('py-grow.strace');
    expect(replay(lines)).toEqual(replay(lines));
  });
});

describe('one result changed fails the log at that line', () => {
  const lines = logLines('realloc.strace');
  const asserted = lines.flatMap((line, i) => (/ (munmap|mprotect|brk\(0x|mmap\(0x)/.test(line) ? [i] : []));

  test.each(asserted)('line index %i', (i) => {
    const line = lines[i] ?? '';
    const changed = line.replace(/= (\S+)$/, (_, result: string) => (result === '0' ? '= -1 EINVAL (Invalid argument)' : `= 0x${(BigInt(result) + 4096n).toString(16)}`));
    const { ok, diagnostics } = replay(lines.with(i, changed));
    expect(ok).toBe(false);
    expect(diagnostics[0]).toMatchObject({ line: i + 1, code: 'claim-failed', excerpt: changed });
  });

  test('a mapping cannot be placed where there is one', () => {
    const i = lines.findIndex((line) => line.includes('mmap(NULL, 135168'));
    const { diagnostics } = replay(lines.with(i, (lines[i] ?? '').replace(/= .*/, '= 0x7f3a25b7c000')));
    expect(diagnostics[0]).toMatchObject({ line: i + 1, code: 'claim-failed', message: expect.stringContaining('claimed 0x7f3a25b7c000, but the kernel answered 0x7f') });
  });

  test('a mremap cannot have moved where something is', () => {
    const i = lines.findIndex((line) => line.includes('mremap('));
    const { diagnostics } = replay(lines.with(i, (lines[i] ?? '').replace(/= .*/, '= 0x7f3a25b1a000')));
    expect(diagnostics[0]).toMatchObject({ line: i + 1, code: 'claim-failed' });
  });
});
