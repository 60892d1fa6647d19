import fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatDiagnostic } from '../../dsl/index.js';
import { newSession, run } from '../kit.js';

/** Small programs that mostly make sense, so that many of them get as far as running. */
const { statement } = fc.letrec<{ value: string; statement: string }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom('0', '1G', '2G', '4K', '3 page', '1 pmd', 'page', 'a', 'm', 'NULL', '"rw-p"', 'EINVAL', 'none', 'true', 'rss', 'map_count'),
    fc.tuple(tie('value'), fc.constantFrom('+', '-', '*', '/', '%', '<<', '&', '|', '==', '!=', '<', 'and', 'or'), tie('value')).map((v) => v.join(' ')),
    fc.tuple(fc.constantFrom('-', '~', 'not '), tie('value')).map((v) => v.join('')),
    tie('value').map((v) => `(${v})`),
    fc.tuple(fc.constantFrom('vma', 'pte', 'pmd', 'peek', 'vmas'), tie('value')).map(([f, v]) => `${f}(${v})`),
    fc.tuple(tie('value'), tie('value')).map(([a, b]) => `vmas(${a}..+${b})`),
    fc.tuple(tie('value'), fc.constantFrom('errno', 'moved', 'pte', 'count', 'start', 'perms', 'tables', 'freed', 'log', 'steps')).map((v) => v.join('.')),
  ),
  statement: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    tie('value'),
    tie('value').map((v) => `a = ${v}`),
    tie('value').map((v) => `expect ${v}`),
    tie('value').map((v) => `print "x", ${v}`),
    tie('value').map((v) => `mmap(${v}, 64K, rw, anon|private|fixed)`),
    fc.tuple(tie('value'), tie('value')).map(([a, b]) => `m = mremap(${a}, 16K, 32K, maymove|fixed, ${b})`),
    fc.tuple(tie('value'), tie('value')).map(([a, b]) => `munmap(${a}, 4K) = ${b}`),
    tie('value').map((v) => `memset(${v}, 1, 16K)`),
    tie('value').map((v) => `show tables ${v}`),
    fc.tuple(tie('value'), tie('statement')).map(([c, s]) => `if ${c} == 1 {\n${s}\n} else {\nprint 1\n}`),
    fc.tuple(tie('value'), tie('statement')).map(([c, s]) => `for i in [${c}, 2] {\n${s}\n}`),
    fc.tuple(tie('statement'), tie('value')).map(([s, v]) => `sweep n in [1, 2] {\n${s}\nyield n, v = ${v}\n}`),
    fc.tuple(tie('statement'), tie('value')).map(([s, v]) => `def f(x) {\n${s}\nreturn ${v}\n}\na = f(1)`),
    tie('statement').map((s) => `compare 6.1, 6.18 {\n${s}\n}`),
    tie('statement').map((s) => `fork()\nin child {\n${s}\n}`),
    tie('value').map((v) => `layout at ${v} { "A.b" }`),
    tie('value').map((v) => `why merge 1G, ${v}`),
    fc.constantFrom('why', 'advise', 'plot', 'plot x=n', 'show cost', 'show diff', 'show rmap 1G', 'maps {\n40000000-40001000 r--p\n}', 'expect maps {\n}', 'reap()'),
    fc.constantFrom('show moves m', 'show maps', 'show maps m', 'show steps', 'kernel 6.1', 'kernel 6.12 without realign', 'let b = 1'),
  ),
}));

test('whatever a user writes, a run ends in a result', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(statement, { maxLength: 8 }), async (lines) => {
      const text = ['a = 1G', 'm = mmap(a, 64K, rw, anon|private|fixed)', ...lines].join('\n');
      const session = newSession();
      const ran = await run(text, 'cell', session);
      expect(ran.ok).toBe(ran.diagnostics.every((d) => d.severity !== 'error'));
      expect(ran.outputs.filter((o) => o.type === 'diagnostic').map((o) => o.diagnostic)).toEqual(ran.diagnostics);
      for (const d of ran.diagnostics) expect(formatDiagnostic('x.mremap', text, d).split('\n').length).toBeGreaterThan(1);
      if (ran.outcome !== 'rejected') expect(session.check(text, { mode: 'cell' }).filter((d) => d.severity === 'error')).toEqual([]);
    }),
    { numRuns: 300 },
  );
}, 120_000);
