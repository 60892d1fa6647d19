/** The constants of the memory system calls, with the values of the generic Linux ABI (x86-64, arm64). */

/** include/uapi/asm-generic/mman-common.h; the last two arch/arm64/include/uapi/asm/mman.h */
export const PROT = {
  PROT_NONE: 0,
  PROT_READ: 1,
  PROT_WRITE: 2,
  PROT_EXEC: 4,
  PROT_SEM: 8,
  PROT_BTI: 0x10,
  PROT_MTE: 0x20,
  PROT_GROWSDOWN: 0x01000000,
  PROT_GROWSUP: 0x02000000,
} as const;

/** include/uapi/asm-generic/mman-common.h, mman.h, include/uapi/linux/mman.h */
export const MAP = {
  MAP_SHARED: 0x1,
  MAP_PRIVATE: 0x2,
  MAP_SHARED_VALIDATE: 0x3,
  /** Takes the place of MAP_PRIVATE (6.11). */
  MAP_DROPPABLE: 0x8,
  MAP_FIXED: 0x10,
  MAP_ANONYMOUS: 0x20,
  MAP_32BIT: 0x40,
  MAP_GROWSDOWN: 0x100,
  MAP_DENYWRITE: 0x800,
  MAP_EXECUTABLE: 0x1000,
  MAP_LOCKED: 0x2000,
  MAP_NORESERVE: 0x4000,
  MAP_POPULATE: 0x8000,
  MAP_NONBLOCK: 0x10000,
  MAP_STACK: 0x20000,
  MAP_HUGETLB: 0x40000,
  MAP_SYNC: 0x80000,
  MAP_FIXED_NOREPLACE: 0x100000,
  MAP_HUGE_2MB: 21 << 26,
  MAP_HUGE_1GB: 30 << 26,
} as const;

/** Where the size of a huge page, as a power of two, stands in the flags; strace prints `21<<MAP_HUGE_SHIFT`. */
export const MAP_HUGE_SHIFT = 26;

/** include/uapi/linux/mman.h */
/** The last two were posted in 2025 and are in no release. */
export const MREMAP = { MREMAP_MAYMOVE: 1, MREMAP_FIXED: 2, MREMAP_DONTUNMAP: 4, MREMAP_RELOCATE_ANON: 8, MREMAP_MUST_RELOCATE_ANON: 16 } as const;

/** include/uapi/asm-generic/mman-common.h */
export const MADV = {
  MADV_NORMAL: 0,
  MADV_RANDOM: 1,
  MADV_SEQUENTIAL: 2,
  MADV_WILLNEED: 3,
  MADV_DONTNEED: 4,
  MADV_FREE: 8,
  MADV_REMOVE: 9,
  MADV_DONTFORK: 10,
  MADV_DOFORK: 11,
  MADV_MERGEABLE: 12,
  MADV_UNMERGEABLE: 13,
  MADV_HUGEPAGE: 14,
  MADV_NOHUGEPAGE: 15,
  MADV_DONTDUMP: 16,
  MADV_DODUMP: 17,
  MADV_WIPEONFORK: 18,
  MADV_KEEPONFORK: 19,
  MADV_COLD: 20,
  MADV_PAGEOUT: 21,
  MADV_POPULATE_READ: 22,
  MADV_POPULATE_WRITE: 23,
  MADV_DONTNEED_LOCKED: 24,
  MADV_COLLAPSE: 25,
  MADV_GUARD_INSTALL: 102,
  MADV_GUARD_REMOVE: 103,
} as const;

/** include/uapi/asm-generic/mman-common.h, mman.h */
export const MLOCK = { MLOCK_ONFAULT: 1 } as const;
/** Flags of mlockall(2): include/uapi/asm-generic/mman.h */
export const MCL = { MCL_CURRENT: 1, MCL_FUTURE: 2, MCL_ONFAULT: 4 } as const;

/** include/uapi/asm-generic/resource.h */
export const RLIMIT = {
  RLIMIT_CPU: 0,
  RLIMIT_FSIZE: 1,
  RLIMIT_DATA: 2,
  RLIMIT_STACK: 3,
  RLIMIT_CORE: 4,
  RLIMIT_RSS: 5,
  RLIMIT_NPROC: 6,
  RLIMIT_NOFILE: 7,
  RLIMIT_MEMLOCK: 8,
  RLIMIT_AS: 9,
  RLIMIT_LOCKS: 10,
  RLIMIT_SIGPENDING: 11,
  RLIMIT_MSGQUEUE: 12,
  RLIMIT_NICE: 13,
  RLIMIT_RTPRIO: 14,
  RLIMIT_RTTIME: 15,
} as const;
/** No limit, as setrlimit(2) has it: include/uapi/asm-generic/resource.h */
export const RLIM_INFINITY = (1n << 64n) - 1n;

/** include/uapi/linux/userfaultfd.h, include/uapi/asm-generic/fcntl.h: of the features those that the model has, and what the call itself takes. */
export const UFFD_FEATURE = {
  UFFD_FEATURE_EVENT_FORK: 1 << 1,
  UFFD_FEATURE_EVENT_REMAP: 1 << 2,
  UFFD_FEATURE_EVENT_REMOVE: 1 << 3,
  UFFD_FEATURE_EVENT_UNMAP: 1 << 6,
  UFFD_USER_MODE_ONLY: 1,
  O_NONBLOCK: 0o4000,
  O_CLOEXEC: 0o2000000,
} as const;
/** Modes of UFFDIO_REGISTER: include/uapi/linux/userfaultfd.h */
export const UFFD_MODE = { UFFDIO_REGISTER_MODE_MISSING: 1, UFFDIO_REGISTER_MODE_WP: 2, UFFDIO_REGISTER_MODE_MINOR: 4 } as const;

/** What maps prints before the name of a file that memfd_create(2) made. */
export const MEMFD = 'memfd:';

/** include/uapi/asm-generic/errno-base.h, errno.h: the numbers and the words strace prints. */
export const ERRNO = {
  EPERM: [1, 'Operation not permitted'],
  ENOENT: [2, 'No such file or directory'],
  EINTR: [4, 'Interrupted system call'],
  EBADF: [9, 'Bad file descriptor'],
  EAGAIN: [11, 'Resource temporarily unavailable'],
  ENOMEM: [12, 'Cannot allocate memory'],
  EACCES: [13, 'Permission denied'],
  EFAULT: [14, 'Bad address'],
  EBUSY: [16, 'Device or resource busy'],
  EEXIST: [17, 'File exists'],
  ENODEV: [19, 'No such device'],
  EINVAL: [22, 'Invalid argument'],
  ENOSYS: [38, 'Function not implemented'],
  EOVERFLOW: [75, 'Value too large for defined data type'],
  EOPNOTSUPP: [95, 'Operation not supported'],
} as const satisfies Record<string, readonly [number, string]>;

/** The name of an error that a modelled call can give. */
export type Errno = keyof typeof ERRNO;

/** The names in `table` whose bits are set in `flags`, and what is left over. */
export function flagNames(table: Readonly<Record<string, number>>, flags: number): { names: string[]; rest: number } {
  const names: string[] = [];
  let rest = flags;
  // Widest first, so that a name of two bits (MAP_SHARED_VALIDATE) is not read as two names.
  for (const [name, bits] of Object.entries(table).sort((a, b) => bitCount(b[1]) - bitCount(a[1]))) {
    if (bits !== 0 && (rest & bits) === bits) {
      names.push(name);
      rest &= ~bits;
    }
  }
  return { names: Object.keys(table).filter((n) => names.includes(n)), rest };
}

function bitCount(x: number): number {
  let n = 0;
  for (let v = x >>> 0; v !== 0; v &= v - 1) n++;
  return n;
}
