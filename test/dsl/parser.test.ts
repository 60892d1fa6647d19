import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { read, statements } from './tree.js';

describe('statements', () => {
  test.each([
    ['kernel 6.12', ['kernel 6.12']],
    ['kernel 6.12 with realign=none', ['kernel 6.12 +realign=none']],
    ['kernel 6.12 with a=b + c without d', ['kernel 6.12 +a=b +c -d']],
    ['kernel 7', ['kernel 7']],
    ['kernel host', ['kernel host']],
    ['let a = 1, b = a', ['let a := 1; b := a']],
    ['let a = 1,\n    b = 2', ['let a := 1; b := 2']],
    ['x = 3', ['x := 3']],
    ['munmap(0x1000, 4096) = 0', ['munmap(4096, 4096) claims 0']],
    ['p = mmap(a, b) = old', ['p := mmap(a, b) claims old']],
    ['munmap(a, 1) = -1 EINVAL (Invalid argument)', ['munmap(a, 1) claims EINVAL']],
    ['munmap(a, 1) = -1', ['munmap(a, 1) claims (- 1)']],
    ['expect a == b', ['expect (a == b)']],
    ['print "a", b', ['print "a", b']],
    ['show moves m', ['show moves m']],
    ['show maps', ['show maps']],
    ['show tables p + 1', ['show tables (p + 1)']],
    ['race { thread a { x } thread b { y } thread { z } }\nx = 1', ['race { thread a { x }; thread b { y }; thread { z } }', 'x := 1']],
    ['race { thread a { x\ny }\n thread b { z } }\nx = 1', ['race { thread a { x; y }; thread b { z } }', 'x := 1']],
    ['maps {\n 7f00-7f10 rw-p 0 [heap]\n}\nx = 1', ['maps of 1', 'x := 1']],
    ['expect maps {\n 7f00-7f10 rw-p\n}\nx = 1', ['expect maps of 1', 'x := 1']],
    ['set thp = always', ['set thp to always']],
    ['set rlimit.memlock = 64K', ['set rlimit.memlock to 65536']],
    ['set rlimit.stack = unlimited', ['set rlimit.stack to unlimited']],
    ['# only a comment', []],
    ['', []],
    ['\n\n  \n', []],
    ['a\r\nb\r\n', ['a', 'b']],
  ])('%j', (text, expected) => {
    expect(statements(text)).toEqual(expected);
    expect(read(text).found).toEqual([]);
  });
});

describe('expressions', () => {
  test.each([
    ['1 + 2 * 3', '(1 + (2 * 3))'],
    ['1 - 2 - 3', '((1 - 2) - 3)'],
    ['(1 + 2) * 3', '((1 + 2) * 3)'],
    ['1 << 20 + 1', '(1 << (20 + 1))'],
    ['a | b ^ c & d << 1', '(a | (b ^ (c & (d << 1))))'],
    ['a & b == c', '((a & b) == c)'],
    ['a == 1 and b == 2 or not c', '(((a == 1) and (b == 2)) or (not c))'],
    ['not a == b', '(not (a == b))'],
    ['-a.b', '(- a.b)'],
    ['~a & -b', '((~ a) & (- b))'],
    ['3 pmd + 2 page', '(3 pmd + 2 page)'],
    ['n * page', '(n * 1 page)'],
    ['2 * 3 pmd', '(2 * 3 pmd)'],
    ['pmd(p)', 'pmd(p)'],
    ['pmd (p)', 'pmd(p)'],
    ['m.moved.pmd', 'm.moved.pmd'],
    ['vma(p).start', 'vma(p).start'],
    ['vmas(a..b).count', 'vmas(a..b).count'],
    ['vmas(a..+4K)', 'vmas(a..+4096)'],
    ['f()', 'f()'],
    ['m.kernel.and', 'm.kernel.and'],
  ])('%s', (text, expected) => expect(statements(text)).toEqual([expected]));
});

describe('line ends', () => {
  test.each([
    ['a\nb', ['a', 'b']],
    ['a +\nb', ['(a + b)']],
    ['f(a,\n  b)', ['f(a, b)']],
    ['f(\n  a\n  , b\n)', ['f(a, b)']],
    ['f(a, # one\n  b) # two', ['f(a, b)']],
    ['f(\n  g(a),\n  h(b)\n)', ['f(g(a), h(b))']],
    ['x = (a\n  + b)', ['x := (a + b)']],
    ['f(a) = 1\ng(b)', ['f(a) claims 1', 'g(b)']],
    ['m.and\nx', ['m.and', 'x']],
  ])('%j', (text, expected) => expect(statements(text)).toEqual(expected));

  test.each([
    ['a call', 'memset(a, 1, n\nm = f(b)\nx', ['broken', 'm := f(b)', 'x']],
    ['a call in a call', 'm = f(g(a, b)\nmunmap(a, 1)\nx', ['broken m', 'munmap(a, 1)', 'x']],
    ['a keyword', 'x = (1 + 2\nexpect a', ['broken x', 'expect a']],
    ['a keyword after a comma', 'f(a,\nlet b = 1', ['broken', 'let b := 1']],
    ['a binding after an operator', 'a +\nb = 1', ['broken', 'b := 1']],
  ])('a lost bracket costs one statement: %s', (_, text, expected) => {
    expect(statements(text)).toEqual(expected);
    expect(read(text).found).toHaveLength(1);
  });
});

describe('any text', () => {
  const anything = fc.oneof(
    fc.string(),
    fc.string({ unit: 'binary' }),
    fc
      .array(fc.constantFrom(...'mremap kernel 6.12 let a = , ( ) [ { } 4K pmd .. . + | == "s" "u # and not expect show maps race -1 EINVAL \n ; @'.split(/(?<=\S) /)))
      .map((words) => words.join(' ')),
  );

  test('is read without an exception, its diagnostics within it', () => {
    fc.assert(
      fc.property(anything, (text) => {
        for (const { span, line, column } of read(text).found) {
          expect(span.start).toBeGreaterThanOrEqual(0);
          expect(span.end).toBeGreaterThanOrEqual(span.start);
          expect(span.end).toBeLessThanOrEqual(text.length);
          expect(line).toBeGreaterThan(0);
          expect(column).toBeGreaterThan(0);
        }
      }),
      { numRuns: 500 },
    );
  });

  test('has at most one syntax error a line, and one for each brace that the line opens', () => {
    fc.assert(
      fc.property(anything, (text) => {
        // Told beside it: a comparison too many, and a brace that only the end of the text closes.
        const beside = ['chained-comparison', 'unclosed-bracket'];
        const lines = text.split(/\r\n|\n|\r/);
        const found = read(text).found.filter((d) => !beside.includes(d.code));
        for (const { line } of found) expect(found.filter((d) => d.line === line).length).toBeLessThanOrEqual((lines[line - 1] ?? '').split('{').length);
      }),
    );
  });

  test('deep nesting and long statements are refused, not run out of stack on', () => {
    const deep = `x = ${'('.repeat(20_000)}1${')'.repeat(20_000)}\ny = 1`;
    expect(read(deep).found.map((d) => d.code)).toEqual(['too-deep']);
    expect(statements(deep)).toEqual(['y := 1']);
    expect(read(`x = 1${' + 1'.repeat(50_000)}\ny = 1`).found.map((d) => d.code)).toEqual(['too-long']);
    expect(read(`x = ${'- '.repeat(1_900)}1`).found).toEqual([]);
  });
});

describe('recovery', () => {
  const good = ['let a = 1', 'x = mremap(a, 4K, 8K, maymove)', 'munmap(0x1000, 4096) = 0', 'expect x == 3 and not y', 'show maps x', 'print "a", x', 'kernel 6.12 with a=b'];
  const bad = [
    'let 3',
    'let a 3',
    'let a 3 + * 4',
    'kernel 6.12 with =b',
    'x = * 3',
    'munmap(a, , b)',
    'f(a b)',
    'expect a = b',
    'a b',
    '= 3',
    ')',
    'print',
    'x = @',
    'show',
    'kernel',
    'a && b',
    '"open',
    '1.5 + 2',
    'f(a)) + 1',
  ];

  test('a broken statement costs itself and nothing else', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...good), { minLength: 1 }), fc.constantFrom(...bad, 'memset(a, (1, 2'), fc.nat(), (lines, mistake, at) => {
        const place = at % (lines.length + 1);
        const whole = statements(lines.join('\n'));
        const text = [...lines.slice(0, place), mistake, ...lines.slice(place)].join('\n');
        const { found } = read(text);
        expect(found).toHaveLength(1);
        expect(found[0]?.line).toBe(place + 1);
        const kept = statements(text).filter((s) => !s.startsWith('broken'));
        expect(kept).toEqual(whole);
      }),
    );
  });

  test('n mistakes give n diagnostics', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...bad)), (lines) => {
        expect(read(lines.join('\n')).found.map((d) => d.line)).toEqual(lines.map((_, i) => i + 1));
      }),
    );
  });
});
