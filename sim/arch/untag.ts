/**
 * Top-byte tags of arm64 (Documentation/arch/arm64/tagged-address-abi.rst): the calls that name memory
 * which exists strip them; those that say where memory is to go do not.
 */
import { u64, type Bytes, type Geometry, type Op } from '../../machine/index.js';

const untagged = (at: bigint): bigint => u64(at) & ((1n << 56n) - 1n);

/** untagged_addr(), for mremap, which strips one of its two addresses */
export const untaggedAddr = (g: Geometry, at: Bytes): Bytes => (g.arch === 'arm64' ? untagged(at) : at);

export function untagOp(op: Op): Op {
  switch (op.name) {
    case 'mmap':
    case 'brk':
    case 'mremap':
      return op;
    default:
      return 'addr' in op ? { ...op, addr: untagged(op.addr) } : op;
  }
}
