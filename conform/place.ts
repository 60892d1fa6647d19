/**
 * The recorder's process and its address notation. A is the arena, 1 TiB, where scenarios work; T
 * is the upper end of top-down placement, above which everything is occupied. T differs from boot
 * to boot; only its offset in a GiB and its distance from everything else matter.
 */
import type { ProcessLayout } from '../machine/index.js';

const PAGE = 4096n;
export const A = 0x100_0000_0000n;
const ARENA_LOW = 0x80_0000_0000n;
const ARENA_HIGH = 0x4000_0000_0000n;
export const T = 0x7fff_8000_0000n;
/** Where mmaps start without randomisation: the vdso ends there. */
const MMAP_BASE = 0x7fff_f7ff_f000n;

const page = (at: bigint): number => Number(at / PAGE);

/** A static binary, the page the recorder shares with its child, and the filler from T up, which ends in the vdso. */
export function recorderLayout(vdsoPages: number): ProcessLayout {
  const vdso = page(vdsoAt(vdsoPages));
  return {
    mmapBase: page(T),
    image: [
      { start: page(0x40_0000n), end: page(0x50_0000n), faulted: true },
      { start: page(0x2000_0000n), end: page(0x2000_1000n), faulted: true },
      { start: page(T), end: vdso, faulted: false },
      { start: vdso, end: page(MMAP_BASE), faulted: true, special: '[vdso]' },
      { start: page(0x7fff_ffde_0000n), end: page(0x7fff_ffff_f000n), faulted: false },
    ],
  };
}

export const vdsoAt = (pages: number): bigint => MMAP_BASE - BigInt(pages) * PAGE;

/** `A+0x1000`, `T-0x2000`, `R3+0x1000`, `0x1000`, `12`; results of earlier steps come from `returned`. */
export function parseAddress(text: string, returned: (step: number) => bigint | null, vdso = 0n): bigint | null {
  const m = /^(A|T|VDSO|R(\d+))?([+-]?)(0x[0-9a-fA-F]+|\d+)?$/.exec(text);
  if (m === null || text === '') return null;
  const [, name, step, sign, digits] = m;
  const offset = digits === undefined ? 0n : BigInt(digits);
  const base = name === undefined ? 0n : name === 'A' ? A : name === 'T' ? T : name === 'VDSO' ? vdso : returned(Number(step));
  if (base === null) return null;
  return BigInt.asUintN(64, sign === '-' ? base - offset : base + offset);
}

/** The recorder's way to write an address. */
export function formatAddress(at: bigint): string {
  if (at >= ARENA_LOW && at < ARENA_HIGH) return at >= A ? `A+0x${(at - A).toString(16)}` : `A-0x${(A - at).toString(16)}`;
  if (at >= ARENA_HIGH && at < 1n << 47n) return at > T ? `T+0x${(at - T).toString(16)}` : `T-0x${(T - at).toString(16)}`;
  return `0x${at.toString(16)}`;
}
