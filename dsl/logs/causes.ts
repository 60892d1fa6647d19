/**
 * Why a kernel may have refused a call that the model lets through, or lets through for all it knows: every
 * cause that gives this errno for this call, with the numbers of the moment, the likeliest first.
 */
import { count, hex, MADV, MAP, MREMAP, PROT, size, type Bytes, type Errno, type LogCause, type Op, type Refusal, type Resource, type Vma } from '../../machine/index.js';

/** What is known of the process when it was refused. */
export interface Moment {
  readonly mapCount: number;
  readonly maxMapCount: number;
  /** In bytes. */
  readonly totalVm: Bytes;
  readonly dataVm: Bytes;
  readonly lockedVm: Bytes;
  readonly committed: Bytes;
  /** Limits that the log shows being set; null is none. */
  readonly limits: ReadonlyMap<Resource, Bytes | null>;
  /** The mappings that the call names. */
  readonly vmas: readonly Vma[];
  /** Pages that the call names and of which the log does not say whether they are mapped. */
  readonly unknown: boolean;
  /** What the model itself objects to, if anything. */
  readonly refusal: Refusal | undefined;
  /** Whether the file behind the call is known to the log by more than its number. */
  readonly file: string | undefined;
}

interface Weighed extends LogCause {
  /** 0 to 100: how likely it is among the others. */
  readonly weight: number;
}

const GIB = 1n << 30n;
const HUGE = 2n << 20n;

export function causesOf(op: Op, errno: Errno, m: Moment): LogCause[] {
  const all = [...ofModel(errno, m), ...(CAUSES[errno]?.(op, m) ?? [])].filter((c) => c.weight > 0);
  const first = new Map<string, Weighed>();
  for (const c of all.sort((a, b) => b.weight - a.weight)) if (!first.has(c.cause)) first.set(c.cause, c);
  return [...first.values()].map(({ cause, why, tell }) => ({ cause, why, tell }));
}

/** The model refuses it too, and knows why. */
function ofModel(errno: Errno, { refusal, mapCount, maxMapCount }: Moment): Weighed[] {
  if (refusal === undefined) return [];
  const { check, why, fn } = refusal;
  const named = MODEL_CAUSES.find(([pattern]) => pattern.test(check))?.[1] ?? 'arguments';
  const numbers = named === 'map_count' ? ` (${count(mapCount)} of ${count(maxMapCount)})` : '';
  return [cause(named, 100, `${fn}: ${why}${numbers}`, `the model refuses it with ${errno} as well`)];
}

const MODEL_CAUSES: readonly (readonly [RegExp, string])[] = [
  [/map_count/, 'map_count'],
  [/commit/, 'overcommit'],
  [/hugetlb_pool/, 'hugetlb_pool'],
  [/memlock|^mlock\.(rlimit|not_permitted)|mlockall\.rlimit|mmap\.locked/, 'locked_memory'],
  [/rlimit/, 'rlimit'],
  [/sealed/, 'sealed'],
  [/dontexpand|special/, 'driver'],
  [/hugetlb/, 'hugetlb'],
  [/spans_vmas/, 'borders'],
  [/hole|no_vma/, 'unmapped'],
  [/needs_maymove|noreplace/, 'neighbour'],
  [/min_addr/, 'min_addr'],
  [/placement/, 'address_space'],
  [/access/, 'file_mode'],
];

const cause = (name: string, weight: number, why: string, tell: string): Weighed => ({ cause: name, weight, why, tell });

type Reasons = (op: Op, m: Moment) => Weighed[];

const CAUSES: Readonly<Partial<Record<Errno, Reasons>>> = {
  ENOMEM: (op, m) => [
    ...unmapped(op, m),
    mapCount(op, m),
    overcommit(op, m),
    rlimit(op, m),
    neighbour(op),
    addressSpace(op, m),
    lockedMemory(op, m, 'ENOMEM'),
    hugetlbPool(op),
    cgroup(op),
  ],
  EAGAIN: (op, m) => [lockedMemory(op, m, 'EAGAIN'), busy(op), fileLocked(op)],
  EPERM: (op, m) => [sealed(op, m), minAddr(op), lockedMemory(op, m, 'EPERM'), fileSeals(op, m), noexec(op, m), seccomp(40), lsm(10)],
  ENOSYS: () => [
    cause('old_kernel', 60, 'the kernel is older than the call, or was built without it', '`uname -r`, and the section HISTORY of its man page'),
    cause('seccomp', 50, 'a seccomp filter answers for the kernel: containers and sandboxes have one', '`grep Seccomp /proc/PID/status`: 2 is a filter'),
  ],
  EFAULT: (op, m) => [...unmapped(op, m), borders(op, m), driver(op, m), ...populated(op)],
  EINVAL: (op, m) => invalid(op, m),
  EACCES: (op, m) => [fileMode(op, m), ...wantsExec(op), noexec(op, m), removesPrivate(op), lowAddress(op)],
  EEXIST: (op) => [neighbour(op)],
  EBADF: (op) => [
    op.name === 'mmap' ? cause('file_mode', 80, 'the descriptor is closed, or of a kind that cannot be mapped', 'the `openat` and `close` lines before it, or `-y`') : none,
    op.name === 'madvise' ? cause('config', 60, 'the advice is not for this memory: anonymous memory without swap', '`swapon --show`') : none,
  ],
  ENODEV: () => [cause('file_kind', 80, 'what is behind the descriptor cannot be mapped: a pipe, a socket, a directory, a file of /proc', '`-yy` shows what it is')],
  EOVERFLOW: () => [cause('file_offset', 80, 'offset and length together exceed what the file can have', 'the size of the file')],
  EOPNOTSUPP: () => [cause('file_kind', 80, 'the file system does not support a flag of the mapping: MAP_SYNC needs persistent memory', '`-y` shows the file')],
  EBUSY: (op) => [busy(op)],
  EINTR: () => [cause('signal', 60, 'a fatal signal came while the call waited for the mmap lock', 'the `+++ killed by` line that follows')],
};

const none = cause('none', 0, '', '');

// What was asked for ---------------------------------------------------------------------------

/** By how much the call makes the address space larger, in bytes. */
function growth(op: Op): Bytes {
  if (op.name === 'mmap') return op.length;
  if (op.name === 'mremap') return op.new_size > op.old_size ? op.new_size - op.old_size : 0n;
  return op.name === 'mprotect' ? op.length : 0n;
}

/** What the commit limit is asked for: private writable memory that reserves. */
function charged(op: Op, m: Moment): Bytes {
  switch (op.name) {
    case 'mmap': {
      const shared = (op.flags & MAP.MAP_PRIVATE) === 0 && (op.flags & MAP.MAP_ANONYMOUS) !== 0;
      const reserves = (op.flags & (MAP.MAP_NORESERVE | MAP.MAP_HUGETLB)) === 0;
      return reserves && (shared || ((op.prot & PROT.PROT_WRITE) !== 0 && (op.flags & MAP.MAP_PRIVATE) !== 0)) ? op.length : 0n;
    }
    case 'mremap':
      return m.vmas.length > 0 && m.vmas.every((v) => !/\bac\b/.test(v.vmFlags)) ? 0n : growth(op);
    case 'mprotect':
      return (op.prot & PROT.PROT_WRITE) !== 0 && m.vmas.every((v) => !/\bac\b/.test(v.vmFlags)) ? op.length : 0n;
    case 'brk':
      return 1n;
    default:
      return 0n;
  }
}

const asked = (bytes: Bytes): string => (bytes <= 1n ? 'more' : `${size(bytes)} more`);

/** Whether the call can end with more mappings than before. */
function splits(op: Op): boolean {
  return op.name === 'mmap' || op.name === 'munmap' || op.name === 'mremap' || op.name === 'mprotect' || op.name === 'madvise' || op.name === 'mlock' || op.name === 'munlock' || op.name === 'mlock2' || op.name === 'mseal' || op.name === 'brk'; // prettier-ignore
}

// The causes -----------------------------------------------------------------------------------

function mapCount(op: Op, { mapCount: n, maxMapCount: most }: Moment): Weighed {
  if (!splits(op)) return none;
  // The binary, its libraries and its stack are mappings that a log need not show.
  const near = n >= most - 1024;
  const weight = near ? 95 : op.name === 'munmap' ? 60 : n > most / 2 ? 50 : 5;
  return cause(
    'map_count',
    weight,
    `vm.max_map_count: ${count(n)} mappings are in the log, ${count(most)} are allowed by default${near ? ', and those of the program itself come to that' : ''}`,
    '`wc -l /proc/PID/maps` against `sysctl vm.max_map_count`',
  );
}

function overcommit(op: Op, m: Moment): Weighed {
  const bytes = charged(op, m);
  if (bytes === 0n) return none;
  const weight = bytes >= 8n * GIB ? 85 : bytes >= GIB ? 60 : m.committed >= 8n * GIB ? 55 : 30;
  return cause(
    'overcommit',
    weight,
    `overcommit: ${asked(bytes)} than the ${size(m.committed)} that the log has committed. With vm.overcommit_memory 0 one call is refused that asks for more than RAM and swap together; with 2, whatever goes beyond CommitLimit`,
    '`sysctl vm.overcommit_memory`, and Committed_AS against CommitLimit, MemTotal and SwapTotal in /proc/meminfo',
  );
}

function rlimit(op: Op, m: Moment): Weighed {
  const bytes = op.name === 'brk' ? 1n : growth(op);
  if (bytes === 0n) return none;
  const resources: readonly [Resource, Bytes][] = [
    ['RLIMIT_AS', m.totalVm],
    ['RLIMIT_DATA', m.dataVm],
  ];
  const set = resources.flatMap(([name, has]) => {
    const limit = m.limits.get(name);
    return limit === undefined || limit === null ? [] : [{ name, has, limit }];
  });
  const exceeded = set.find(({ has, limit }) => has + bytes > limit);
  const [shown] = exceeded === undefined ? set : [exceeded];
  const numbers = shown === undefined ? 'no line of the log sets it' : `${shown.name} was set to ${size(shown.limit)}, ${size(shown.has)} are in the log`;
  return cause(
    'rlimit',
    exceeded !== undefined ? 98 : shown !== undefined ? 65 : 28,
    `RLIMIT_AS or RLIMIT_DATA: ${numbers}`,
    '`grep -E "address space|data size" /proc/PID/limits`',
  );
}

function neighbour(op: Op): Weighed {
  if (op.name === 'mremap' && (op.flags & MREMAP.MREMAP_MAYMOVE) === 0) {
    const end = hex(op.old_address + op.old_size);
    return cause(
      'neighbour',
      92,
      `without MREMAP_MAYMOVE the mapping grows in place or not at all, and something that the log does not show lies at ${end}`,
      `what /proc/PID/maps has at ${end}`,
    );
  }
  if (op.name === 'mmap' && (op.flags & MAP.MAP_FIXED_NOREPLACE) !== 0)
    return cause('neighbour', 92, `something that the log does not show is mapped at ${hex(op.addr)}`, `what /proc/PID/maps has at ${hex(op.addr)}`);
  return op.name === 'brk' ? cause('neighbour', 50, 'something that the log does not show is mapped above the heap', 'what /proc/PID/maps has behind [heap]') : none;
}

function addressSpace(op: Op, m: Moment): Weighed {
  if (op.name === 'mmap' && (op.flags & MAP.MAP_32BIT) !== 0)
    return cause('address_space', 80, 'MAP_32BIT: no hole of that size is left in the low 2 GiB', 'the lines of /proc/PID/maps below 80000000');
  const bytes = op.name === 'mmap' || op.name === 'mremap' ? growth(op) : 0n;
  if (bytes < GIB) return none;
  return cause(
    'address_space',
    bytes >= 16n << 40n ? 75 : 12,
    `no hole of ${size(bytes)} is left in the address space, of which ${size(m.totalVm)} are mapped`,
    'the largest gap in /proc/PID/maps',
  );
}

function lockedMemory(op: Op, m: Moment, errno: 'ENOMEM' | 'EAGAIN' | 'EPERM'): Weighed {
  const locks = op.name === 'mlock' || op.name === 'mlock2' || op.name === 'mlockall';
  const maps = (op.name === 'mmap' && (op.flags & MAP.MAP_LOCKED) !== 0) || (op.name === 'mremap' && m.vmas.some((v) => /\blo\b/.test(v.vmFlags)));
  if (errno === 'EAGAIN' ? !(maps || locks || op.name === 'mmap' || op.name === 'mremap') : !locks && !(errno === 'EPERM' && maps)) return none;
  const limit = m.limits.get('RLIMIT_MEMLOCK');
  const allowed = limit === undefined ? '8M, the default' : limit === null ? 'without limit' : size(limit);
  return cause(
    'locked_memory',
    locks || maps ? 90 : 60,
    `RLIMIT_MEMLOCK: ${size(m.lockedVm)} are locked already, allowed are ${allowed}`,
    '`grep "locked memory" /proc/PID/limits`, VmLck in /proc/PID/status',
  );
}

function hugetlbPool(op: Op): Weighed {
  const huge = op.name === 'mmap' && (op.flags & MAP.MAP_HUGETLB) !== 0;
  return huge ? cause('hugetlb_pool', 96, `the pool of huge pages has fewer than the ${size(op.length)} asked for`, 'HugePages_Free and HugePages_Rsvd in /proc/meminfo') : none;
}

function cgroup(op: Op): Weighed {
  const populates = (op.name === 'mmap' && (op.flags & (MAP.MAP_POPULATE | MAP.MAP_LOCKED)) !== 0) || op.name === 'mlock' || op.name === 'mlockall';
  return cause('cgroup', populates ? 30 : 4, 'the memory control group of the process is full', 'memory.max, memory.current and memory.events of its cgroup');
}

function unmapped(op: Op, m: Moment): Weighed[] {
  if (op.name === 'mmap' || op.name === 'munmap' || op.name === 'brk') return [];
  const why = m.unknown ? 'pages of the range may not be mapped: the log does not say' : 'pages of the range are not mapped: something unmapped them that the log does not show';
  return [cause('unmapped', m.unknown ? 91 : 20, why, 'a log from the start of the program, with -f and all memory calls, or /proc/PID/maps')];
}

function borders(op: Op, m: Moment): Weighed {
  if (op.name !== 'mremap' || op.old_size <= 4096n) return none;
  const kept = 'a name (PR_SET_VMA), a userfaultfd, a policy, an advice or an anon_vma of its own';
  return cause(
    'borders',
    m.unknown ? 60 : 72,
    `the range lies in two mappings that the log does not tell apart: ${kept} keeps one from merging`,
    'the lines of /proc/PID/smaps there',
  );
}

function driver(op: Op, m: Moment): Weighed {
  if (op.name !== 'mremap' && op.name !== 'madvise' && op.name !== 'mprotect') return none;
  const of = m.vmas.some((v) => v.object !== null);
  const grows = op.name !== 'mremap' || op.new_size !== op.old_size;
  return grows
    ? cause('driver', of ? 80 : 15, 'the mapping is of a driver or of a special kind (VM_DONTEXPAND, VM_PFNMAP, VM_IO)', '`de`, `pf` or `io` among its VmFlags in /proc/PID/smaps')
    : none;
}

const populated = (op: Op): Weighed[] =>
  op.name === 'madvise' && (op.advice === MADV.MADV_POPULATE_READ || op.advice === MADV.MADV_POPULATE_WRITE)
    ? [cause('no_page', 80, 'a page of the range cannot be faulted in: beyond the end of its file, or poisoned', 'the size of the file')]
    : [];

const busy = (op: Op): Weighed =>
  op.name === 'madvise' ? cause('busy', 60, 'pages of the range are pinned, isolated or being collapsed: the kernel asks to try again', 'the same call a moment later') : none;

const fileLocked = (op: Op): Weighed => (op.name === 'mmap' && (op.flags & MAP.MAP_ANONYMOUS) === 0 ? cause('file_mode', 50, 'the file is locked', '`lslocks`') : none);

function sealed(op: Op, m: Moment): Weighed {
  if (op.name === 'mmap' ? (op.flags & MAP.MAP_FIXED) === 0 : op.name === 'mlock' || op.name === 'mlockall') return none;
  return cause(
    'sealed',
    m.vmas.some((v) => /\bsl\b/.test(v.vmFlags)) ? 95 : 55,
    'a mapping of the range is sealed (mseal, Linux 6.10 and later)',
    '`sl` among its VmFlags in /proc/PID/smaps',
  );
}

const minAddr = (op: Op): Weighed =>
  (op.name === 'mmap' && (op.flags & MAP.MAP_FIXED) !== 0 && op.addr < 1n << 16n) || (op.name === 'mremap' && (op.flags & MREMAP.MREMAP_FIXED) !== 0 && op.new_address < 1n << 16n)
    ? cause('min_addr', 96, 'the address lies below vm.mmap_min_addr', '`sysctl vm.mmap_min_addr`')
    : none;

const fileSeals = (op: Op, m: Moment): Weighed =>
  m.file !== undefined && op.name === 'mmap' && (op.prot & PROT.PROT_WRITE) !== 0
    ? cause('file_seals', 70, 'the memory file is sealed against writing (F_SEAL_WRITE)', 'the `fcntl(F_ADD_SEALS)` lines before it')
    : none;

const noexec = (op: Op, m: Moment): Weighed =>
  m.file !== undefined && (op.name === 'mmap' || op.name === 'mprotect') && (op.prot & PROT.PROT_EXEC) !== 0
    ? cause('noexec', 78, 'the file lies on a file system that is mounted noexec', '`findmnt -T` of the file')
    : none;

const seccomp = (weight: number): Weighed =>
  cause('seccomp', weight, 'a seccomp filter answers for the kernel: containers and sandboxes have one', '`grep Seccomp /proc/PID/status`: 2 is a filter');
const lsm = (weight: number): Weighed => cause('lsm', weight, 'a security module (SELinux, AppArmor) denies it', 'the audit log');

function fileMode(op: Op, m: Moment): Weighed {
  const why = 'the file is not open for that: a shared mapping can be writable only where the file is, and none can be read that the descriptor may not';
  const tell = 'the flags of its `openat` line';
  if (op.name === 'mmap') return (op.flags & MAP.MAP_ANONYMOUS) === 0 ? cause('file_mode', 90, why, tell) : none;
  const shared = m.vmas.some((v) => v.perms.endsWith('s'));
  return op.name === 'mprotect' ? cause('file_mode', shared ? 90 : m.unknown ? 60 : 30, why, tell) : none;
}

const wantsExec = (op: Op): Weighed[] =>
  (op.name === 'mmap' || op.name === 'mprotect') && (op.prot & PROT.PROT_EXEC) !== 0
    ? [cause('lsm', 65, 'a security module denies memory that can be executed (SELinux execmem, execmod; PaX)', 'the audit log'), seccomp(20)]
    : [];

const removesPrivate = (op: Op): Weighed => (op.name === 'madvise' ? cause('file_mode', 70, 'MADV_REMOVE is for memory that is shared and writable', 'the mmap line') : none);
const lowAddress = (op: Op): Weighed =>
  op.name === 'mmap' && op.addr > 0n && op.addr < 1n << 16n ? cause('lsm', 60, 'a security module guards the low addresses (mmap_zero)', 'the audit log') : none;

// EINVAL ---------------------------------------------------------------------------------------

/** The edges of what is called for are not those of huge pages. */
const offHuge = (...edges: readonly Bytes[]): boolean => edges.some((at) => at % HUGE !== 0n);

function invalid(op: Op, m: Moment): Weighed[] {
  const old = (what: string): Weighed => cause('old_kernel', 40, `the kernel is too old for ${what}`, '`uname -r`');
  const hugetlb = (weight = 55): Weighed =>
    cause('hugetlb', weight, 'the memory is of the hugetlb pool, whose pages are not cut', '`ht` among its VmFlags in /proc/PID/smaps, KernelPageSize');
  switch (op.name) {
    case 'munmap':
    case 'munlock':
      return offHuge(op.addr, op.addr + op.length) ? [hugetlb()] : [];
    case 'mprotect': {
      const special = (op.prot & ~7) !== 0;
      return [
        ...(special ? [cause('prot', 80, 'the processor or the mapping does not have a bit of the protection', 'the man page of mprotect for it')] : []),
        ...(offHuge(op.addr, op.addr + op.length) ? [hugetlb(50)] : []),
      ];
    }
    case 'madvise':
      return [
        cause(
          'locked',
          m.vmas.some((v) => /\blo\b/.test(v.vmFlags)) ? 90 : 30,
          'the memory is locked, or of the hugetlb pool, and the advice is not for such',
          '`lo` or `ht` among its VmFlags',
        ),
        cause(
          'config',
          60,
          'the kernel was built without what the advice is for (KSM, transparent huge pages, memory failure), or without it for this memory',
          '`zgrep -E "KSM|TRANSPARENT_HUGEPAGE|MEMORY_FAILURE" /proc/config.gz`',
        ),
        old('the advice'),
        driver(op, m),
      ];
    case 'mremap':
      return [
        ...(op.old_size === 0n ? [cause('private', 90, 'old_size 0 duplicates a mapping, and only a shared one can be', 'the mmap line, `s` in its permissions')] : []),
        hugetlb(offHuge(op.old_address, op.old_size) ? 60 : 30),
        ...((op.flags & MREMAP.MREMAP_DONTUNMAP) !== 0
          ? [old('MREMAP_DONTUNMAP, which came with 5.7, and for files with 5.13'), driver({ ...op, new_size: op.new_size + 1n }, m)]
          : []),
        cause('address_space', op.new_size >= GIB ? 60 : 10, 'the new size exceeds the address space of the process, which may be a 32-bit one', '`file` of the program'),
      ];
    case 'mmap':
      if ((op.flags & MAP.MAP_HUGETLB) !== 0)
        return [cause('hugetlb', 90, 'there are no huge pages of that size, or the address is not aligned to them', '/sys/kernel/mm/hugepages')];
      if ((op.flags & MAP.MAP_ANONYMOUS) === 0)
        return [cause('file_kind', 60, 'the driver or the file system behind the descriptor refuses the offset, the length or a flag', '`-yy` shows what it is')];
      return (op.flags & MAP.MAP_FIXED) !== 0 || (op.flags & ~0x7f_ffff) !== 0 ? [old('a flag of the call')] : [];
    // Kernels without CONFIG_ANON_VMA_NAME know nothing of it.
    case 'name_vma':
      return [cause('config', 80, 'the kernel was built without names for anonymous memory, or is older than 5.17', '`zgrep ANON_VMA_NAME /proc/config.gz`')];
    default:
      return [];
  }
}
