import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { expectCompletion, machines, marked, newSession, run } from '../kit.js';

const RESULT = 'm = mmap(NULL, 1M, rw, anon|private)\n';

describe('completion', () => {
  test('of a statement', () => {
    expectCompletion('<|>', { includes: ['kernel', 'let', 'expect', 'print', 'show', 'mremap', 'mmap', 'vma', 'rss'], excludes: ['and', 'with', 'MAP_FIXED', 'always'] });
    expectCompletion('expect <|>', { includes: ['always', 'never', 'sometimes'] });
    expectCompletion('<|exp|><|>', { items: ['expect'] });
    expectCompletion('let a = 1\nexp<|>', { items: ['expect'] });
    expectCompletion('<|mre|><|>', { items: ['mremap'], kind: 'function' });
  });

  test('of a name, whatever its case, with those in scope first', async () => {
    expectCompletion('let length = 4K, len = 1\nmunmap(0, <|LE|><|>', { items: ['length', 'len'], kind: 'variable' });
    const session = newSession();
    await run('let length = 4K', 'cell', session);
    expectCompletion('expect le<|>', { items: ['length'] }, session);
    expectCompletion('expect lo<|>\nlonger = 1', { items: ['locked', 'load_words'] });
  });

  test('of the constants that an argument takes', () => {
    expectCompletion('mremap(a, 1, 2, <|>', { includes: ['MREMAP_MAYMOVE', 'MREMAP_FIXED', 'maymove'], excludes: ['MAP_FIXED', 'PROT_READ', 'mremap', 'page', 'not'] });
    expectCompletion('mremap(a, 1, 2, MREMAP_MAYMOVE|<|MREMAP_D|><|>', { items: ['MREMAP_DONTUNMAP'], kind: 'constant' });
    expectCompletion('mmap(NULL, 4096, <|>', { includes: ['PROT_READ', 'rw'], excludes: ['MAP_PRIVATE', 'anon'] });
    expectCompletion('mmap(NULL, (1 + 2) * f(3, 4), rw, <|an|><|>', { items: ['anonymous', 'anon'] });
    expectCompletion('mmap(NULL, 4096, (PROT_R<|>', { items: ['PROT_READ'] });
    expectCompletion('x = mmap(\n  NULL,\n  4096,\n  rw,\n  MAP_FIXED_<|>', { items: ['MAP_FIXED_NOREPLACE'] });
    expectCompletion('madvise(a, 4096, <|MADV_DONTN|><|>', { items: ['MADV_DONTNEED', 'MADV_DONTNEED_LOCKED'] });
    expectCompletion('munmap(<|>', { includes: ['NULL', 'vma', 'page'], excludes: ['PROT_READ', 'munmap'] });
  });

  test('of the fields of a result', () => {
    expectCompletion(`${RESULT}m.<|>`, { includes: ['errno', 'moved', 'tables', 'steps'], kind: 'field' });
    expectCompletion(`${RESULT}expect m.moved.<|hu|><|>`, { items: ['huge_pmd', 'huge_pud', 'huge_pmd_fail', 'huge_flush'] });
    expectCompletion(`${RESULT}expect 1 + m.tables.<|>`, { items: ['allocated', 'freed'] });
    expectCompletion('expect vma(vma(4).start + 1).pe<|>', { items: ['perms'] });
    expectCompletion('expect vmas(0..1G).<|>', { items: ['count'] });
    expectCompletion('expect nothing.<|>', { items: [] });
    expectCompletion('expect rss.<|>', { items: [] });
  });

  test('of kernels', () => {
    expectCompletion('kernel <|>', { items: [...machines.releases, ...(machines.aliases ?? [])].map((r) => r.name), kind: 'release' });
    expectCompletion('kernel <|6.1|><|>', { includes: ['6.1', '6.12'], kind: 'release' });
    expectCompletion('kernel 6.12 <|>', { items: ['with', 'without'] });
    expectCompletion('kernel 6.12 with <|re|><|>', { includes: ['realign'], kind: 'behaviour' });
    expectCompletion('kernel 6.12 with realign=<|>', { includes: ['none'], kind: 'behaviour' });
    expectCompletion('kernel 6.12 without <|>', { includes: ['realign'], kind: 'behaviour' });
  });

  test('of settings', () => {
    expectCompletion('set <|>', { items: ['rlimit', 'sysctl', 'thp', 'capability'] });
    expectCompletion('set rlimit.<|m|><|>', { items: ['memlock'] });
  });

  test('of what can be shown', () => {
    expectCompletion('show <|>', { items: ['moves', 'maps', 'steps', 'tables', 'cost', 'diff', 'rmap'] });
    expectCompletion(`let other = 3\n${RESULT}show moves <|>`, { items: ['m'] });
    expectCompletion(`let other = 3\n${RESULT}show tables <|>`, { includes: ['m', 'other'] });
  });

  test('of operators, units and errnos', () => {
    expectCompletion('x = 3 <|p|><|>', { includes: ['page', 'pmd'], kind: 'unit' });
    expectCompletion('expect 1 == 1 <|>', { includes: ['and', 'or'] });
    expectCompletion(`${RESULT}expect m.errno == <|EI|><|>`, { items: ['EINTR', 'EINVAL'] });
  });

  test('of nothing in comments, strings and numbers', () => {
    for (const text of ['# ke<|>', 'print "ke<|>', 'x = 0x1<|>', 'x = 4<|>', 'x = 1 /* ke<|>']) expectCompletion(text, { items: [] });
  });

  test('says in a line what a word is', () => {
    const { items } = newSession().complete('mrem', 4);
    expect(items[0]?.detail).toBe('mremap(old_address, old_size, new_size, flags[, new_address]): resize or move a mapping: mremap(2)');
  });

  test('never fails, and replaces what stands before the cursor', () => {
    const session = newSession();
    const words = 'mremap( kernel 6.12 let a = , ( ) 4K pmd .. . | == "s" not expect show m.moved \n #'.split(/(?<=\S) /);
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...words), { maxLength: 8 }), fc.boolean(), (parts, spaced) => {
        const text = parts.join(spaced ? ' ' : '');
        const { start, end, items } = session.complete(text, text.length);
        expect(end).toBe(text.length);
        expect(start).toBeLessThanOrEqual(end);
        for (const item of items) expect(item.text.toLowerCase().startsWith(text.slice(start).toLowerCase())).toBe(true);
      }),
    );
  });
});

describe('whether a cell is complete', () => {
  test.each([
    ['', 'complete'],
    ['6 * 7', 'complete'],
    ['let a = 1\nb = a', 'complete'],
    ['# only a comment', 'complete'],
    ['nowhere', 'complete'],
    ['m = mremap(a,', 'incomplete'],
    ['m = mremap(a, 1\n', 'incomplete'],
    ['1 +', 'incomplete'],
    ['let a = 1,', 'incomplete'],
    ['expect a and', 'incomplete'],
    ['kernel 6.12 with', 'incomplete'],
    ['race {', 'incomplete'],
    ['race { thread a {\n x\n }', 'incomplete'],
    ['maps {\n 7f00-7f10 rw-p', 'incomplete'],
    ['f(a))', 'invalid'],
    ['let 3', 'invalid'],
    ['print "open', 'invalid'],
    ['f(a b)\n1', 'invalid'],
  ])('%j: %s', (text, status) => expect(newSession().isComplete(text).status).toBe(status));

  test('an unfinished cell goes on indented, deeper in deeper brackets', () => {
    expect(newSession().isComplete('f(')).toEqual({ status: 'incomplete', indent: '  ' });
    expect(newSession().isComplete('f(g(')).toEqual({ status: 'incomplete', indent: '    ' });
  });
});

test('marks', () => expect(marked('a<|b|>c<|>')).toEqual({ text: 'abc', cursor: 3, ranges: [{ start: 1, end: 2 }] }));
