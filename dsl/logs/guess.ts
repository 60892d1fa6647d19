/** What machine a log is of, told by its own words: the width of its addresses, the calls and the flags that only one has. */
import type { MachineSpec } from '../../machine/index.js';

export interface Guess {
  readonly machine: MachineSpec;
  /** What tells it. */
  readonly why: string;
}

/** Addresses that the kernel gave. */
const GIVEN = /= 0x0*([0-9a-f]{1,16})\b/g;
/** Words of arm64 programs: flags of mappings, the loader, the paths of Android. */
const ARM64 = /\bPROT_(?:BTI|MTE)\b|aarch64|ld-linux-aarch64|\/system\/lib64\/|\/apex\/|\bPR_(?:SVE|PAC|SET_TAGGED_ADDR)/;
/** Calls that only 32-bit programs make. */
const NARROW = /\b(?:mmap2|old_mmap|_llseek|set_thread_area|fstat64|fcntl64|ugetrlimit)\(|runs in 32 bit mode/;

export function guessMachine(lines: readonly string[]): Guess | undefined {
  let highest = 0n;
  let arm: string | undefined;
  let narrow: string | undefined;
  for (const line of lines) {
    arm ??= ARM64.exec(line)?.[0];
    narrow ??= NARROW.exec(line)?.[0];
    if (!/\b(?:mmap2?|mremap|brk|shmat)\(/.test(line)) continue;
    for (const [, digits = '0'] of line.matchAll(GIVEN)) {
      const at = BigInt(`0x${digits}`);
      if (at > highest) highest = at;
    }
  }
  const wide = `an address of ${highest.toString(2).length} bits, 0x${highest.toString(16)}`;
  if (narrow !== undefined && highest < 1n << 32n) return { machine: { arch: 'x86-32' }, why: `\`${narrow.replace('(', '')}\`, and no address above 4 GiB` };
  if (arm !== undefined)
    return { machine: { arch: 'arm64', ...armBits(highest), ...(/MTE/.test(arm) && { mte: true }) }, why: `\`${arm}\`${highest >= 1n << 39n ? `, and ${wide}` : ''}` };
  // Higher up is nothing of a program.
  if (highest < 1n << 47n || highest >= 1n << 57n) return undefined;
  if (highest < 1n << 48n) return { machine: { arch: 'arm64' }, why: wide };
  return { machine: { arch: 'x86-64', va: 57 }, why: wide };
}

/** Phones have 39 bits, servers 48. */
function armBits(highest: bigint): Partial<MachineSpec> {
  if (highest >= 1n << 48n) return { va: 52, levels: 5 };
  return highest > 1n << 36n && highest < 1n << 39n ? { va: 39, levels: 3 } : {};
}
