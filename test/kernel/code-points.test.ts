import fc from 'fast-check';
import { expect, test } from 'vitest';
import { toCodePoints, toUtf16 } from '../../kernel/protocol/code-points.js';

test('an emoji is one code point and two units', () => {
  expect(toUtf16('a😀b', 2)).toBe(3);
  expect(toCodePoints('a😀b', 3)).toBe(2);
});

test('positions past the end are the end', () => {
  expect(toUtf16('😀', 9)).toBe(2);
  expect(toCodePoints('😀', 9)).toBe(1);
});

test('both agree with the way strings are iterated', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.nat(40), (text, n) => {
      const head = [...text].slice(0, n).join('');
      expect(toUtf16(text, n)).toBe(head.length);
      expect(toCodePoints(text, head.length)).toBe([...head].length);
    }),
  );
});
