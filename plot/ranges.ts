/** Ranges of pages, and which of them a call is about. */
import { rangeOfOp, resultRange, toVpn, type ByteRange, type Geometry, type OpRecord, type Pages, type Vpn } from '../machine/index.js';

/** Half-open. */
export interface Range {
  readonly start: Vpn;
  readonly end: Vpn;
}

/** What is in `a` and in none of `holes`; all ascending and disjoint. */
export function subtract(a: readonly Range[], holes: readonly Range[]): Range[] {
  const out: Range[] = [];
  for (const r of a) {
    let start = r.start;
    for (const h of holes) {
      if (h.end <= start || h.start >= r.end) continue;
      if (h.start > start) out.push({ start, end: h.start });
      start = Math.max(start, h.end);
    }
    if (start < r.end) out.push({ start, end: r.end });
  }
  return out;
}

export function intersect(a: readonly Range[], b: readonly Range[]): Range[] {
  const out: Range[] = [];
  for (const r of a) {
    for (const s of b) {
      const start = Math.max(r.start, s.start);
      const end = Math.min(r.end, s.end);
      if (start < end) out.push({ start, end });
    }
  }
  return out;
}

/** Ranges joined where they touch or overlap. */
export function union(ranges: readonly Range[]): Range[] {
  const out: Range[] = [];
  for (const r of [...ranges].sort((a, b) => a.start - b.start)) {
    const last = out.at(-1);
    if (last !== undefined && r.start <= last.end) out[out.length - 1] = { start: last.start, end: Math.max(last.end, r.end) };
    else out.push({ start: r.start, end: r.end });
  }
  return out;
}

export interface CallRanges {
  /** What the call named as it found it: what to move, unmap, write. */
  readonly source: Range | null;
  /** Where its result lies. */
  readonly destination: Range | null;
  /** The part of the source that went to the destination; null when nothing changed its place. */
  readonly moved: { readonly from: Range; readonly to: Range } | null;
}

/** Arguments may be any 64-bit value: what lies outside user space is no range. */
function rangeOf(g: Geometry, addr: bigint, length: bigint): Range | null {
  const top = BigInt(g.taskPages) << BigInt(g.pageShift);
  const page = (1n << BigInt(g.pageShift)) - 1n;
  if (length <= 0n || addr < 0n || addr + length > top) return null;
  return { start: toVpn(g, addr), end: toVpn(g, addr + length + page) };
}

export function callRanges(record: OpRecord): CallRanges {
  const g = record.after.geometry;
  const value = record.result.kind === 'value' ? record.result.value : null;
  const within = (range: ByteRange | undefined): Range | null => (range === undefined ? null : rangeOf(g, range.addr, range.length));
  const { op } = record;
  const source = within(rangeOfOp(op));
  const destination = value === null ? null : within(resultRange(op, value));
  const apart = source !== null && destination !== null && source.start !== destination.start;
  return { source, destination, moved: apart ? movedParts(source, destination) : null };
}

function movedParts(source: Range, destination: Range): { from: Range; to: Range } {
  const pages: Pages = Math.min(source.end - source.start, destination.end - destination.start);
  return {
    from: { start: source.start, end: source.start + pages },
    to: { start: destination.start, end: destination.start + pages },
  };
}
