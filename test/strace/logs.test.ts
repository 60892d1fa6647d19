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

describe('one result made impossible fails the log at that line', () => {
  const lines = logLines('realloc.strace');
  /** What no kernel answers, whatever happened before: an errno that the call never gives, a place that it cannot choose. */
  const impossible = (line: string): string | undefined => {
    if (/ (munmap|mprotect)\(/.test(line)) return line.replace(/= 0$/, '= -1 EEXIST (File exists)');
    if (/ mmap\(0x/.test(line)) return line.replace(/= 0x(\w+)$/, (_, at: string) => `= 0x${(BigInt(`0x${at}`) + 4096n).toString(16)}`);
    return / (mmap|mremap)\(/.test(line) ? line.replace(/= 0x\w+$/, '= 0x7f3a25b5b008') : undefined;
  };
  const asserted = lines.flatMap((line, i) => (impossible(line) === undefined ? [] : [i]));

  test.each(asserted)('line index %i', (i) => {
    const changed = impossible(lines[i] ?? '') ?? '';
    const { ok, diagnostics } = replay(lines.with(i, changed));
    expect(ok).toBe(false);
    expect(diagnostics[0]).toMatchObject({ line: i + 1, code: 'log-impossible', excerpt: changed });
  });
});

describe('what the model would not have answered is taken as it was', () => {
  const lines = logLines('realloc.strace');

  test('a mapping that is placed where the model has one', () => {
    const i = lines.findIndex((line) => line.includes('mmap(NULL, 135168'));
    const { ok, diagnostics, summary } = replay(lines.with(i, (lines[i] ?? '').replace(/= .*/, '= 0x7f3a25b7c000')));
    expect(diagnostics[0]).toMatchObject({ line: i + 1, code: 'log-assumed' });
    expect(ok).toBe(true);
    expect(summary.claims.contradicted).toBe(0);
  });

  test('a mremap that moved where the model has something', () => {
    const i = lines.findIndex((line) => line.includes('mremap('));
    const { diagnostics } = replay(lines.with(i, (lines[i] ?? '').replace(/= .*/, '= 0x7f3a25b1a000')));
    expect(diagnostics[0]).toMatchObject({ line: i + 1, code: 'log-assumed' });
  });
});
