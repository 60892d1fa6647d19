/**
 * Top-byte tags of arm64 (Documentation/arch/arm64/tagged-address-abi.rst): the calls that name memory
 * which exists strip them; those that say where memory is to go do not.
 */
import { u64, type Op } from '../../machine/index.js';

const untagged = (at: bigint): bigint => u64(at) & ((1n << 56n) - 1n);

export function untagOp(op: Op): Op {
  switch (op.name) {
    case 'mmap':
    case 'brk':
      return op;
    case 'mremap':
      return { ...op, old_address: untagged(op.old_address) };
    default:
      return 'addr' in op ? { ...op, addr: untagged(op.addr) } : op;
  }
}
