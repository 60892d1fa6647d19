/** Logs that something happened to: lines cut, swapped, doubled, garbled, joined. Never a crash, every line counted once, and never well for nothing. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { logLines, replay } from './kit.js';

const LOGS = ['realloc.strace', 'py-threads.strace', 'sh-fork.strace', 'grow.perf-trace', 'grow.ltrace', 'grow.valgrind', 'grow.qemu'].map(logLines);
const NOISE = [
  '\u001b[31m',
  '> ',
  '  ',
  '(',
  ')',
  '<unfinished ...>',
  'strace: Process 7 attached',
  '= ',
  '-1 E',
  '0x',
  '"',
  '\\',
  '{',
  '/*',
  '\u0000',
  '\ufffd',
  '[pid 9] ',
  '12:',
  ' = 0',
  '<... mmap resumed>',
];

type Mutation = { readonly at: number; readonly to: number; readonly how: number; readonly noise: string };
const mutation: fc.Arbitrary<Mutation> = fc.record({ at: fc.nat(400), to: fc.nat(400), how: fc.nat(8), noise: fc.constantFrom(...NOISE) });

function mutate(lines: readonly string[], { at, to, how, noise }: Mutation): string[] {
  const own = [...lines];
  if (own.length === 0) return own;
  const [i, j] = [at % own.length, to % own.length];
  const [a = '', b = ''] = [own[i], own[j]];
  const cut = to % (a.length + 1);
  switch (how) {
    case 0:
      return own.with(i, a.slice(0, cut));
    case 1:
      return own.with(i, a.slice(cut));
    case 2:
      return own.with(i, b).with(j, a);
    case 3:
      return own.toSpliced(i, 0, b);
    case 4:
      return own.with(i, a.slice(0, cut) + noise + a.slice(cut));
    case 5:
      return own.toSpliced(i, 1, a.slice(0, cut), a.slice(cut));
    case 6:
      return own.toSpliced(i, 2, a + (own[i + 1] ?? ''));
    case 7:
      return own.toSpliced(i, 1);
    default:
      return own.with(
        i,
        a.replace(/\d/g, (d) => String((Number(d) + to) % 10)),
      );
  }
}

test('mutated logs never crash, are counted line by line, and are never well for nothing', () => {
  const runs = Number(process.env['MUTATIONS'] ?? 120);
  fc.assert(
    fc.property(fc.constantFrom(...LOGS), fc.integer({ min: 1, max: 40 }), fc.nat(300), fc.array(mutation, { minLength: 1, maxLength: 8 }), (log, length, from, mutations) => {
      const lines = mutations.reduce(mutate, log.slice(from % log.length, (from % log.length) + length));
      const { ok, summary } = replay(lines, { touched: 'all' });
      expect(Object.values(summary.account).reduce((a, b) => a + b)).toBe(lines.length);
      // Where something that looks like a memory call stands, it was tried, or the log is not well.
      const calls = lines.filter((line) => /\b(?:mmap|munmap|mremap|mprotect|madvise|brk)\((?:0x|NULL|addr: |start: )/.test(line)).length;
      if (ok && calls > 0) expect(summary.replayed + summary.account.others + summary.account.notices + summary.account.doubts).toBeGreaterThan(0);
      if (summary.claims.contradicted > 0 || summary.unread > 0) expect(ok).toBe(false);
    }),
    { numRuns: runs },
  );
});
