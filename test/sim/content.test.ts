import fc from 'fast-check';
import { expect, test } from 'vitest';
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
  );
});

test('a page continues the run of another exactly when advancing gives it', () => {
  fc.assert(
    fc.property(fc.array(store, { maxLength: 4 }), fc.nat(5), (stores, by) => {
      const content = build(stores);
      expect(contentContinues(content, by, advanceContent(content, by))).toBe(true);
      expect(contentContinues(content, by, storeSpan(advanceContent(content, by), fill(63, 1, byteAt(advanceContent(content, by), 63) ^ 1)))).toBe(false);
    }),
  );
});
