/**
 * Top-byte tags of arm64 (Documentation/arch/arm64/tagged-address-abi.rst): the calls that name memory
 * which exists strip them; those that say where memory is to go do not, nor do the requests of a userfaultfd.
 */
import { callOf, u64, type Bytes, type Geometry, type Op } from '../../machine/index.js';

/** untagged_addr(): bit 55 tells user addresses from the kernel's, which stay as they are (arch/arm64/include/asm/memory.h). */
const untagged = (at: bigint): bigint => ((at >> 55n) & 1n ? u64(at) : u64(at) & ((1n << 56n) - 1n));

/** untagged_addr(), for mremap, which strips one of its two addresses */
export const untaggedAddr = (g: Geometry, at: Bytes): Bytes => (g.arch === 'arm64' ? untagged(at) : at);

export function untagOp(op: Op): Op {
  return 'addr' in op && callOf(op)?.keepsTags !== true ? { ...op, addr: untagged(op.addr) } : op;
}
