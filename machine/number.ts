/**
 * How addresses and sizes are held, chosen once for the whole project.
 *
 * User addresses reach 2^56 (x86-64, 5 levels), past what a double holds byte by byte, and the
 * arguments of a system call are any 64-bit value at all. Page numbers need at most 52 bits.
 * So: bytes, as users and system calls write them, are `bigint`; everything that is known to be
 * page aligned is counted in pages and is a plain `number`, exact and fast.
 */

/** A byte address or a length in bytes, 0 <= x < 2^64. */
export type Bytes = bigint;

/** A virtual page number: byte address >> pageShift. Exact up to 2^52. */
export type Vpn = number;

/** A number of pages. */
export type Pages = number;

const U64 = 1n << 64n;

/** The value modulo 2^64, as a register would hold it. */
export const u64 = (x: bigint): Bytes => BigInt.asUintN(64, x);

/** True when `x` fits into a register: -2^63 <= x < 2^64. */
export const fitsU64 = (x: bigint): boolean => x < U64 && x >= -(1n << 63n);
