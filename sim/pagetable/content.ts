/**
 * What the bytes of a page are, kept as a few spans so that half a million pages written by one
 * loop are one run: page i of a run differs from page 0 only in that each of its words is larger
 * by i times its step.
 */

/** `length` bytes at `offset`: a repeated byte, or a slice of a little-endian u64 that grows by `step` a page. */
export interface ContentSpan {
  readonly offset: number;
  readonly length: number;
  readonly value: bigint;
  readonly step: bigint;
  /** -1: every byte is `value`; otherwise the first byte of the u64 that this span shows. */
  readonly byteOf: number;
}

/** Ascending, disjoint; bytes under no span are zero. */
export type Content = readonly ContentSpan[];

export const ZEROES: Content = [];

export const fill = (offset: number, length: number, byte: number): ContentSpan => ({
  offset,
  length,
  value: BigInt(byte),
  step: 0n,
  byteOf: -1,
});

export const word = (offset: number, value: bigint, step: bigint): ContentSpan => ({
  offset,
  length: 8,
  value: BigInt.asUintN(64, value),
  step,
  byteOf: 0,
});

export function advanceContent(content: Content, by: number): Content {
  if (by === 0 || content.every((s) => s.step === 0n)) return content;
  return content.map((s) => (s.step === 0n ? s : { ...s, value: BigInt.asUintN(64, s.value + s.step * BigInt(by)) }));
}

/** Whether `next` is what `content` becomes `by` pages further on. */
export function contentContinues(content: Content, by: number, next: Content): boolean {
  if (content.length !== next.length) return false;
  return content.every((a, i) => {
    const b = next[i];
    return (
      b !== undefined &&
      a.offset === b.offset &&
      a.length === b.length &&
      a.byteOf === b.byteOf &&
      a.step === b.step &&
      b.value === (a.step === 0n ? a.value : BigInt.asUintN(64, a.value + a.step * BigInt(by)))
    );
  });
}

/** The content after one more store. */
export function storeSpan(content: Content, span: ContentSpan): Content {
  const end = span.offset + span.length;
  const kept: ContentSpan[] = [];
  for (const s of content) {
    const sEnd = s.offset + s.length;
    if (sEnd <= span.offset || s.offset >= end) {
      kept.push(s);
      continue;
    }
    if (s.offset < span.offset) kept.push({ ...s, length: span.offset - s.offset });
    if (sEnd > end) kept.push(tail(s, end - s.offset));
  }
  kept.push(span);
  return kept.filter((s) => !isZero(s)).sort((a, b) => a.offset - b.offset);
}

const isZero = (s: ContentSpan): boolean => s.value === 0n && s.step === 0n;

const tail = (s: ContentSpan, skip: number): ContentSpan => ({
  ...s,
  offset: s.offset + skip,
  length: s.length - skip,
  byteOf: s.byteOf < 0 ? -1 : s.byteOf + skip,
});

export function byteAt(content: Content, offset: number): number {
  for (const s of content) {
    if (offset < s.offset || offset >= s.offset + s.length) continue;
    return s.byteOf < 0 ? Number(s.value) : Number((s.value >> BigInt(8 * (s.byteOf + offset - s.offset))) & 0xffn);
  }
  return 0;
}

/**
 * The little-endian u64 at the start of the page, and by how much it grows from page to page; null where only
 * a part of a growing word is at the start, so that the values follow no simple rule.
 */
export function firstWord(content: Content): { word: bigint; step: bigint } | null {
  const first = content[0];
  if (first === undefined || first.offset >= 8) return { word: 0n, step: 0n };
  if (first.offset === 0 && first.byteOf === 0 && first.length === 8) return { word: first.value, step: first.step };
  if (content.some((s) => s.offset < 8 && s.step !== 0n)) return null;
  let value = 0n;
  for (let i = 7; i >= 0; i--) value = (value << 8n) | BigInt(byteAt(content, i));
  return { word: value, step: 0n };
}
