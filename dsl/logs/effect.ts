/** What a call says about pages, beside what it does: which were mapped, which it frees, which it needs free. */
import { callOf, MAP, MREMAP, PROT, rangeOfOp, resultRange, type ByteRange, type Bytes, type Op } from '../../machine/index.js';

/** Pages [start, end). */
export interface PageRange {
  readonly start: number;
  readonly end: number;
}

const SHIFT = 12n;
const PAGE_END = (1n << SHIFT) - 1n;

export const pageOf = (at: Bytes): number => Number(at >> SHIFT);
export const pagesOf = (at: Bytes, length: Bytes): PageRange => ({ start: pageOf(at), end: Number((at + length + PAGE_END) >> SHIFT) });
export const bytesOf = (page: number): Bytes => BigInt(page) << SHIFT;

const overlap = (a: PageRange, b: PageRange): boolean => a.start < b.end && b.start < a.end;

const pagesIn = (range: ByteRange | undefined): PageRange | undefined => range && pagesOf(range.addr, range.length);

/** The pages that a call which succeeded must have found mapped. */
export function impliesMapped(op: Op): PageRange | undefined {
  const call = callOf(op);
  if (call?.impliesMapped !== true) return undefined;
  const range = call.range?.(op);
  // A duplicate of a shared mapping takes at least one page of it.
  if (range?.length === 0n) return op.name === 'mremap' ? pagesOf(range.addr, 1n) : undefined;
  return pagesIn(range);
}

/** How pages that were mapped before the log began are mapped: whatever lets the call through, and changes something. */
export function assumedMapping(op: Op): { readonly prot: number; readonly flags: number } {
  const flags = MAP.MAP_PRIVATE | MAP.MAP_ANONYMOUS | MAP.MAP_FIXED;
  const { PROT_NONE, PROT_READ, PROT_WRITE } = PROT;
  // What becomes writable was a reservation, what becomes anything else was written first (RELRO).
  if (op.name === 'mprotect') return { prot: (op.prot & PROT_WRITE) !== 0 ? PROT_NONE : PROT_READ | PROT_WRITE, flags };
  if (op.name === 'mremap' && op.old_size === 0n) return { prot: PROT_READ | PROT_WRITE, flags: MAP.MAP_SHARED | MAP.MAP_ANONYMOUS | MAP.MAP_FIXED };
  return { prot: PROT_READ | PROT_WRITE, flags };
}

/** A FIXED move that does not resize: since 6.17 it takes what is mapped of the range, and passes over the holes. */
export const mayPassOver = (op: Op): boolean =>
  op.name === 'mremap' && (op.flags & MREMAP.MREMAP_FIXED) !== 0 && op.old_size !== 0n && pagesOf(0n, op.old_size).end === pagesOf(0n, op.new_size).end;

/** Pages that the call speaks of by address; a thread that makes it lives where they are. */
export const mentions = (op: Op): PageRange | undefined => impliesMapped(op) ?? pagesIn(rangeOfOp(op) ?? callOf(op)?.replaces?.(op));

/** Pages that are free once the call has been carried out. */
export const frees = (op: Op): PageRange | undefined => (callOf(op)?.frees === true ? pagesIn(rangeOfOp(op)) : undefined);

/** Whether a call that answered `value` found pages free that are those of `freed`. */
export function needsFreed(op: Op, value: Bytes, freed: PageRange): boolean {
  if (op.name === 'mmap') return (op.flags & MAP.MAP_FIXED) === 0 && overlap(pagesOf(value, op.length), freed);
  if (op.name !== 'mremap' || (op.flags & MREMAP.MREMAP_FIXED) !== 0) return false;
  const grownFrom = value === op.old_address ? op.old_size : 0n;
  return op.new_size > grownFrom && overlap(pagesOf(value + grownFrom, op.new_size - grownFrom), freed);
}

/** Pages about which the call leaves no doubt: afterwards they are mapped, or they are not. */
export const settles = (op: Op, value: Bytes): readonly PageRange[] => [frees(op), pagesIn(resultRange(op, value))].filter((r) => r !== undefined);
