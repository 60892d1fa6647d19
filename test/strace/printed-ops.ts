/** Any memory call with any arguments, as a machine takes it. */
import fc from 'fast-check';
import { MADV, MAP, MCL, MLOCK, MREMAP, PROT, type Op, type SyscallOp } from '../../machine/index.js';

const bytes = fc.oneof(
  fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }),
  fc.bigInt({ min: 0n, max: 1n << 47n }).map((n) => n & ~0xfffn),
);
const some = (table: Readonly<Record<string, number>>): fc.Arbitrary<number> =>
  fc.oneof(
    fc.subarray(Object.values(table)).map((all) => all.reduce((a, b) => (a | b) >>> 0, 0)),
    fc.integer({ min: 0, max: 0xffff_ffff }),
  );
const one = (table: Readonly<Record<string, number>>): fc.Arbitrary<number> => fc.oneof(fc.constantFrom(...Object.values(table)), fc.nat(0xffff));
const range = { addr: bytes, length: bytes };
const call = <N extends SyscallOp['name'], R>(name: N, args: { [K in keyof R]: fc.Arbitrary<R[K]> }): fc.Arbitrary<{ name: N } & R> =>
  fc.record(args).map((of) => ({ name, ...of }) as { name: N } & R);

export const printedOps: fc.Arbitrary<Op> = fc.oneof(
  call('mmap', { ...range, prot: some(PROT), flags: some(MAP), fd: fc.oneof(fc.constant(-1), fc.nat(100)), offset: bytes }),
  call('munmap', range),
  call('mremap', { old_address: bytes, old_size: bytes, new_size: bytes, flags: some(MREMAP), new_address: bytes }).map((op) =>
    (op.flags & (MREMAP.MREMAP_FIXED | MREMAP.MREMAP_DONTUNMAP)) === 0 ? { ...op, new_address: 0n } : op,
  ),
  call('mprotect', { ...range, prot: some(PROT) }),
  call('madvise', { ...range, advice: one(MADV) }),
  call('mlock', range),
  call('munlock', range),
  call('mlock2', { ...range, flags: some(MLOCK) }),
  call('mlockall', { flags: some(MCL) }),
  fc.constant<Op>({ name: 'munlockall' }),
  call('mseal', { ...range, flags: some({}) }),
  call('brk', { addr: bytes }),
);
