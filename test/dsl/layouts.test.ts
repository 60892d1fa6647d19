import { describe, expect, test } from 'vitest';
import { expectDiagnostic, expectHolds, run } from '../kit.js';

const text = async (source: string) => (await run(source)).views.flatMap((v) => (v.what === 'table' ? v.text : []));

describe('maps', () => {
  test('what is mapped is as the lines say', () =>
    expectHolds(`maps {
  40000000-40200000 rw-p 00000000 00:00 0

  # a comment
  40200000-40201000 r--p 00000000 00:00 0   [heap]
  50000000-50004000 rw-s 00001000 00:01 1042  /memfd:data (deleted)
  7ffff7fc1000-7ffff7fc5000 r--p 00000000 00:00 0    [vvar]
}
expect vma(1G).perms == "rw-p" and vma(0x50000000).kind == "memfd:data" and vma(0x50000000).pgoff == 1
expect vma(0x7ffff7fc1000) == none
expect maps {
  40000000-40200000 rw-p
  40200000-40201000 r--p 00000000
  50000000-50004000 rw-s 00001000 00:01 9 /memfd:data (deleted)
  7ffff7fc1000-7ffff7fc5000 r--p 00000000 00:00 0    [vvar]
}`));

  test('a range leaves out what lies outside', () =>
    expectHolds('maps {\n40000000-40001000 rw-p\n50000000-50001000 r--p\n}\nexpect maps 1G..+1M {\n40000000-40001000 rw-p\n}\nexpect maps 3G..4G {\n}'));

  test('every difference is told at once', async () => {
    const ran = await run('mmap(1G, 2 page, rw, anon|private|fixed)\nmmap(2G, page, rw, anon|private|fixed)\nexpect maps {\n40000000-40001000 rw-p\n60000000-60001000 rw-p\n}');
    expect(ran.expectations).toEqual({ held: 0, failed: 1 });
    expect(ran.diagnostics[0]?.values).toEqual([
      { text: '40000000-40001000 rw-p', value: '40000000-40002000 rw-p' },
      { text: '60000000-60001000 rw-p', value: 'not mapped' },
      { text: '80000000-80001000 rw-p', value: 'in no line' },
    ]);
  });

  test.each([
    ['maps {\n<|4000-5000|>\n}', 'bad-maps-line'],
    ['maps {\n<|5000-4000 rw-p|>\n}', 'empty-maps-line'],
    ['maps {\n40000000-40002000 rw-p\n<|40001000-40003000 rw-p|>\n}', 'maps-overlap'],
    ['maps {\n<|40000000-40001000 rw-s 00000000 00:01 7 /memfd:data|>\n40001000-40002000 rw-s 00001000 00:01 7 /memfd:data\n}', 'lines-merge'],
    ['maps {\n40000000-40001000 r--p\n<|40001000-40002000 r--p|>\n}', 'lines-apart'],
    ['maps {\n<|00000000-00001000 rw-p|>\n}', 'line-refused'],
    ['expect maps <|1G|> {\n}', 'range-expected'],
    ['maps <|{|>\n40000000-40001000 rw-p }', 'unclosed-bracket'],
    ['maps <|print|> 3', 'expected-token'],
  ])('%j', (source, code) => expectDiagnostic(source, { code }));
});

describe('layout', () => {
  test('what is mapped is as drawn', () =>
    expectHolds(`layout at 1G {
  "0123456789"
  "AA.bbB..D"
  D: r--s
}
expect vma(1G).size == 2 page and pte(1G).present and vma(1G + 2 page) == none
expect vma(1G + 3 page).size == 3 page and not pte(1G + 3 page).present and pte(1G + 5 page).present
expect vma(1G + 8 page).perms == "r--s"
expect layout at 1G { "AA.bbB..D"
  D: r--s }
expect layout at 1G + 3 page { "bbB" }`));

  test('in units, and over several rows', () =>
    expectHolds('layout at 1G unit 1 pmd { "a."\n "B" }\nexpect vma(1G).size == 2M and vma(1G + 4M).size == 2M\nexpect layout at 1G unit 2M { "a.B" }'));

  test('a failure shows both drawings', async () => {
    const ran = await run('layout at 1G { "AAA" }\nmunmap(1G + page, page)\nexpect layout at 1G { "AAB" }');
    expect(ran.diagnostics).toMatchObject([{ code: 'layout-differs', values: [{ text: 'AAB', value: 'A.B' }] }]);
  });

  test.each([
    ['layout at 1G <|{|> "AA.A" }', 'letter-twice'],
    ['layout at 1G { "A<|?|>" }', 'bad-layout-sign'],
    ['layout at 1G { "A" <|x|> }', 'bad-layout'],
    ['layout at 1G { "A"\n <|B: r--p|> }', 'layout-letter'],
    ['<|layout at 1G { "AABB" }|>', 'letters-merge'],
    ['layout at <|1G + 1|> { "A" }', 'not-whole-pages'],
    ['layout at 1G unit <|100|> { "A" }', 'not-whole-pages'],
    ['<|layout at 1G { "A"\n A: ---p }|>', 'cannot-fault'],
    ['layout at <|0|> { "A" }', 'line-refused'],
  ])('%j', (source, code) => expectDiagnostic(source, { code }));
});

describe('why', () => {
  const SETUP = 'mmap(0x8100000, 2M, rw, anon|private|fixed)\ntouch(0x8100000, 2M)\n';

  test('names the check and the neighbour', async () => {
    const said = await text(`${SETUP}m = mremap(0x8100000, 2M, 2M, maymove|fixed, 0x7f00000)\nwhy m`);
    expect(said[0]).toBe('moved as 512 PTEs');
    expect(said[1]).toMatch(/can_align_down: .*the new mapping itself lies between/);
  });

  test.each([
    ['6.12', '2G + 4K', /differ in their offset within a PMD entry: 1M and 4K/],
    ['6.1', '0x6100000', /begins 1M into a PMD entry, and this kernel has no realignment/],
    ['6.12', '0x6100000', /share their offset/],
  ])('each step has its reason: %s to %s', async (kernel, to, reason) => {
    const ran = await run(`kernel ${kernel}\n${SETUP}mremap(0x8100000, 2M, 2M, maymove|fixed, ${to})\nwhy`);
    const rows = ran.views.flatMap((v) => (v.what === 'table' ? v.table.rows : []));
    expect(rows.map((r) => r[5]).join('\n')).toMatch(reason);
  });

  test('of a refusal and of a call that moved nothing', async () => {
    expect((await text('m = mremap(1G, 4K, 4K, MREMAP_FIXED, 2G)\nwhy m'))[0]).toMatch(/refused with EINVAL/);
    expect((await text('mmap(1G, 4K, rw, anon|private|fixed)\nm = mremap(1G, 4K, 8K, maymove)\nwhy m'))[0]).toMatch(/nothing was moved: grew/);
  });

  test.each([
    ['why <|rss|>', 'wrong-type'],
    ['<|why|>', 'nothing-to-show'],
    ['<|advise|>', 'nothing-to-show'],
    ['why merge <|1G|>, 2G', 'not-mapped'],
  ])('%s', (source, code) => expectDiagnostic(source, { code }));

  test.each([
    ['mmap(1G, page, rw, anon|private|fixed)\nmmap(1G + page, page, read, anon|private|fixed)', /permissions differ: vm_flags rw-p .*, and vm_flags r--p/],
    ['mmap(1G, 2 page, rw, anon|private|fixed)', /both are in one VMA/],
    ['mmap(1G, page, rw, shared|anon|fixed)\nmmap(1G + page, page, rw, shared|anon|fixed)', /files differ/],
    ['f = memfd("x", 4M)\nmmap(1G, page, rw, shared|fixed, f, 0)\nmmap(1G + page, page, rw, shared|fixed, f, 0)', /page offsets do not go on/],
    [
      'mmap(3G, page, rw, anon|private|fixed)\ntouch(3G, page)\nmmap(1G, page, rw, anon|private|fixed)\ntouch(1G, page)\nmremap(3G, page, page, maymove|fixed, 1G + page)',
      /page offsets do not go on|anon_vma of its own/,
    ],
  ])('two VMAs: %s', async (setup, why) => {
    expect((await text(`${setup}\nwhy merge 1G, 1G + page`))[0]).toMatch(why);
  });

  test('not neighbours', async () =>
    expect((await text('mmap(1G, page, rw, anon|private|fixed)\nmmap(2G, page, rw, anon|private|fixed)\nwhy merge 2G, 1G'))[0]).toMatch(/no neighbours: .* lies between/));
});

describe('advise', () => {
  test('finds the nearest that is cheaper, and leaves the machine as it is', async () => {
    const ran = await run(
      'mmap(0x8100000, 2M, rw, anon|private|fixed)\ntouch(0x8100000, 2M)\nm = mremap(0x8100000, 2M, 2M, maymove|fixed, 0x7f00000)\nadvise m\nexpect vma(0x7f00000).size == 2M',
    );
    const said = ran.views.flatMap((v) => (v.what === 'table' ? v.text : []));
    expect(ran.diagnostics).toEqual([]);
    expect(said[0]).toMatch(/the cheapest near 0x7f00000 is 0x7d00000, 2M below: moved 256 pte, 1 pmd/);
  });

  test('has nothing to say of a move that costs nothing more than it must', async () => {
    expect((await text('mmap(1G, 2M, rw, anon|private|fixed)\ntouch(1G, 2M)\nmremap(1G, 2M, 2M, maymove|fixed, 2G)\nadvise'))[0]).toMatch(/no address near 0x80000000/);
    expect((await text('mmap(1G, 2M, rw, anon|private|fixed)\nm = munmap(1G, 2M)\nadvise m'))[0]).toMatch(/moved nothing/);
  });
});
