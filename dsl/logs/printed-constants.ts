/** The constants strace prints in memory calls: those of the language, and those that change nothing the model knows. */
import { CONSTANTS } from '../vocabulary/constants.js';

/** include/uapi/linux/mman.h: sizes of hugetlb pages stand in the upper bits of the flags. */
const MAP_HUGE_SHIFT = 26n;

/** include/uapi/asm-generic/mman-common.h, mman.h, arch/x86/include/uapi/asm/mman.h */
const MORE: Readonly<Record<string, bigint>> = {
  MAP_FILE: 0n,
  MAP_ANON: 0x20n,
  MAP_ABOVE4G: 0x80n,
  MAP_DENYWRITE: 0x800n,
  MAP_EXECUTABLE: 0x1000n,
  MAP_SYNC: 0x80000n,
  MAP_UNINITIALIZED: 0x4000000n,
  MADV_HWPOISON: 100n,
  MADV_SOFT_OFFLINE: 101n,
  SHM_RDONLY: 0o10000n,
  SHM_RND: 0o20000n,
  SHM_REMAP: 0o40000n,
  SHM_EXEC: 0o100000n,
};

const wordValue = (word: string): bigint | undefined => {
  if (/^[0-9]/.test(word)) return shifted(word);
  const huge = /^MAP_HUGE_(\d+)(MB|GB|KB)$/.exec(word);
  if (huge !== null) return BigInt(Math.log2(Number(huge[1])) + { KB: 10, MB: 20, GB: 30 }[huge[2] as 'KB' | 'MB' | 'GB']) << MAP_HUGE_SHIFT;
  return MORE[word] ?? CONSTANTS.get(word);
};

/** `0x66`, `21<<MAP_HUGE_SHIFT` */
function shifted(word: string): bigint | undefined {
  const [, digits, , name] = /^(0[xX][0-9a-fA-F]+|\d+)(<<(\w+))?$/.exec(word) ?? [];
  if (digits === undefined || (name !== undefined && name !== 'MAP_HUGE_SHIFT')) return undefined;
  return name === undefined ? BigInt(digits) : BigInt(digits) << MAP_HUGE_SHIFT;
}

/** Few sets of flags stand in a log, each many times. */
const seen = new Map<string, bigint>();
const MOST_KEPT = 4096;

/** `PROT_READ|PROT_WRITE`, `MAP_PRIVATE|0x40`, `MADV_DONTNEED`; undefined when a part is unknown. */
export function printedFlags(text: string): bigint | undefined {
  const known = seen.get(text);
  if (known !== undefined) return known;
  let flags = 0n;
  for (const word of text.split('|')) {
    const value = wordValue(word.trim());
    if (value === undefined) return undefined;
    flags |= value;
  }
  if (seen.size < MOST_KEPT) seen.set(text, flags);
  return flags;
}
