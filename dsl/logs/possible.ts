/**
 * What no kernel of a release can answer, whatever happened before. Only that contradicts a log:
 * everything else the kernel may have had a reason for that the log does not show.
 */
import { hex, MAP, MREMAP, pageBytes, toBytes, type Errno, type Geometry, type Op } from '../../machine/index.js';
import type { Claimed } from '../evaluating/claim.js';

/** Checks that look at nothing but the arguments (see sim/): what they refuse no state lets through. */
const ARGUMENT_CHECKS: ReadonlySet<string> = new Set([
  ...['offset', 'length_zero', 'length_wraps', 'offset_overflow', 'addr', 'type', 'shared_growsdown', 'file_offset'].map((c) => `mmap.${c}`),
  ...['unknown_flags', 'flags', 'relocate_without_maymove', 'fixed_without_maymove', 'dontunmap_without_maymove', 'dontunmap_resizes'].map((c) => `mremap.${c}`),
  ...['old_address_misaligned', 'new_size_zero', 'new_size_too_large', 'new_address_range', 'new_address_misaligned', 'overlap'].map((c) => `mremap.${c}`),
  ...['empty', 'misaligned', 'range'].map((c) => `munmap.${c}`),
  ...['misaligned', 'wraps', 'prot'].map((c) => `mprotect.${c}`),
  ...['misaligned', 'wraps'].map((c) => `madvise.${c}`),
  ...['flags', 'wraps'].map((c) => `mlock.${c}`),
  ...['misaligned', 'flags', 'wraps', 'absent'].map((c) => `mseal.${c}`),
  ...['too_large', 'beyond_task_size', 'misaligned'].map((c) => `placement.${c}`),
  'mlockall.flags',
  'uffd.misaligned',
]);

export const refusesArguments = (check: string): boolean => ARGUMENT_CHECKS.has(check);

/** The errnos that each call can have, from the kernel itself, a driver, a security module or seccomp. */
const GIVES: Readonly<Partial<Record<Op['name'], readonly Errno[]>>> = {
  mmap: ['EPERM', 'EINTR', 'EBADF', 'EAGAIN', 'ENOMEM', 'EACCES', 'EEXIST', 'ENODEV', 'EINVAL', 'ENOSYS', 'EOVERFLOW', 'EOPNOTSUPP'],
  munmap: ['EPERM', 'EINTR', 'ENOMEM', 'EINVAL', 'ENOSYS'],
  mremap: ['EPERM', 'EINTR', 'EAGAIN', 'ENOMEM', 'EFAULT', 'EINVAL', 'ENOSYS'],
  mprotect: ['EPERM', 'EINTR', 'ENOMEM', 'EACCES', 'EINVAL', 'ENOSYS'],
  madvise: ['EPERM', 'EINTR', 'EBADF', 'EAGAIN', 'ENOMEM', 'EACCES', 'EFAULT', 'EBUSY', 'EINVAL', 'ENOSYS'],
  mlock: ['EPERM', 'EINTR', 'EAGAIN', 'ENOMEM', 'EINVAL', 'ENOSYS'],
  mlock2: ['EPERM', 'EINTR', 'EAGAIN', 'ENOMEM', 'EINVAL', 'ENOSYS'],
  munlock: ['EPERM', 'EINTR', 'ENOMEM', 'EINVAL', 'ENOSYS'],
  mlockall: ['EPERM', 'EINTR', 'EAGAIN', 'ENOMEM', 'EINVAL', 'ENOSYS'],
  munlockall: ['EPERM', 'EINTR', 'EINVAL', 'ENOSYS'],
  name_vma: ['EPERM', 'EINTR', 'EBADF', 'EAGAIN', 'ENOMEM', 'EACCES', 'EFAULT', 'EINVAL', 'ENOSYS'],
  mseal: ['EPERM', 'EINTR', 'ENOMEM', 'EINVAL', 'ENOSYS'],
};

/** Why no kernel answers so, in a sentence; undefined where one can. */
export function impossible(op: Op, claimed: Claimed, g: Geometry): string | undefined {
  return claimed.kind === 'errno' ? impossibleErrno(op, claimed.errno) : impossibleValue(op, claimed.value, g);
}

/** Calls in which neither a driver nor a file system has a say. */
const OWN: readonly Op['name'][] = ['munmap', 'mremap', 'mlock', 'mlock2', 'munlock', 'mlockall', 'munlockall', 'mseal'];

/** Likewise for an errno that no memory call of the model gives. */
export const neverGiven = (op: Op, errno: string | undefined): string | undefined =>
  errno !== undefined && OWN.includes(op.name) ? `${op.name} never fails with ${errno}` : undefined;

function impossibleErrno(op: Op, errno: Errno): string | undefined {
  if (GIVES[op.name]?.includes(errno) === false) return `${op.name} never fails with ${errno}`;
  if (op.name !== 'mmap' || (op.flags & MAP.MAP_ANONYMOUS) === 0) return undefined;
  if (errno === 'EBADF' || errno === 'ENODEV' || errno === 'EOPNOTSUPP') return `no file is mapped, so nothing answers ${errno}`;
  if (errno === 'EEXIST' && (op.flags & MAP.MAP_FIXED_NOREPLACE) === 0) return 'only MAP_FIXED_NOREPLACE fails with EEXIST';
  return undefined;
}

function impossibleValue(op: Op, value: bigint, g: Geometry): string | undefined {
  switch (op.name) {
    case 'mmap':
      if ((op.flags & (MAP.MAP_FIXED | MAP.MAP_FIXED_NOREPLACE)) !== 0 && value !== op.addr) return `a fixed mapping is at ${hex(op.addr)} or nowhere`;
      return misplaced(value, op.length, g);
    case 'mremap':
      return wrongMove(op, value) ?? misplaced(value, op.new_size, g);
    case 'brk':
      return value > userEnd(g) ? 'the break lies above the user address space' : undefined;
    default:
      return op.name in GIVES && value !== 0n ? `${op.name} answers 0 or an errno` : undefined;
  }
}

const userEnd = (g: Geometry): bigint => toBytes(g, g.taskPages);

function misplaced(value: bigint, length: bigint, g: Geometry): string | undefined {
  if (value < 0n || value % pageBytes(g) !== 0n) return 'a mapping begins at a page';
  return value + length > userEnd(g) ? `a mapping ends below ${hex(userEnd(g))}, the end of the user address space` : undefined;
}

function wrongMove(op: Extract<Op, { name: 'mremap' }>, value: bigint): string | undefined {
  const { old_address: old, old_size, new_size, flags, new_address } = op;
  if ((flags & MREMAP.MREMAP_FIXED) !== 0) return value === new_address ? undefined : `MREMAP_FIXED moves to ${hex(new_address)} or nowhere`;
  if ((flags & MREMAP.MREMAP_MAYMOVE) === 0) return value === old ? undefined : 'without MREMAP_MAYMOVE a mapping stays where it is';
  const moved = value !== old && old_size > 0n;
  return moved && value < old + old_size && value + new_size > old ? 'the new place overlaps the old one, which is still mapped then' : undefined;
}
