/** Searches of the history: they find what GLOB finds, and no pattern takes longer than its length and the text's. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Glob } from '../../kernel/language/glob.js';

/** What a glob means, tried in all ways. */
function slow(pattern: string, text: string): boolean {
  const [c = '', ...rest] = [...pattern];
  const [t, ...more] = [...text];
  if (c === '') return t === undefined;
  if (c === '*') return slow(rest.join(''), text) || (t !== undefined && slow(pattern, more.join('')));
  return t !== undefined && (c === '?' || c === t) && slow(rest.join(''), more.join(''));
}

describe('a pattern', () => {
  test('matches what it matches when everything is tried', () => {
    const some = fc.array(fc.constantFrom('a', 'b', '*', '?'), { maxLength: 8 }).map((c) => c.join(''));
    const text = fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 10 }).map((c) => c.join(''));
    fc.assert(
      fc.property(some, text, (pattern, input) => new Glob(pattern).matches(input) === slow(pattern, input)),
      { numRuns: 5000 },
    );
  });

  test.each([
    ['*mremap*', 'x = mremap(p)', true],
    ['[a-c]?', 'b1', true],
    ['[^a-c]?', 'b1', false],
    ['[]]', ']', true],
    ['[z-a]', 'm', false],
    ['[', '[', true],
    ['a.c', 'abc', false],
    ['a\\', 'a\\', true],
    ['*\n*', 'one\ntwo', true],
    ['?', '\u{1f600}', true],
    ['', '', true],
    ['**', '', true],
  ])('%j on %j: %j', (pattern, text, matches) => expect(new Glob(pattern).matches(text)).toBe(matches));

  test.each([
    ['*a'.repeat(5000) + 'b', 'a'.repeat(1_000_000)],
    ['*?'.repeat(20_000), 'a'.repeat(1_000_000)],
    [`*${'a'.repeat(20_000)}b*`, 'a'.repeat(1_000_000)],
    [`*${'[^b]'.repeat(9000)}b`, 'a'.repeat(1_000_000)],
    ['['.repeat(50_000), '['.repeat(50_000)],
  ])('ends, however many ways there are: %#', (pattern, text) => {
    const { user } = process.cpuUsage();
    new Glob(pattern).matches(text);
    expect((process.cpuUsage().user - user) / 1e6).toBeLessThan(5);
  });
});
