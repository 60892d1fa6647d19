import { describe, expect, test } from 'vitest';
import { FIELDS } from '../../dsl/vocabulary/fields.js';
import { expectDiagnostic, expectHolds, expectMoved, expectPrinted, expectShown, run, runCells } from '../kit.js';

describe('arithmetic', () => {
  test.each([
    ['6 * 7', '42'],
    ['7 / 2', '3'],
    ['-7 / 2', '-3'],
    ['7 % 4', '3'],
    ['1 << 40', '1099511627776'],
    ['(1 << 40) >> 38', '4'],
    ['0xff & ~0xf | 1', '241'],
    ['6 ^ 3', '5'],
    ['+5 - -3', '8'],
    ['3 pmd + 2 page', String(3 * (2 << 20) + 8192)],
    ['1 pud / 1 pmd', '512'],
    ['2 * page', '8192'],
    ['1G == 1024 * 1M', 'true'],
    ['1 < 2 and not 2 < 1', 'true'],
    ['1 == 2 or 3 == 3', 'true'],
    ['MAP_FIXED', '16'],
    ['NULL', '0'],
    ['EINVAL', 'EINVAL'],
    ['EINVAL == 22', 'true'],
    ['"a" == "a"', 'true'],
    ['"text"', 'text'],
    ['none', 'none'],
    ['1 << 64 - 1', '9223372036854775808'],
  ])('%s is %s', async (text, shown) => {
    await expectShown(text, shown);
  });

  test('`and` and `or` look no further than they must', async () => {
    await expectShown('1 == 2 and 1 / 0 == 0', 'false');
    await expectShown('1 == 1 or 1 / 0 == 0', 'true');
  });

  test.each([
    ['a = 5 / <|0|>', 'division-by-zero'],
    ['a = 5 % <|(1 - 1)|>', 'division-by-zero'],
    ['a = 1 << <|65|>', 'out-of-range'],
    ['a = 1 << <|-1|>', 'out-of-range'],
    [`a = ${'<|'}(1 << 64) * (1 << 64) * (1 << 64) * (1 << 64)|>`, 'number-too-big'],
    ['a = 1 + <|"a"|>', 'wrong-type'],
    ['a = -<|"a"|>', 'wrong-type'],
    ['a = not <|1|>', 'wrong-type'],
    ['a = <|1|> and 2 == 2', 'wrong-type'],
    ['a = <|1 == "a"|>', 'cannot-compare'],
    ['a = <|"a"|> < "b"', 'wrong-type'],
    ['munmap(<|1 << 64|>, 1)', 'out-of-range'],
    ['memset(0, <|256|>, 1)', 'out-of-range'],
    ['munmap(<|"a"|>, 1)', 'wrong-type'],
    ['a = vmas(<|-1|>..3)', 'out-of-range'],
  ])('%s', (text, code) => expectDiagnostic(text, { code }));

  test('an errno is compared with an errno', async () => {
    await expectDiagnostic('m = munmap(1, 1)\nexpect <|m == EINVAL|>', { code: 'cannot-compare', hint: /\.errno/ });
    await expectDiagnostic('m = munmap(1, 1)\nexpect <|m.errno == "EINVAL"|>', { code: 'cannot-compare', hint: /quotes/ });
  });
});

const SETUP = 'sweep n in [1, 2] { yield n }\nlet a = 1G\nmmap(a, 1 pmd, rw, anon|private|fixed)\nmemset(a, 7, 1 pmd)\n';

describe('results', () => {
  test('a call displays what strace prints', async () => {
    await expectShown('mmap(1G, 4096, rw, anon|private|fixed)', 'mmap(0x40000000, 4096, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_FIXED|MAP_ANONYMOUS, -1, 0) = 0x40000000');
    await expectShown('munmap(1G, 4096)', 'munmap(0x40000000, 4096) = 0');
    await expectShown('munmap(1, 4096)', 'munmap(0x1, 4096) = -1 EINVAL (Invalid argument)');
    await expectShown('mmap(1G, 8K, rw, anon|private|fixed)', 'memset(1G, 1, 8K)', 'memset(0x40000000, 1, 8192): faulted 2 pages in');
    await expectShown('mmap(1G, 8K, rw, anon|private|fixed)', 'memset(1G, 1, 8K)', 'touch(1G, 8K)', 'touch(0x40000000, 8192)');
  });

  test('a move displays its cost too', async () => {
    const ran = await runCells(SETUP, 'mremap(a, 1 pmd, 1 pmd, maymove|fixed, 3G + 1M)');
    expect(ran.value?.text).toBe(
      'mremap(0x40000000, 2097152, 2097152, MREMAP_MAYMOVE|MREMAP_FIXED, 0xc0100000) = 0xc0100000\n' +
        'moved 512 pte; tables: 2 pte + 1 pmd allocated, 1 pte + 1 pmd freed; 2 flushes',
    );
    expect(ran.value?.record?.op.name).toBe('mremap');
  });

  test('is an address or -1', () =>
    expectHolds(`${SETUP}m = mremap(a, 1 pmd, 1 pmd, maymove|fixed, 2G)
      expect m == 2G and m + 1 == 2G + 1 and m.errno == 0
      n = mremap(a, 1 pmd, 1 pmd, fixed, 2G)
      expect n == -1 and n < 0 and n.errno == EINVAL and n.check != "" and n.why == "MREMAP_FIXED needs MREMAP_MAYMOVE"`));

  test('counts what moved', async () => {
    await expectMoved(`${SETUP}mremap(a, 1 pmd, 1 pmd, maymove|fixed, 2G)`, { pmd: 1, pte: 0 });
    await expectMoved(`${SETUP}mremap(a, 1 pmd, 1 pmd, maymove|fixed, 2G + 4K)`, { pmd: 0, pte: 512 });
    await expectHolds(`${SETUP}m = mremap(a, 1 pmd, 1 pmd, maymove|fixed, 2G + 4K)
      expect m.moved.pte == 512 and m.moved.pmd == 0 and m.moved.pud == 0
      expect m.moved.huge_pmd == 0 and m.moved.huge_pud == 0
      expect m.tables.allocated == m.tables.allocated.pte + m.tables.allocated.pmd
      expect m.tables.allocated.pte == 2 and m.tables.freed.pte == 1
      expect m.flushes == m.moved.flush and m.flushes > 0
      expect m.locks == m.moved.move_ptes and m.locks == 2
      expect not m.realigned and m.log.count == 0 and m.steps.count > 0`);
  });

  /** An expression of each kind that has fields. */
  const OF: Readonly<Record<string, string>> = {
    result: 'm',
    moved: 'm.moved',
    tables: 'm.tables',
    relocation: 'm.relocation',
    levels: 'm.tables.freed',
    lines: 'm.log',
    vma: 'vma(2G)',
    vmas: 'vmas(0..4G)',
    entry: 'pte(2G)',
    list: '[1, 2]',
    table: 'it',
    visits: 'rmap_walk(2G).visits',
    visit: 'rmap_walk(2G).visits[0]',
    folio: 'folio(2G)',
  };

  const fields = Object.entries(FIELDS).flatMap(([kind, of]) => Object.entries(of).map(([name, { gives }]) => ({ kind, name, gives })));

  test.each(fields)('the field $name of a $kind gives what the table says: $gives', async ({ kind, name, gives }) => {
    const ran = await run(`${SETUP}m = mremap(a, 1 pmd, 1 pmd, maymove|fixed, 2G)\nprint ${OF[kind]}.${name}`);
    expect(ran.diagnostics).toEqual([]);
    if (gives === 'integer' || gives === 'errno') expect(ran.printed).toMatch(/^(-?\d+|0x[0-9a-f]+|none)\n$/);
    if (gives === 'boolean') expect(ran.printed).toMatch(/^(true|false)\n$/);
  });
});

describe('addresses', () => {
  test('what a call returned prints in hexadecimal, and so does an offset from it', async () => {
    await expectShown('m = mmap(1G, 4096, rw, anon|private|fixed)', 'm + 4096', '0x40001000');
    await expectShown('m = mmap(1G, 4096, rw, anon|private|fixed)', 'm - m', '0');
    await expectShown('m = mmap(1G, 4096, rw, anon|private|fixed)', 'vma(m).end', '0x40001000');
    await expectShown('m = mmap(1G, 4096, rw, anon|private|fixed)', 'm & ~0xfff', '0x40000000');
  });
});

describe('questions', () => {
  test('about VMAs', () =>
    expectHolds(`mmap(1G, 8K, rw, anon|private|fixed)
      mmap(1G + 8K, 4K, read, anon|private|fixed)
      expect vma(1G).start == 1G and vma(1G).end == 1G + 8K and vma(1G).size == 8K
      expect vma(1G).perms == "rw-p" and vma(1G + 8K).perms == "r--p" and vma(1G).kind == "anon"
      expect vma(1G).pgoff == 1G / page
      expect vmas(1G..+1M).count == 2 and vmas(1G..1G + 8K).count == 1 and vmas(2G..1G).count == 0
      expect vmas(1G - 1..1G + 1).count == 1
      expect vma(2G) == none and vma(1G) != none and vma(1G).anon_vma == none
      touch(1G, 1)
      expect vma(1G).anon_vma != none`));

  test('about entries', () =>
    expectHolds(`mmap(1G, 8K, rw, anon|private|fixed)
      expect not pte(1G).present and pte(1G).state == "none"
      poke(1G + 4K, 1)
      expect not pte(1G).present and pte(1G + 4K).present and pte(1G + 4K).state == "page"
      expect pmd(1G).state == "table" and pmd(1G).index == 0 and pte(1G + 4K).index == 1
      expect pte(1G + 4K).pfn != none and pte(1G).pfn == none`));

  test('about the whole space', () =>
    expectHolds(`let before = map_count, r = rss
      mmap(1G, 8K, rw, anon|private|fixed)
      touch(1G, 8K)
      expect map_count == before + 1 and rss == r + 2 page and locked == 0 and vmas().count >= 1`));

  test('display as /proc/PID/maps has them', async () => {
    await expectShown('mmap(1G, 8K, rw, anon|private|fixed)', 'vma(1G)', '40000000-40002000 rw-p');
    await expectShown('mmap(1G, 8K, rw, anon|private|fixed)\nmmap(2G, 4K, read, anon|shared|fixed)', 'vmas(0..1T).count', '2');
    await expectShown('vma(1G)', 'none');
    await expectShown('pte(1G)', 'pte entry: none');
  });

  test('what is not mapped has no fields', () =>
    expectDiagnostic('mmap(1G, 8K, rw, anon|private|fixed)\nx = <|vma(1G + 16K)|>.perms', {
      code: 'not-mapped',
      message: 'nothing is mapped at 0x40004000',
      hint: '40000000-40002000 rw-p ends 8K below',
    }));
});

describe('memory', () => {
  test('holds what is stored in it', () =>
    expectHolds(`mmap(1G, 8K, rw, anon|private|fixed)
      expect peek(1G) == 0
      poke(1G, 300 - 256)
      memset(1G + 1, -1, 2)
      expect peek(1G) == 44 and peek(1G + 1) == 0xff and peek(1G + 2) == 0xff and peek(1G + 3) == 0`));

  test.each([
    ['<|peek(1G)|>', /^SIGSEGV at 0x40000000: nothing is mapped there$/],
    ['<|poke(1G, 1)|>', /nothing is mapped there$/],
    ['mmap(1G, 4K, read, anon|private|fixed)\n<|memset(1G, 1, 4K)|>', /^SIGSEGV at 0x40000000: what is mapped there cannot be written$/],
    ['mmap(1G, 4K, PROT_NONE, anon|private|fixed)\n<|peek(1G)|>', /cannot be read$/],
    ['mmap(1G, 4K, rw, anon|private|fixed)\n<|touch(1G, 8K)|>', /^SIGSEGV at 0x40001000/],
  ])('an access that faults ends the run: %s', (text, message) => expectDiagnostic(text, { code: 'segmentation-fault', message }));

  test('the hint says what is near', () =>
    expectDiagnostic('mmap(1G, 4K, rw, anon|private|fixed)\n<|peek(1G + 4K)|>', {
      code: 'segmentation-fault',
      hint: /^40000000-40001000 rw-p ends there/,
    }));
});

describe('print', () => {
  test.each([
    ['print "a", 1 + 1, 1 == 1', 'a 2 true\n'],
    ['print "two\\nlines"', 'two\nlines\n'],
    ['m = mmap(1G, 4K, rw, anon|private|fixed)\nprint m, m.errno, vma(m)', '0x40000000 0 40000000-40001000 rw-p\n'],
    ['m = munmap(1, 4K)\nprint m, m.errno', '-1 EINVAL (Invalid argument) EINVAL\n'],
  ])('%j', (text, printed) => expectPrinted(text, printed));

  test('what an address space costs the kernel: a VMA, and once it is written an anon_vma and the link between them', async () => {
    await expectHolds(`let empty = metadata
      mmap(1G, 2 page, rw, anon|private|fixed)
      expect metadata - empty == 192
      touch(1G, page)
      expect metadata - empty == 192 + 104 + 64
      munmap(1G, 2 page)
      expect metadata == empty`);
  });
});
