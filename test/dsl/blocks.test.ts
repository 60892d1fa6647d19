import { describe, expect, test } from 'vitest';
import { newSession, run, runCells, expectDiagnostic, expectDiagnostics, expectHolds, expectPrinted, expectShown } from '../kit.js';

describe('if', () => {
  test.each([
    ['if 1 == 1 { print "a" }', 'a\n'],
    ['if 1 == 2 { print "a" } else { print "b" }', 'b\n'],
    ['if 1 == 2 {\n print "a"\n}\nelse if 2 == 2 {\n print "b"\n}\nelse {\n print "c"\n}', 'b\n'],
    ['if 1 == 2 { print "a" } else if 2 == 3 { print "b" } else { print "c" }', 'c\n'],
    ['if false { }\nprint "on"', 'on\n'],
  ])('%j', (text, printed) => expectPrinted(text, printed));

  test('wants a condition', () => expectDiagnostic('if <|rss|> { print 1 }', { code: 'wrong-type', hint: /compare it/ }));
  test('nothing follows the last else', () => expectDiagnostic('if true { } else { } <|else|> { }', { code: 'unexpected-token' }));
});

describe('for', () => {
  test.each([
    ['for i in 0..3 { print i }', '0\n1\n2\n'],
    ['for i in 0..10 step 4 { print i }', '0\n4\n8\n'],
    ['for i in 2..+2 { print i }', '2\n3\n'],
    ['for i in 3..3 { print i }', ''],
    ['for x in [1M, 2 page] { print x }', '1048576\n8192\n'],
    ['for x in [] { print x }', ''],
    ['for a in [1, 2] {\n  for b in 0..a { print a, b }\n}', '1 0\n2 0\n2 1\n'],
  ])('%j', (text, printed) => expectPrinted(text, printed));

  test.each([
    ['for i in 0..4 step <|0|> { print i }', 'bad-step'],
    ['for i in <|3|> { print i }', 'wrong-type'],
    ['for <|page|> in 0..4 { print 1 }', 'reserved-name'],
    ['for i in 0..<|"x"|> { print i }', 'wrong-type'],
    ['for i in 0..3 <|{|> print i', 'unclosed-bracket'],
  ])('%s', (source, code) => expectDiagnostic(source, { code }));
});

describe('def', () => {
  test.each([
    ['def f(x) { return x + 1 }\nprint f(2)', '3\n'],
    ['def f(x) { x + 1 }\nprint f(2)', '3\n'],
    ['def f() { print "in" }\nprint f()', 'in\nnone\n'],
    ['def f(n) {\n  if n < 2 { return 1 }\n  return n * f(n - 1)\n}\nprint f(5)', '120\n'],
    ['def f(xs) {\n  for x in xs { if x > 1 { return x } }\n}\nprint f([1, 2, 3])', '2\n'],
    ['a = 1\ndef f() {\n  a = 2\n  return a\n}\nprint f(), a', '2 1\n'],
  ])('%j', (text, printed) => expectPrinted(text, printed));

  test.each([
    ['def f(x) { return x }\nprint f(<|)|>', 'missing-argument'],
    ['def f(x) { return x }\nprint f(1, <|2|>)', 'extra-argument'],
    ['def f(x, <|x|>) { return x }\nprint f(1, 2)', 'parameter-twice'],
    ['def <|mremap|>(x) { return x }', 'reserved-name'],
    ['def f(x) { return x }\nprint <|f|>', 'call-without-brackets'],
    ['<|return|> 3', 'misplaced'],
    ['def f(x) { return y_ }\n'.replace('y_', '<|y_|>'), 'unknown-name'],
    ['a = 3\nprint <|a|>(1)', 'not-a-function'],
    ['def f(x) { return f(x) }\nprint f(1)', 'too-many-calls'],
    ['def f(x) {\n  return x\n  <|print x|>\n}\nprint f(1)', 'unreachable'],
    ['print <|lenght|>(3)\ndef length(x) { return x }', 'unknown-function'],
  ])('%s', (source, code) => expectDiagnostic(source, { code }));

  test('a function outlives its cell, and what goes wrong in it is told where it was called', async () => {
    await expectShown('def twice(x) { return x * 2 }', 'twice(21)', '42');
    const ran = await runCells('def half(x) {\n  return x / 0\n}', 'print half(3)');
    expect(ran.diagnostics).toMatchObject([{ code: 'division-by-zero', line: 1, column: 7, message: 'in `half`: division by zero' }]);
    const claimed = await runCells('def check(x) {\n  expect x == 1\n}', 'check(2)');
    expect(claimed.diagnostics).toMatchObject([{ code: 'expect-failed', line: 1, hint: 'in `check`: expect x == 1' }]);
  });

  test('only its parameters are checked in a cell before', async () => {
    const ran = await runCells('def f(x) { return x }', 'f(1, 2)');
    expect(ran.diagnostics).toMatchObject([{ code: 'extra-argument' }]);
  });
});

describe('names', () => {
  test('of a block end with it', () => expectDiagnostics('for i in 0..2 { let a = i\n print a }\nprint <|a|>, <|i|>', ['unknown-name', 'unknown-name']));
  test('around a block are bound again in it', () => expectPrinted('a = 1\nif true { a = 2 }\nprint a', '2\n'));
  test('a let within hides one around', () => expectPrinted('a = 1\nif true {\n  let a = 2\n  print a\n}\nprint a', '2\n1\n'));
  test('that a block may have bound to something else are judged when it runs', async () => {
    await expectPrinted('a = 1\nif false { a = "x" }\nprint a + 1', '2\n');
    await expectDiagnostic('a = 1\nif true { a = "x" }\nprint <|a|> + 1', { code: 'wrong-type' });
  });
  test('unused in a block are a warning of the file', () => expectDiagnostic('if true { let <|a|> = 1 }', { code: 'unused-let' }));
});

describe('mistakes in blocks', () => {
  test('each is told, and the block around is read', () =>
    expectDiagnostics('if true {\n  x = <|)|>\n  for i in 0..3 {\n    munmap(1, <|)|>\n  }\n  print <|;|>\n}', ['expected-value', 'expected-value', 'no-semicolon']));
  test('a broken head does not hide what is wrong inside', () =>
    expectDiagnostics('for in 0..3 {\n  x = )\n}\nprint 1 2', ['expected-token', 'expected-value', 'unexpected-token']));
  test('a brace that nothing opened', () => expectDiagnostic('print 1\n<|}|>', { code: 'unexpected-token' }));
  test('nested without end', async () => {
    const deep = `${'if true {\n'.repeat(120)}print 1\n${'}\n'.repeat(120)}`;
    expect((await run(deep)).diagnostics.map((d) => d.code)).toContain('too-deep');
  });
});

describe('child', () => {
  test('shares until somebody writes', () =>
    expectHolds(`mmap(1G, 2 page, rw, anon|private|fixed)
      memset(1G, 7, 2 page)
      fork()
      in child {
        expect peek(1G) == 7
        poke(1G, 9)
        m = mremap(1G, page, page, maymove|fixed, 2G)
        expect vma(1G) == none and peek(2G) == 9
      }
      expect peek(1G) == 7 and vma(2G) == none
      reap()`));

  test('the parent goes on, whatever becomes of the child', async () => {
    const session = newSession();
    await run('mmap(1G, page, rw, anon|private|fixed)\nfork()\nin child { x = 1 / 0 }', 'cell', session);
    const ran = await run('in child { munmap(1G, page) }\nvma(1G).size', 'cell', session);
    expect(ran.value?.text).toBe('4096');
  });

  test('must be there', () => expectDiagnostic('<|in child |>{ print 1 }', { code: 'no-child', hint: /fork/ }));
  test('and is gone once it was waited for', () => expectDiagnostic('fork()\nreap()\n<|in child |>{ print 1 }', { code: 'no-child' }));
  test('can fork itself', () =>
    expectPrinted('fork()\nin child {\n  fork()\n  in child { print "grandchild" }\n  print "child"\n}\nprint "parent"', 'grandchild\nchild\nparent\n'));
});

describe('calls', () => {
  test('as strace prints limits', () =>
    expectHolds(`prlimit64(0, RLIMIT_NOFILE, NULL, {rlim_cur=1024, rlim_max=1024*1024}) = 0
      prlimit64(0, RLIMIT_MEMLOCK, {rlim_cur=8192, rlim_max=RLIM64_INFINITY}, NULL) = 0
      mmap(1G, 4 page, rw, anon|private|fixed)
      mlock(1G, 3 page) = -1 ENOMEM (Cannot allocate memory)
      setrlimit(RLIMIT_MEMLOCK, {rlim_cur=RLIM_INFINITY, rlim_max=RLIM_INFINITY}) = 0
      mlock(1G, 3 page) = 0`));

  test.each([
    ['setrlimit(RLIMIT_AS, {<|rlim_curr|>=1})', 'unknown-field'],
    ['setrlimit(RLIMIT_AS, <|4096|>)', 'struct-expected'],
    ['setrlimit(<|MAP_FIXED|>, NULL)', 'wrong-flag'],
    ['munmap(<|{a=1}|>, 4096)', 'unexpected-struct'],
    ['memfd(<|3|>, 4K)', 'wrong-type'],
    ['set thp = <|maybe|>', 'unknown-setting-value'],
  ])('%s', (source, code) => expectDiagnostic(source, { code }));

  test('flags that the kernel ignores, and sizes of huge pages', () =>
    expectHolds(`mmap(1G, 4K, PROT_READ, MAP_PRIVATE|MAP_ANONYMOUS|MAP_FIXED|MAP_DENYWRITE|MAP_EXECUTABLE, -1, 0) = 1G
      mmap(NULL, 2M, PROT_READ, MAP_PRIVATE|MAP_ANONYMOUS|MAP_HUGETLB|21<<MAP_HUGE_SHIFT, -1, 0) = -1 ENOMEM (Cannot allocate memory)
      f = memfd("x", 4K)
      mmap(NULL, 4K, PROT_READ, MAP_SHARED_VALIDATE|MAP_SYNC, f, 0) = -1 EOPNOTSUPP (Operation not supported)`));
});
