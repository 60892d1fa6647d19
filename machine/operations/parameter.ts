/** The kinds of parameters that operations have: what of an argument a call sees, and how it is printed. */
import { MADV, MAP, MCL, MLOCK, MREMAP, PROT } from '../constants.js';
import { flags, hex, nameOf } from '../format.js';
import { u64, type Bytes } from '../number.js';

/** Parameters that take names: flags joined by `|`, or one of a list. */
export type FlagKind = 'prot' | 'map-flags' | 'mremap-flags' | 'advice' | 'mlock-flags' | 'mlockall-flags' | 'resource' | 'uffd-features' | 'uffd-mode';

/**
 * `address`, `length` and `offset` are bytes, 64 bits; `word` is a u64; `byte` is 8 bits, `switch` one; `flags`,
 * `number` and `fd` are 32 bits; `range`, `text` and `rlimit` are no numbers.
 */
export type ParamKind = FlagKind | 'flags' | 'address' | 'length' | 'fd' | 'offset' | 'byte' | 'range' | 'text' | 'rlimit' | 'number' | 'switch' | 'word';

/** One parameter of a call. Addresses, lengths and offsets are bytes. */
export interface Param {
  /** As its man page calls it. */
  readonly name: string;
  readonly kind: ParamKind;
  /** It may be left out. */
  readonly optional?: boolean;
  /** What it is when it is left out; 0 unless said otherwise. */
  readonly absent?: bigint;
  /** An address of 0 is printed as NULL: none is given. */
  readonly orNull?: boolean;
  /** The field of the operation that holds it, where that is not its name. */
  readonly field?: string;
}

export const toFd = (fd: bigint): number => Number(BigInt.asIntN(32, fd));
export const bits = (x: bigint): number => Number(BigInt.asUintN(32, x));
export const toByte = (x: bigint): number => Number(BigInt.asUintN(8, x));

/** What the kernel sees of an argument: as much of it as the parameter's type holds. */
export function valueOf({ kind }: Param, x: bigint): Bytes | number | boolean {
  switch (kind) {
    case 'address':
    case 'length':
    case 'offset':
    case 'word':
      return u64(x);
    case 'fd':
      return toFd(x);
    case 'byte':
      return toByte(x);
    case 'switch':
      return x !== 0n;
    // An unsigned long, although no flag lies above 32 bits: a bit up there is refused like any unknown one.
    case 'map-flags':
    case 'mremap-flags':
    case 'flags':
      return x >> 32n > 0n ? Number(u64(x)) : bits(x);
    default:
      return bits(x);
  }
}

const FLAG_TEXTS: Readonly<Partial<Record<ParamKind, (bits: number) => string>>> = {
  prot: (x) => flags(PROT, x, 'PROT_NONE'),
  'map-flags': (x) => flags(MAP, x, '0'),
  'mremap-flags': (x) => flags(MREMAP, x, '0'),
  'mlock-flags': (x) => flags(MLOCK, x, '0'),
  'mlockall-flags': (x) => flags(MCL, x, '0'),
  advice: (x) => nameOf(MADV, x),
  flags: (x) => hex(BigInt(x)),
};

/** The argument as strace prints it. */
export function argumentText({ kind, orNull }: Param, value: unknown): string {
  if (typeof value === 'bigint') {
    if (kind === 'address') return value === 0n && orNull === true ? 'NULL' : hex(value);
    if (kind === 'offset') return value === 0n ? '0' : hex(value);
  }
  if (typeof value === 'boolean') return value ? '1' : '0';
  return (typeof value === 'number' ? FLAG_TEXTS[kind]?.(value) : undefined) ?? String(value);
}
