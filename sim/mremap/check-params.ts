/**
 * The checks of mremap's arguments. Their order decides which errno wins, and differs by release:
 * each order below is a list of the same checks. Up to v6.16 those about the new address come in
 * mremap_to(), after the VMA was looked up; since v6.17 all come first, in check_mremap_params().
 */
import { flags, MREMAP, toBytes, u64, type Bytes } from '../../machine/index.js';
import type { Behaviours } from '../models/behaviours/index.js';
import type { KernelFn } from '../models/kernel-functions.js';
import type { Refused } from '../refusal.js';
import { atByte, atPage, bytes, number, sizeOf, text } from '../values.js';
import type { Mm } from '../vma/mm.js';
import { firstRefusal, type Check } from './check.js';
import { impliesNewAddr, type Vrm } from './vrm.js';

type ParamCheck = Check<Vrm>;

const KNOWN_FLAGS = BigInt(MREMAP.MREMAP_MAYMOVE | MREMAP.MREMAP_FIXED | MREMAP.MREMAP_DONTUNMAP);
const RELOCATE_FLAGS = BigInt(MREMAP.MREMAP_RELOCATE_ANON | MREMAP.MREMAP_MUST_RELOCATE_ANON);

/** The flags argument is an unsigned long: 64 bits of it count. */
const unknownBits = (mm: Mm, flags: number): bigint => u64(BigInt(flags)) & ~KNOWN_FLAGS & ~(mm.behaviours.relocate_anon === 'yes' ? RELOCATE_FLAGS : 0n);
const isAligned = (mm: Mm, at: Bytes): boolean => at % toBytes(mm.geometry, 1) === 0n;
const flagsOf = (_: Mm, { call }: Vrm) => [text('flags', flags(MREMAP, call.flags, '0').replaceAll('MREMAP_', ''))];

const unknownFlags: ParamCheck = {
  check: 'mremap.unknown_flags',
  errno: 'EINVAL',
  holds: (mm, { call }) => unknownBits(mm, call.flags) === 0n,
  passed: 'mremap knows all of the flags',
  why: 'a flag is not one that mremap knows',
  values: (mm, vrm) => (unknownBits(mm, vrm.call.flags) === 0n ? flagsOf(mm, vrm) : [text('unknown', `0x${unknownBits(mm, vrm.call.flags).toString(16)}`)]),
};

const relocateNeedsMaymove: ParamCheck = {
  check: 'mremap.relocate_without_maymove',
  errno: 'EINVAL',
  holds: (_, vrm) => !vrm.relocate || vrm.mayMove,
  arises: (vrm) => vrm.relocate,
  passed: 'relocation comes with MREMAP_MAYMOVE',
  why: 'MREMAP_RELOCATE_ANON and MREMAP_MUST_RELOCATE_ANON need MREMAP_MAYMOVE',
  values: flagsOf,
};

const fixedNeedsMaymove: ParamCheck = {
  check: 'mremap.fixed_without_maymove',
  errno: 'EINVAL',
  holds: (_, vrm) => !vrm.fixed || vrm.mayMove,
  arises: (vrm) => vrm.fixed,
  passed: 'MREMAP_FIXED comes with MREMAP_MAYMOVE',
  why: 'MREMAP_FIXED needs MREMAP_MAYMOVE',
  values: flagsOf,
};

const dontunmapNeedsMaymove: ParamCheck = {
  check: 'mremap.dontunmap_without_maymove',
  errno: 'EINVAL',
  holds: (_, vrm) => !vrm.dontUnmap || vrm.mayMove,
  arises: (vrm) => vrm.dontUnmap,
  passed: 'MREMAP_DONTUNMAP comes with MREMAP_MAYMOVE',
  why: 'MREMAP_DONTUNMAP needs MREMAP_MAYMOVE',
  values: flagsOf,
};

const CANNOT_RESIZE = 'MREMAP_DONTUNMAP cannot resize: old_size and new_size must be equal';

const dontunmapKeepsBytes: ParamCheck = {
  check: 'mremap.dontunmap_resizes',
  errno: 'EINVAL',
  holds: (_, { dontUnmap, call }) => !dontUnmap || call.old_size === call.new_size,
  arises: (vrm) => vrm.dontUnmap,
  passed: 'MREMAP_DONTUNMAP does not resize: the sizes are equal to the byte',
  why: CANNOT_RESIZE,
  values: (_, { call }) => [bytes('old_size', call.old_size), bytes('new_size', call.new_size)],
};

const dontunmapKeepsPages: ParamCheck = {
  check: 'mremap.dontunmap_resizes',
  errno: 'EINVAL',
  holds: (_, vrm) => !vrm.dontUnmap || vrm.oldLen === vrm.newLen,
  arises: (vrm) => vrm.dontUnmap,
  passed: 'MREMAP_DONTUNMAP does not resize: the sizes are equal in whole pages',
  why: CANNOT_RESIZE,
  values: (mm, vrm) => [sizeOf(mm, 'old_len', vrm.oldLen), sizeOf(mm, 'new_len', vrm.newLen)],
};

const oldAddressAligned: ParamCheck = {
  check: 'mremap.old_address_misaligned',
  errno: 'EINVAL',
  holds: (mm, { call }) => isAligned(mm, call.old_address),
  passed: 'old_address is page aligned',
  why: 'old_address must be page aligned',
  values: (_, { call }) => [atByte('old_address', call.old_address)],
};

const newSizeNotZero: ParamCheck = {
  check: 'mremap.new_size_zero',
  errno: 'EINVAL',
  holds: (_, { newLen }) => newLen !== 0,
  passed: 'new_size is not 0',
  why: 'new_size is 0 (or becomes 0 when rounded up to a page)',
  values: (_, { call }) => [bytes('new_size', call.new_size)],
};

const newSizeFits: ParamCheck = {
  check: 'mremap.new_size_too_large',
  errno: 'EINVAL',
  holds: (mm, vrm) => vrm.newLen <= mm.geometry.taskPages,
  passed: 'new_size is no larger than the address space',
  why: 'new_size is larger than the address space',
  values: (mm, vrm) => [sizeOf(mm, 'new_len', vrm.newLen), sizeOf(mm, 'TASK_SIZE', mm.geometry.taskPages)],
};

const newAddressFits: ParamCheck = {
  check: 'mremap.new_address_range',
  errno: 'EINVAL',
  holds: (mm, vrm) => vrm.newAddr <= toBytes(mm.geometry, mm.geometry.taskPages) - toBytes(mm.geometry, vrm.newLen),
  passed: 'the new range ends inside the user address space',
  why: 'the new range ends above the user address space',
  values: (mm, vrm) => [atByte('new_address', vrm.newAddr), sizeOf(mm, 'new_len', vrm.newLen), atPage(mm, 'TASK_SIZE', mm.geometry.taskPages)],
};

const newAddressAligned: ParamCheck = {
  check: 'mremap.new_address_misaligned',
  errno: 'EINVAL',
  holds: (mm, vrm) => isAligned(mm, vrm.newAddr),
  passed: 'new_address is page aligned',
  why: 'new_address must be page aligned',
  values: (_, vrm) => [atByte('new_address', vrm.newAddr)],
};

// Unsigned sums, which a length near 2^64 makes wrap.
const oldEnd = (mm: Mm, vrm: Vrm): Bytes => u64(vrm.call.old_address + toBytes(mm.geometry, vrm.oldLen));
const newEnd = (mm: Mm, vrm: Vrm): Bytes => u64(vrm.newAddr + toBytes(mm.geometry, vrm.newLen));

const rangesApart: ParamCheck = {
  check: 'mremap.overlap',
  errno: 'EINVAL',
  holds: (mm, vrm) => !(oldEnd(mm, vrm) > vrm.newAddr && newEnd(mm, vrm) > vrm.call.old_address),
  passed: 'the old and the new range do not overlap',
  why: 'the old and the new range overlap',
  values: (mm, vrm) => [atByte('old_address', vrm.call.old_address), atByte('old_end', oldEnd(mm, vrm)), atByte('new_address', vrm.newAddr), atByte('new_end', newEnd(mm, vrm))],
};

/** Moving can need four more VMAs: two splits of the source, two of the destination. */
const mapCountLeavesRoom: ParamCheck = {
  check: 'mremap.map_count',
  errno: 'ENOMEM',
  holds: (mm) => mm.mapCount + 2 < mm.limits.maxMapCount - 3,
  passed: 'vm.max_map_count leaves room for a move that splits mappings',
  why: 'too close to vm.max_map_count for a move that may split mappings',
  values: (mm) => [number('map_count', mm.mapCount), number('max_map_count', mm.limits.maxMapCount)],
};

/** Since v7.3 whatever the call will do: two splits and one to spare, and the copy; one more where the source stays. */
const mapCountLeavesRoomForAll: ParamCheck = {
  ...mapCountLeavesRoom,
  holds: (mm, vrm) => mm.mapCount + (vrm.dontUnmap ? 5 : 4) <= mm.limits.maxMapCount,
  passed: 'vm.max_map_count leaves room for whatever the call may split',
  why: 'too close to vm.max_map_count for a call that may split mappings, be it one that does not',
};

/** In which order the arguments are checked. */
interface Order {
  /** The checks made before anything else: for every call, and in addition for one that names a new address. */
  readonly always: readonly ParamCheck[];
  readonly withNewAddress: readonly ParamCheck[];
  /** After the VMA was looked up. */
  readonly inMremapTo: readonly ParamCheck[];
}

const AT_ENTRY = [unknownFlags, relocateNeedsMaymove, fixedNeedsMaymove, dontunmapNeedsMaymove, dontunmapKeepsBytes, oldAddressAligned, newSizeNotZero];
const FIRST = [unknownFlags, relocateNeedsMaymove, oldAddressAligned, newSizeNotZero];

const ORDERS: Readonly<Record<Behaviours['new_address_checks'], Order>> = {
  // SYSCALL_DEFINE5(mremap) and mremap_to(), up to v6.14
  after_lookup: { always: AT_ENTRY, withNewAddress: AT_ENTRY, inMremapTo: [newAddressAligned, newSizeFits, newAddressFits, rangesApart, mapCountLeavesRoom] },
  // check_mremap_params() and mremap_to(), v6.15 and v6.16
  partly: {
    always: FIRST,
    withNewAddress: [...FIRST, newAddressAligned, fixedNeedsMaymove, dontunmapNeedsMaymove, dontunmapKeepsBytes, mapCountLeavesRoom],
    inMremapTo: [newSizeFits, newAddressFits, rangesApart],
  },
  // check_mremap_params(), v6.17
  before_lookup: {
    always: [...FIRST, newSizeFits],
    withNewAddress: [...FIRST, newSizeFits, newAddressFits, newAddressAligned, fixedNeedsMaymove, dontunmapNeedsMaymove, dontunmapKeepsPages, rangesApart, mapCountLeavesRoom],
    inMremapTo: [],
  },
};

const orderOf = (mm: Mm): Order => ORDERS[mm.behaviours.new_address_checks];

const checksEveryCall = (mm: Mm): boolean => mm.behaviours.map_count_check === 'every_call';
const check = (mm: Mm, checks: readonly ParamCheck[], vrm: Vrm, where: KernelFn): Refused | null =>
  firstRefusal(mm, checksEveryCall(mm) ? checks.filter((c) => c !== mapCountLeavesRoom) : checks, vrm, where);

/** What is checked before anything else happens. */
export function checkMremapParams(mm: Mm, vrm: Vrm): Refused | null {
  const { withNewAddress, always } = orderOf(mm);
  return check(mm, impliesNewAddr(vrm) ? withNewAddress : always, vrm, mm.functions.mremapParams);
}

/** What is left to check in mremap_to(), once the VMA was looked up. */
export function checkNewAddressLate(mm: Mm, vrm: Vrm): Refused | null {
  return check(mm, orderOf(mm).inMremapTo, vrm, mm.functions.mremapTo);
}

/** check_map_count_against_split_early(), v7.3: of every call, before the VMA is looked up. */
export function checkMapCountEarly(mm: Mm, vrm: Vrm): Refused | null {
  return checksEveryCall(mm) ? firstRefusal(mm, [mapCountLeavesRoomForAll], vrm, mm.functions.mapCountEarly) : null;
}
