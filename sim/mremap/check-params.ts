/**
 * The checks of mremap's arguments. Their order decides which errno wins, and differs by release:
 * each order below is a list of the same checks. Up to v6.16 those about the new address come in
 * mremap_to(), after the VMA was looked up; since v6.17 all come first, in check_mremap_params().
 */
import { MREMAP, toBytes, u64, type Bytes } from '../../machine/index.js';
import type { KernelFn } from '../models/kernel-functions.js';
import { refuse, type Refused } from '../refusal.js';
import { atByte, atPage, bytes, number, sizeOf, text } from '../values.js';
import type { Mm } from '../vma/mm.js';
import { impliesNewAddr, type Vrm } from './vrm.js';

type Check = (mm: Mm, vrm: Vrm, where: KernelFn) => Refused | null;

const KNOWN_FLAGS = BigInt(MREMAP.MREMAP_MAYMOVE | MREMAP.MREMAP_FIXED | MREMAP.MREMAP_DONTUNMAP);

/** The flags argument is an unsigned long: 64 bits of it count. */
const unknownBits = (flags: number): bigint => u64(BigInt(flags)) & ~KNOWN_FLAGS;

const unknownFlags: Check = (mm, { call }, where) =>
  unknownBits(call.flags) === 0n
    ? null
    : refuse(mm, where, 'EINVAL', 'mremap.unknown_flags', 'a flag is not one that mremap knows', [text('unknown', `0x${unknownBits(call.flags).toString(16)}`)]);

const fixedNeedsMaymove: Check = (mm, vrm, where) =>
  vrm.fixed && !vrm.mayMove ? refuse(mm, where, 'EINVAL', 'mremap.fixed_without_maymove', 'MREMAP_FIXED needs MREMAP_MAYMOVE') : null;

const dontunmapNeedsMaymove: Check = (mm, vrm, where) =>
  vrm.dontUnmap && !vrm.mayMove ? refuse(mm, where, 'EINVAL', 'mremap.dontunmap_without_maymove', 'MREMAP_DONTUNMAP needs MREMAP_MAYMOVE') : null;

const dontunmapKeepsBytes: Check = (mm, { dontUnmap, call }, where) =>
  dontUnmap && call.old_size !== call.new_size
    ? refuse(mm, where, 'EINVAL', 'mremap.dontunmap_resizes', 'MREMAP_DONTUNMAP cannot resize: old_size and new_size must be equal', [bytes('old_size', call.old_size), bytes('new_size', call.new_size)])
    : null;

const dontunmapKeepsPages: Check = (mm, vrm, where) =>
  vrm.dontUnmap && vrm.oldLen !== vrm.newLen
    ? refuse(mm, where, 'EINVAL', 'mremap.dontunmap_resizes', 'MREMAP_DONTUNMAP cannot resize: old_size and new_size must be equal', [sizeOf(mm, 'old_len', vrm.oldLen), sizeOf(mm, 'new_len', vrm.newLen)])
    : null;

const oldAddressAligned: Check = (mm, { call }, where) =>
  isAligned(mm, call.old_address) ? null : refuse(mm, where, 'EINVAL', 'mremap.old_address_misaligned', 'old_address must be page aligned', [atByte('old_address', call.old_address)]);

const newSizeNotZero: Check = (mm, { newLen, call }, where) =>
  newLen !== 0 ? null : refuse(mm, where, 'EINVAL', 'mremap.new_size_zero', 'new_size is 0 (or becomes 0 when rounded up to a page)', [bytes('new_size', call.new_size)]);

const newSizeFits: Check = (mm, vrm, where) =>
  vrm.newLen <= mm.geometry.taskPages
    ? null
    : refuse(mm, where, 'EINVAL', 'mremap.new_size_too_large', 'new_size is larger than the address space', [sizeOf(mm, 'new_len', vrm.newLen), sizeOf(mm, 'TASK_SIZE', mm.geometry.taskPages)]);

const newAddressFits: Check = (mm, vrm, where) =>
  vrm.newAddr <= toBytes(mm.geometry, mm.geometry.taskPages) - toBytes(mm.geometry, vrm.newLen)
    ? null
    : refuse(mm, where, 'EINVAL', 'mremap.new_address_range', 'the new range ends above the user address space', [
        atByte('new_address', vrm.newAddr),
        sizeOf(mm, 'new_len', vrm.newLen),
        atPage(mm, 'TASK_SIZE', mm.geometry.taskPages),
      ]);

const newAddressAligned: Check = (mm, vrm, where) =>
  isAligned(mm, vrm.newAddr) ? null : refuse(mm, where, 'EINVAL', 'mremap.new_address_misaligned', 'new_address must be page aligned', [atByte('new_address', vrm.newAddr)]);

const rangesApart: Check = (mm, vrm, where) => {
  const old = vrm.call.old_address;
  // Unsigned sums, which a length near 2^64 makes wrap.
  const oldEnd = u64(old + toBytes(mm.geometry, vrm.oldLen));
  const newEnd = u64(vrm.newAddr + toBytes(mm.geometry, vrm.newLen));
  if (!(oldEnd > vrm.newAddr && newEnd > old)) return null;
  return refuse(mm, where, 'EINVAL', 'mremap.overlap', 'the old and the new range overlap', [atByte('old_address', old), atByte('old_end', oldEnd), atByte('new_address', vrm.newAddr), atByte('new_end', newEnd)]);
};

/** Moving can need four more VMAs: two splits of the source, two of the destination. */
const mapCountLeavesRoom: Check = (mm, _vrm, where) =>
  mm.mapCount + 2 < mm.limits.maxMapCount - 3
    ? null
    : refuse(mm, where, 'ENOMEM', 'mremap.map_count', 'too close to vm.max_map_count for a move that may split mappings', [number('map_count', mm.mapCount), number('max_map_count', mm.limits.maxMapCount)]);

/** SYSCALL_DEFINE5(mremap), up to v6.14: before the VMA is looked up. */
const LATE_AT_ENTRY: readonly Check[] = [unknownFlags, fixedNeedsMaymove, dontunmapNeedsMaymove, dontunmapKeepsBytes, oldAddressAligned, newSizeNotZero];
/** mremap_to(), up to v6.14: after it. */
const LATE_IN_MREMAP_TO: readonly Check[] = [newAddressAligned, newSizeFits, newAddressFits, rangesApart, mapCountLeavesRoom];
/** check_mremap_params() and mremap_to(), v6.15 and v6.16. */
const SPLIT_ALWAYS: readonly Check[] = [unknownFlags, oldAddressAligned, newSizeNotZero];
const SPLIT_WITH_NEW_ADDRESS: readonly Check[] = [newAddressAligned, fixedNeedsMaymove, dontunmapNeedsMaymove, dontunmapKeepsBytes, mapCountLeavesRoom];
const SPLIT_IN_MREMAP_TO: readonly Check[] = [newSizeFits, newAddressFits, rangesApart];
/** check_mremap_params(), v6.17 */
const EARLY_ALWAYS: readonly Check[] = [unknownFlags, oldAddressAligned, newSizeNotZero, newSizeFits];
const EARLY_WITH_NEW_ADDRESS: readonly Check[] = [newAddressFits, newAddressAligned, fixedNeedsMaymove, dontunmapNeedsMaymove, dontunmapKeepsPages, rangesApart, mapCountLeavesRoom];

/** What is checked before anything else happens. */
export function checkMremapParams(mm: Mm, vrm: Vrm): Refused | null {
  if (mm.behaviours.mremap_checks === 'late') return firstRefusal(mm, vrm, LATE_AT_ENTRY, mm.functions.mremapParams);
  const [always, withNewAddress] = mm.behaviours.mremap_checks === 'split' ? [SPLIT_ALWAYS, SPLIT_WITH_NEW_ADDRESS] : [EARLY_ALWAYS, EARLY_WITH_NEW_ADDRESS];
  const checks = impliesNewAddr(vrm) ? [...always, ...withNewAddress] : always;
  return firstRefusal(mm, vrm, checks, mm.functions.mremapParams);
}

/** What kernels that check late still have to look at in mremap_to(). */
export function checkNewAddressLate(mm: Mm, vrm: Vrm): Refused | null {
  switch (mm.behaviours.mremap_checks) {
    case 'late':
      return firstRefusal(mm, vrm, LATE_IN_MREMAP_TO, mm.functions.mremapTo);
    case 'split':
      return firstRefusal(mm, vrm, SPLIT_IN_MREMAP_TO, mm.functions.mremapTo);
    case 'early':
      return null;
  }
}

function firstRefusal(mm: Mm, vrm: Vrm, checks: readonly Check[], where: KernelFn): Refused | null {
  for (const check of checks) {
    const refused = check(mm, vrm, where);
    if (refused !== null) return refused;
  }
  mm.recorder.step(where, 'passed', 'the arguments are acceptable', () => [
    atByte('addr', vrm.call.old_address),
    sizeOf(mm, 'old_len', vrm.oldLen),
    sizeOf(mm, 'new_len', vrm.newLen),
    ...(impliesNewAddr(vrm) ? [atByte('new_addr', vrm.newAddr)] : []),
  ]);
  return null;
}

const isAligned = (mm: Mm, at: Bytes): boolean => at % toBytes(mm.geometry, 1) === 0n;
