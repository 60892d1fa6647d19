import { existsSync, readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { format } from '../../dsl/format/format.js';
import { program, mutilated } from '../fuzz-text/programs.js';
import { runs } from '../share.js';
import { read } from './tree.js';

/** The syntax tree without its places. */
const tree = (text: string): unknown =>
  JSON.parse(JSON.stringify(read(text).script, (key, value: unknown) => (key === 'span' ? undefined : typeof value === 'bigint' ? value.toString() : value)));

function expectSafe(text: string): void {
  const once = format(text);
  expect(format(once)).toBe(once);
  if (read(text).found.length > 0) return;
  expect(read(once).found).toEqual([]);
  expect(tree(once)).toEqual(tree(text));
}

const root = new URL('../../', import.meta.url).pathname;
const filesIn = (dir: string, ends: string): string[] =>
  existsSync(`${root}${dir}`)
    ? readdirSync(`${root}${dir}`, { recursive: true, encoding: 'utf8' })
        .filter((f) => f.endsWith(ends))
        .sort()
        .map((f) => `${dir}/${f}`)
    : [];
const pages = ['README.md', ...filesIn('docs', '.md')].flatMap((page) =>
  [...readFileSync(`${root}${page}`, 'utf8').matchAll(/^```mremap\n([^]*?)^```$/gm)].map(([, block], i) => [`${page} block ${i + 1}`, block ?? ''] as const),
);
const corpus = ['notebooks', 'test', 'examples'].flatMap((dir) => filesIn(dir, '.mremap')).map((file) => [file, readFileSync(`${root}${file}`, 'utf8')] as const);

describe('the layout of everything there is', () => {
  test.each([...pages, ...corpus])('%s: twice is once, and says the same', (_, text) => expectSafe(text));
});

describe('of any text', () => {
  test('twice is once, and a program stays the program it was', () => {
    fc.assert(fc.property(program, expectSafe), { numRuns: runs(500) });
  });
  test('whatever has happened to it', () => {
    fc.assert(fc.property(mutilated, expectSafe), { numRuns: runs(1500) });
  });
  test('comments are kept, in order', () => {
    fc.assert(
      fc.property(program, (text) => {
        const comments = (of: string): string[] => (of.match(/#.*$/gm) ?? []).map((c) => c.trimEnd());
        expect(comments(format(text))).toEqual(comments(text));
      }),
      { numRuns: runs(300) },
    );
  });
});

describe('the canonical layout', () => {
  test.each([
    ['let a=1<<20 ,b=2*a', 'let a = 1 << 20, b = 2 * a'],
    ['m = mremap( a,b , c,MREMAP_MAYMOVE | MREMAP_FIXED, d )', 'm = mremap(a, b, c, MREMAP_MAYMOVE|MREMAP_FIXED, d)'],
    ['munmap(a,4096)=  -1   EINVAL(Invalid argument)', 'munmap(a, 4096) = -1 EINVAL (Invalid argument)'],
    ['machine x86 - 64{ memory 8G }', 'machine x86-64 { memory 8G }'],
    ['kernel 6.3 with realign = v3 + pin=fail', 'kernel 6.3 with realign=v3 + pin=fail'],
    ['expect -a== - 1 and not(b>=~c)', 'expect -a == -1 and not (b >= ~c)'],
    ['expect vmas( 1G .. 2G ).count==1', 'expect vmas(1G..2G).count == 1'],
    ['expect vmas(1G ..+ 4K).count == 1', 'expect vmas(1G..+4K).count == 1'],
    ['expect vmas(1G .. +4K).count == 1', 'expect vmas(1G.. +4K).count == 1'],
    ['print m . errno ,  3   pmd+2 page', 'print m.errno, 3 pmd + 2 page'],
    ['print pmd (1G).present', 'print pmd(1G).present'],
    ['print m.with - 1', 'print m.with - 1'],
    ['set rlimit . memlock=64K', 'set rlimit.memlock = 64K'],
    ['a = 1#one\nbb = 2    # two\n#three', 'a = 1   # one\nbb = 2  # two\n#three'.replace('# one', '#one')],
    ['a = 1  # one\n       # more\nb = 2', 'a = 1  # one\n       # more\nb = 2'],
    ['\n\na = 1\n\n\n\nb = 2\n\n', 'a = 1\n\nb = 2'],
    ['let a = 1G,\nb = 2G', 'let a = 1G,\n    b = 2G'],
    ['munmap(\na,\n4096\n) = 0', 'munmap(\n  a,\n  4096\n) = 0'],
    ['a = b |\nc', 'a = b |\n    c'],
    ['a = 1 /* why */ + 2', 'a = 1 /* why */ + 2'],
    ['a = 1\r\nb = 2\r\n', 'a = 1\nb = 2'],
  ])('%j', (before, after) => {
    expect(format(before)).toBe(`${after}\n`);
  });

  test('of nothing is nothing', () => {
    for (const text of ['', '\n\n', '  \n']) expect(format(text)).toBe('');
  });
});
