import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { integerValue, stringValue } from '../../dsl/syntax/literals.js';
import { tokenize } from '../../dsl/syntax/tokens.js';

const kinds = (text: string): string =>
  tokenize(text)
    .tokens.map((t) => t.tokenType.name)
    .join(' ');

describe('tokens', () => {
  test.each([
    ['0..1 pmd', 'Integer RangeTo Integer Pmd'],
    ['a..+4K', 'Identifier RangeLength Integer'],
    ['a...b', 'Identifier RangeTo Dot Identifier'],
    ['0xff_ff 1_000', 'Integer Integer'],
    ['4K 2M 1G 1T 4KiB 2MiB', 'Integer Integer Integer Integer Integer Integer'],
    ['0x10K 4k 4KB 010 5page 1.5x', 'BadNumber BadNumber BadNumber BadNumber BadNumber BadNumber'],
    ['6.12 6.12.117 6.17-rc1 1.5', 'Release Release Release Release'],
    ['kernel kernels', 'Kernel Identifier'],
    ['pmd pmds m.pmd', 'Pmd Identifier Identifier Dot Pmd'],
    ['-1 EFAULT (Bad address)', 'ErrnoClaim'],
    ['-1 EFAULT', 'ErrnoClaim'],
    ['-1 E', 'Minus Integer Identifier'],
    ['-1 + EFAULT', 'Minus Integer Plus Identifier'],
    ['<= << < == = !=', 'AtMost ShiftLeft Below EqualTo Equals NotEqualTo'],
    ['&& || !', 'COperator COperator COperator'],
    ['"a" "b', 'Text UnterminatedString'],
    ['"a\\"b"', 'Text'],
    ['a # b\nc', 'Identifier Newline Identifier'],
    ['a /* b */ c', 'Identifier Identifier'],
    ['maps {\n7f-80 rw-p\n}\nx', 'Maps MapsOpen Newline MapsLine Newline MapsClose Newline Identifier'],
    ['show maps m', 'Show Maps Identifier'],
    ['“x” ⊕', 'Strange Identifier Strange Strange'],
  ])('%j', (text, expected) => expect(kinds(text)).toBe(expected));

  test('every character is in a token, in a comment, or blank', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.string({ unit: 'binary' }), pieces), (text) => {
        const { tokens, comments } = tokenize(text);
        const parts = [...tokens, ...comments].sort((a, b) => a.startOffset - b.startOffset);
        let at = 0;
        for (const { startOffset, image } of parts) {
          expect(text.slice(at, startOffset)).toMatch(/^[^\S\n]*$/);
          expect(text.slice(startOffset, startOffset + image.length)).toBe(image);
          at = startOffset + image.length;
        }
        expect(text.slice(at)).toMatch(/^[^\S\n]*$/);
      }),
    );
  });

  test('tokens printed with blanks between them are the same tokens', () => {
    fc.assert(
      fc.property(pieces, (text) => {
        const first = tokenize(text).tokens;
        const again = tokenize(first.map((t) => t.image).join(' ')).tokens;
        expect(again.map((t) => [t.tokenType.name, t.image])).toEqual(first.map((t) => [t.tokenType.name, t.image]));
      }),
    );
  });
});

/** Texts of the language's own words and signs. */
const pieces = fc
  .array(fc.constantFrom(...'mremap mmap kernel 6.12 with realign = none let a b , ( ) 4K 0x10 3 pmd page .. ..+ . + | == "s" and not expect show'.split(' ')))
  .map((words) => words.join(' '));

describe('literals', () => {
  test.each([
    ['0', 0n],
    ['4096', 4096n],
    ['1_000', 1000n],
    ['0xff', 255n],
    ['0x7fff_ffff_f000', 0x7ffffffff000n],
    ['4K', 4096n],
    ['2MiB', 2n << 20n],
    ['1G', 1n << 30n],
    ['3T', 3n << 40n],
  ])('%s', (image, value) => expect(integerValue(image)).toBe(value));

  test.each([
    ['"a"', 'a'],
    ['"a\\"b\\\\"', 'a"b\\'],
    ['"a\\nb\\t"', 'a\nb\t'],
  ])('%s', (image, value) => expect(stringValue(image)).toBe(value));
});
