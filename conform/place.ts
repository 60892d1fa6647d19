/**
 * The recorder's process and its address notation. A is the arena, 1 TiB, where scenarios work; T
 * is the upper end of top-down placement, above which everything is occupied. T differs from boot
 * to boot; only its offset in a GiB and its distance from everything else matter.
 */
import { toBytes, type Geometry, type ProcessLayout } from '../machine/index.js';

export const A = 0x100_0000_0000n;
const ARENA_LOW = 0x80_0000_0000n;
const ARENA_HIGH = 0x4000_0000_0000n;
const GIB = 1n << 30n;
const TIB = 1n << 40n;
/** The least room for the stack, which is what mmap_base() leaves it: mmaps start below, and the vdso ends there. */
const STACK_ROOM = 128n << 20n;
/** What the recorder's stack has when a scenario begins, and how far below the end of user space it ends on arm64 (STACK_TOP). */
const STACK = { 'x86-64': 0x21_f000n, arm64: 0x2_1000n } as const;

/** The vdso of x86-64 has as many pages as its release gave it, that of arm64 two pages of 4K or one of another size. */
const vdsoLength = (g: Geometry, x86Pages: number): bigint => (g.arch === 'x86-64' ? toBytes(g, x86Pages) : toBytes(g, g.pageShift === 12 ? 2 : 1));

export class Place {
  readonly layout: ProcessLayout;
  /** T */
  readonly top: bigint;
  readonly vdso: bigint;

  /** @param x86VdsoPages of the release, where the machine is an x86-64 */
  constructor(
    readonly geometry: Geometry,
    x86VdsoPages: number,
  ) {
    const g = geometry;
    const page = (at: bigint): number => Number(at >> BigInt(g.pageShift));
    const end = toBytes(g, g.mapWindow);
    const mmapBase = end - STACK_ROOM;
    this.top = mmapBase - (mmapBase % GIB) - GIB;
    this.vdso = mmapBase - vdsoLength(g, x86VdsoPages);
    // A static binary, the page the recorder shares with its child, and the filler from T up, which ends in the vdso.
    this.layout = {
      mmapBase: page(mmapBase),
      image: [
        { start: page(0x40_0000n), end: page(0x50_0000n), faulted: true },
        { start: page(0x2000_0000n), end: page(0x2000_0000n) + 1, faulted: true },
        { start: page(this.top), end: page(this.vdso), faulted: false, shared: true },
        { start: page(this.vdso), end: page(mmapBase), faulted: true, special: '[vdso]' },
        { start: page(end - STACK[g.arch]), end: page(end), faulted: true },
      ],
    };
  }

  /** `A+0x1000`, `T-0x2000`, `R3+0x1000`, `0x1000`, `12`; results of earlier steps come from `returned`. */
  parse(text: string, returned: (step: number) => bigint | null): bigint | null {
    const m = /^(A|T|VDSO|R(\d+)(?!\d))?([+-]?)(0x[0-9a-fA-F]+|\d+)?$/.exec(text);
    if (m === null || text === '') return null;
    const [, name, step, sign, digits] = m;
    const offset = digits === undefined ? 0n : BigInt(digits);
    const base = name === undefined ? 0n : name === 'A' ? A : name === 'T' ? this.top : name === 'VDSO' ? this.vdso : returned(Number(step));
    if (base === null) return null;
    return BigInt.asUintN(64, sign === '-' ? base - offset : base + offset);
  }

  /** A mapping where a part of the process's own image lay is taken to be that part, and is not listed. */
  isBase({ start, end }: { readonly start: number; readonly end: number }): boolean {
    return this.layout.image.some((r) => start >= r.start && end <= r.end);
  }

  /** The recorder's way to write an address. */
  format(at: bigint): string {
    const t = this.top;
    if (at > t) return at < t + TIB ? `T+0x${(at - t).toString(16)}` : `0x${at.toString(16)}`;
    if (at >= ARENA_HIGH) return `T-0x${(t - at).toString(16)}`;
    if (at >= ARENA_LOW) return at >= A ? `A+0x${(at - A).toString(16)}` : `A-0x${(A - at).toString(16)}`;
    return `0x${at.toString(16)}`;
  }
}
