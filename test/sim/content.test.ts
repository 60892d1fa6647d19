import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { advanceContent, byteAt, contentContinues, fill, firstWord, storeSpan, word, ZEROES, type Content } from '../../sim/pagetable/content.js';

type Store = { kind: 'fill'; offset: number; length: number; byte: number } | { kind: 'word'; offset: number; value: bigint; step: bigint };

const store: fc.Arbitrary<Store> = fc.oneof(
  fc.record({ kind: fc.constant('fill' as const), offset: fc.nat(40), length: fc.integer({ min: 1, max: 24 }), byte: fc.nat(255) }),
  fc.record({ kind: fc.constant('word' as const), offset: fc.nat(56), value: fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }), step: fc.constantFrom(0n, 1n) }),
);

/** The bytes of page `page` of a run after the same stores, one by one. */
function bytes(stores: readonly Store[], page: number): Uint8Array {
  const out = new Uint8Array(64);
  for (const s of stores) {
    if (s.kind === 'fill') out.fill(s.byte, s.offset, s.offset + s.length);
    else new DataView(out.buffer).setBigUint64(s.offset, BigInt.asUintN(64, s.value + s.step * BigInt(page)), true);
  }
  return out;
}

const build = (stores: readonly Store[]): Content =>
  stores.reduce<Content>((c, s) => storeSpan(c, s.kind === 'fill' ? fill(s.offset, s.length, s.byte) : word(s.offset, s.value, s.step)), ZEROES);

test('a page holds the bytes that were stored, on every page of its run', () => {
  fc.assert(
    fc.property(fc.array(store, { maxLength: 8 }), fc.nat(5), (stores, page) => {
      const content = advanceContent(build(stores), page);
      const expected = bytes(stores, page);
      expect(Array.from({ length: 64 }, (_, i) => byteAt(content, i))).toEqual([...expected]);
      const first = firstWord(content);
      if (first !== null) expect(first.word).toBe(new DataView(expected.buffer).getBigUint64(0, true));
    }),
    { seed: 20230504 },
  );
});

test('a page continues the run of another exactly when advancing gives it', () => {
  fc.assert(
    fc.property(fc.array(store, { maxLength: 4 }), fc.nat(5), (stores, by) => {
      const content = build(stores);
      expect(contentContinues(content, by, advanceContent(content, by))).toBe(true);
      expect(contentContinues(content, by, storeSpan(advanceContent(content, by), fill(63, 1, byteAt(advanceContent(content, by), 63) ^ 1)))).toBe(false);
    }),
    { seed: 20230504 },
  );
});

describe('one store after another', () => {
  const BASE = fill(8, 8, 1);
  const ROWS: [what: string, second: ReturnType<typeof fill>, spans: [offset: number, length: number, value: bigint][]][] = [
    [
      'right before it',
      fill(0, 8, 2),
      [
        [0, 8, 2n],
        [8, 8, 1n],
      ],
    ],
    [
      'right behind it',
      fill(16, 8, 2),
      [
        [8, 8, 1n],
        [16, 8, 2n],
      ],
    ],
    [
      'over its start',
      fill(4, 8, 2),
      [
        [4, 8, 2n],
        [12, 4, 1n],
      ],
    ],
    [
      'over its end',
      fill(12, 8, 2),
      [
        [8, 4, 1n],
        [12, 8, 2n],
      ],
    ],
    [
      'inside it',
      fill(10, 2, 2),
      [
        [8, 2, 1n],
        [10, 2, 2n],
        [12, 4, 1n],
      ],
    ],
    ['in its place', fill(8, 8, 2), [[8, 8, 2n]]],
    ['around it', fill(0, 24, 2), [[0, 24, 2n]]],
    [
      'zeroes inside it',
      fill(10, 2, 0),
      [
        [8, 2, 1n],
        [12, 4, 1n],
      ],
    ],
    ['zeroes in its place', fill(8, 8, 0), []],
  ];
  test.each(ROWS)('%s', (_, second, spans) => {
    expect(storeSpan(storeSpan(ZEROES, BASE), second).map((s) => [s.offset, s.length, s.value])).toEqual(spans);
  });

  test('a word that grows from 0 is no zeroes', () => {
    expect(storeSpan(ZEROES, word(0, 0n, 1n))).toHaveLength(1);
    expect(storeSpan(ZEROES, word(0, 0n, 0n))).toHaveLength(0);
  });

  test('what is left of a word still shows its own bytes', () => {
    const content = storeSpan(storeSpan(ZEROES, word(0, 0x8877665544332211n, 0n)), fill(2, 2, 0xff));
    expect(Array.from({ length: 9 }, (_, i) => byteAt(content, i))).toEqual([0x11, 0x22, 0xff, 0xff, 0x55, 0x66, 0x77, 0x88, 0]);
  });
});

describe('the next page of a run is alike in everything', () => {
  const content = storeSpan(storeSpan(ZEROES, word(0, 5n, 1n)), fill(16, 4, 9));
  const shown = (more: object, which = 0): Content => advanceContent(content, 2).map((s, i) => (i === which ? { ...s, ...more } : s));
  test('and grown by its step', () => {
    expect(contentContinues(content, 2, shown({}))).toBe(true);
    expect(shown({}).map((s) => s.value)).toEqual([7n, 9n]);
  });
  test.each<[string, Content]>([
    ['another offset', shown({ offset: 1 })],
    ['another length', shown({ length: 7 })],
    ['another part of the word', shown({ byteOf: 1 })],
    ['another step', shown({ step: 2n })],
    ['another value', shown({ value: 6n })],
    ['another value that does not grow', shown({ value: 10n }, 1)],
    ['a span less', shown({}).slice(0, 1)],
    ['a span more', [...shown({}), fill(40, 1, 1)]],
  ])('not %s', (_, next) => {
    expect(contentContinues(content, 2, next)).toBe(false);
  });
  test('words wrap at 64 bits', () => {
    const last = storeSpan(ZEROES, word(0, (1n << 64n) - 1n, 1n));
    expect(advanceContent(last, 1).map((s) => s.value)).toEqual([0n]);
    expect(contentContinues(last, 1, advanceContent(last, 1))).toBe(true);
    expect(word(0, -1n, 0n).value).toBe((1n << 64n) - 1n);
  });
  test('what does not grow is the same object', () => {
    const still = storeSpan(ZEROES, fill(0, 8, 1));
    expect(advanceContent(still, 3)).toBe(still);
    expect(advanceContent(content, 0)).toBe(content);
  });
});

describe('the first word', () => {
  const of = (...spans: ReturnType<typeof fill>[]): Content => spans.reduce<Content>(storeSpan, ZEROES);
  test.each<[string, Content, { word: bigint; step: bigint } | null]>([
    ['of nothing', ZEROES, { word: 0n, step: 0n }],
    ['of a page written behind it', of(word(8, 5n, 1n)), { word: 0n, step: 0n }],
    ['that grows', of(word(0, 5n, 1n)), { word: 5n, step: 1n }],
    ['that grows, with more behind it', of(word(0, 5n, 1n), word(8, 7n, 1n)), { word: 5n, step: 1n }],
    ['that does not', of(word(0, 5n, 0n)), { word: 5n, step: 0n }],
    ['of bytes', of(fill(0, 4, 0x11)), { word: 0x11111111n, step: 0n }],
    ['of bytes from its second on', of(fill(7, 4, 0x11)), { word: 0x1100000000000000n, step: 0n }],
    ['of bytes before a word that grows', of(fill(0, 4, 0x11), word(8, 5n, 1n)), { word: 0x11111111n, step: 0n }],
    ['that shows a part of one that grows', of(word(4, 5n, 1n)), null],
    ['that grows but for its last byte', of(word(0, 5n, 1n), fill(7, 1, 3)), null],
    ['that is the end of one that grows', of(word(0, 5n, 1n), fill(0, 1, 3)), null],
  ])('%s', (_, content, expected) => {
    expect(firstWord(content)).toEqual(expected);
  });
});
