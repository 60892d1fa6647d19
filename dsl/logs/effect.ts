/** What a call says about pages, beside what it does: which were mapped, which it frees, which it needs free. */
import { MAP, MREMAP, PROT, type Bytes, type Op } from '../../machine/index.js';

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

/** The pages that a call which succeeded must have found mapped. */
export function impliesMapped(op: Op): PageRange | undefined {
  switch (op.name) {
    case 'mremap':
      // A duplicate of a shared mapping takes at least one page of it.
      return pagesOf(op.old_address, op.old_size === 0n ? 1n : op.old_size);
    case 'mprotect':
    case 'madvise':
    case 'mlock':
    case 'munlock':
    case 'mlock2':
    case 'mseal':
      return op.length === 0n ? undefined : pagesOf(op.addr, op.length);
    default:
      return undefined;
  }
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
export function mentions(op: Op): PageRange | undefined {
  switch (op.name) {
    case 'munmap':
      return pagesOf(op.addr, op.length);
    case 'brk':
      return op.addr === 0n ? undefined : pagesOf(op.addr - 1n, 1n);
    case 'mmap':
      return (op.flags & MAP.MAP_FIXED) === 0 ? undefined : pagesOf(op.addr, op.length);
    default:
      return impliesMapped(op);
  }
}

/** Pages that are free once the call has been carried out. */
export function frees(op: Op): PageRange | undefined {
  if (op.name === 'munmap') return pagesOf(op.addr, op.length);
  if (op.name === 'mremap') return pagesOf(op.old_address, op.old_size);
  return undefined;
}

/** Whether a call that answered `value` found pages free that are those of `freed`. */
export function needsFreed(op: Op, value: Bytes, freed: PageRange): boolean {
  if (op.name === 'mmap') return (op.flags & MAP.MAP_FIXED) === 0 && overlap(pagesOf(value, op.length), freed);
  if (op.name !== 'mremap' || (op.flags & MREMAP.MREMAP_FIXED) !== 0) return false;
  const grownFrom = value === op.old_address ? op.old_size : 0n;
  return op.new_size > grownFrom && overlap(pagesOf(value + grownFrom, op.new_size - grownFrom), freed);
}

/** Pages about which the call leaves no doubt: they are mapped now, or they are not. */
export function settles(op: Op, value: Bytes): readonly PageRange[] {
  switch (op.name) {
    case 'mmap':
      return [pagesOf(value, op.length)];
    case 'munmap':
      return [pagesOf(op.addr, op.length)];
    case 'mremap':
      return [pagesOf(op.old_address, op.old_size), pagesOf(value, op.new_size)];
    default:
      return [];
  }
}
