/** The one table of what can be called; checker, interpreter and completion all read it. */
import {
  fitsU64, flagNames, MAP, MREMAP, RLIM_INFINITY, RLIMIT, u64, UFFD_FEATURE, UFFD_MODE, type MmapCall, type MremapCall, type Op,
  type Resource, type UffdFeature,
} from '../machine/index.js';
import type { FlagKind } from './constants.js';
import { LEVELS, type Kind } from './values.js';

export type ParamKind = FlagKind | 'flags' | 'address' | 'length' | 'fd' | 'offset' | 'byte' | 'range' | 'text' | 'rlimit' | 'number' | 'switch' | 'word';

export interface Param {
  readonly name: string;
  readonly kind: ParamKind;
  readonly optional?: boolean;
}

interface Signature {
  readonly name: string;
  readonly params: readonly Param[];
  /** What kind of value it gives. */
  readonly gives: Kind;
  /** One line of help. */
  readonly summary: string;
}

/**
 * A call that the machine carries out: a system call that strace prints, a load or store of user
 * code, or what else can happen to a process.
 */
export interface Operation extends Signature {
  readonly role: 'syscall' | 'access' | 'event';
  /** The operation; arguments left out are `undefined`. Strings come apart, by the name of their parameter. */
  readonly op: (args: readonly (bigint | undefined)[], texts?: Readonly<Record<string, string>>) => Op;
  /** The parameter that these flags make necessary although it may be left out otherwise. */
  readonly needs?: (flags: bigint) => string | undefined;
}

/** A question about the address space; `queries.ts` answers it. */
export interface Query extends Signature {
  readonly role: 'query';
}

export type Callable = Operation | Query;

const address = (name: string): Param => ({ name, kind: 'address' });
const length = (name: string): Param => ({ name, kind: 'length' });
const optional = (param: Param): Param => ({ ...param, optional: true });

const operations: readonly Operation[] = [
  {
    name: 'mmap',
    role: 'syscall',
    params: [
      address('addr'),
      length('length'),
      { name: 'prot', kind: 'prot' },
      { name: 'flags', kind: 'map-flags' },
      { name: 'fd', kind: 'fd', optional: true },
      { name: 'offset', kind: 'offset', optional: true },
    ],
    gives: 'result',
    summary: 'map pages: mmap(2)',
    op: ([addr = 0n, len = 0n, prot = 0n, flags = 0n, fd = -1n, offset = 0n]): MmapCall => ({
      name: 'mmap',
      addr: u64(addr),
      length: u64(len),
      prot: bits(prot),
      flags: bits(flags),
      fd: toFd(fd),
      offset: u64(offset),
    }),
    needs: (flags) => ((flags & BigInt(MAP.MAP_ANONYMOUS)) === 0n ? 'fd' : undefined),
  },
  {
    name: 'munmap',
    role: 'syscall',
    params: [address('addr'), length('length')],
    gives: 'result',
    summary: 'unmap pages: munmap(2)',
    op: ([addr = 0n, len = 0n]) => ({ name: 'munmap', addr: u64(addr), length: u64(len) }),
  },
  {
    name: 'mremap',
    role: 'syscall',
    params: [
      address('old_address'),
      length('old_size'),
      length('new_size'),
      { name: 'flags', kind: 'mremap-flags' },
      optional(address('new_address')),
    ],
    gives: 'result',
    summary: 'resize or move a mapping: mremap(2)',
    op: ([from = 0n, oldSize = 0n, newSize = 0n, flags = 0n, to = 0n]): MremapCall => ({
      name: 'mremap',
      old_address: u64(from),
      old_size: u64(oldSize),
      new_size: u64(newSize),
      flags: bits(flags),
      new_address: u64(to),
    }),
    needs: (flags) => ((flags & BigInt(MREMAP.MREMAP_FIXED)) === 0n ? undefined : 'new_address'),
  },
  {
    name: 'mprotect',
    role: 'syscall',
    params: [address('addr'), length('len'), { name: 'prot', kind: 'prot' }],
    gives: 'result',
    summary: 'change what may be done with pages: mprotect(2)',
    op: ([addr = 0n, len = 0n, prot = 0n]) => ({ name: 'mprotect', addr: u64(addr), length: u64(len), prot: bits(prot) }),
  },
  {
    name: 'madvise',
    role: 'syscall',
    params: [address('addr'), length('length'), { name: 'advice', kind: 'advice' }],
    gives: 'result',
    summary: 'say how pages will be used, or give them up: madvise(2)',
    op: ([addr = 0n, len = 0n, advice = 0n]) => ({ name: 'madvise', addr: u64(addr), length: u64(len), advice: bits(advice) }),
  },
  {
    name: 'mlock',
    role: 'syscall',
    params: [address('addr'), length('len')],
    gives: 'result',
    summary: 'keep pages in memory: mlock(2)',
    op: ([addr = 0n, len = 0n]) => ({ name: 'mlock', addr: u64(addr), length: u64(len) }),
  },
  {
    name: 'mlock2',
    role: 'syscall',
    params: [address('addr'), length('len'), { name: 'flags', kind: 'mlock-flags' }],
    gives: 'result',
    summary: 'keep pages in memory, maybe only once they are there: mlock2(2)',
    op: ([addr = 0n, len = 0n, flags = 0n]) => ({ name: 'mlock2', addr: u64(addr), length: u64(len), flags: bits(flags) }),
  },
  {
    name: 'munlock',
    role: 'syscall',
    params: [address('addr'), length('len')],
    gives: 'result',
    summary: 'no longer keep pages in memory: munlock(2)',
    op: ([addr = 0n, len = 0n]) => ({ name: 'munlock', addr: u64(addr), length: u64(len) }),
  },
  {
    name: 'mlockall',
    role: 'syscall',
    params: [{ name: 'flags', kind: 'mlockall-flags' }],
    gives: 'result',
    summary: 'keep every page in memory: mlockall(2)',
    op: ([flags = 0n]) => ({ name: 'mlockall', flags: bits(flags) }),
  },
  {
    name: 'munlockall',
    role: 'syscall',
    params: [],
    gives: 'result',
    summary: 'no longer keep any page in memory: munlockall(2)',
    op: () => ({ name: 'munlockall' }),
  },
  {
    name: 'mseal',
    role: 'syscall',
    params: [address('addr'), length('len'), { name: 'flags', kind: 'flags' }],
    gives: 'result',
    summary: 'let a mapping never be changed again: mseal(2)',
    op: ([addr = 0n, len = 0n, flags = 0n]) => ({ name: 'mseal', addr: u64(addr), length: u64(len), flags: bits(flags) }),
  },
  {
    name: 'brk',
    role: 'syscall',
    params: [address('addr')],
    gives: 'result',
    summary: 'move the end of the heap; brk(NULL) asks where it is: brk(2)',
    op: ([addr = 0n]) => ({ name: 'brk', addr: u64(addr) }),
  },
  {
    name: 'setrlimit',
    role: 'syscall',
    params: [{ name: 'resource', kind: 'resource' }, { name: 'rlim', kind: 'rlimit' }],
    gives: 'result',
    summary: 'set a limit: setrlimit(2)',
    op: ([resource = 0n, limit]) => rlimitOp(resource, limit),
  },
  {
    name: 'getrlimit',
    role: 'syscall',
    params: [{ name: 'resource', kind: 'resource' }, { name: 'rlim', kind: 'rlimit' }],
    gives: 'result',
    summary: 'ask for a limit: getrlimit(2)',
    op: ([resource = 0n]) => rlimitOp(resource, undefined),
  },
  {
    name: 'prlimit64',
    role: 'syscall',
    params: [
      { name: 'pid', kind: 'number' },
      { name: 'resource', kind: 'resource' },
      { name: 'new_limit', kind: 'rlimit' },
      { name: 'old_limit', kind: 'rlimit' },
    ],
    gives: 'result',
    summary: 'set a limit or ask for it: prlimit(2)',
    op: ([, resource = 0n, limit]) => rlimitOp(resource, limit),
  },
  {
    name: 'memfd',
    role: 'event',
    params: [{ name: 'name', kind: 'text' }, length('size')],
    gives: 'result',
    summary: 'a memory file of a size, to be used as a file descriptor: memfd_create(2) and ftruncate(2)',
    op: ([, size = 0n], { name: file = '' } = {}) => ({ name: 'memfd', file, size: u64(size) }),
  },
  {
    name: 'ftruncate',
    role: 'syscall',
    params: [{ name: 'fd', kind: 'fd' }, length('length')],
    gives: 'result',
    summary: 'change the size of a file: ftruncate(2)',
    op: ([fd = -1n, size = 0n]) => ({ name: 'ftruncate', fd: toFd(fd), length: BigInt.asIntN(64, size) }),
  },
  {
    name: 'close',
    role: 'syscall',
    params: [{ name: 'fd', kind: 'fd' }],
    gives: 'result',
    summary: 'close a file; what is mapped of it stays: close(2)',
    op: ([fd = -1n]) => ({ name: 'close', fd: toFd(fd) }),
  },
  {
    name: 'exec_stack',
    role: 'event',
    params: [address('start'), address('end'), length('shift')],
    gives: 'result',
    summary: 'the stack of a new program, built at start..end and written, moves down by shift as execve(2) does it',
    op: ([start = 0n, end = 0n, shift = 0n]) => ({ name: 'exec_stack', start: u64(start), end: u64(end), shift: u64(shift) }),
  },
  {
    name: 'swap_out',
    role: 'event',
    params: [address('p'), length('n')],
    gives: 'result',
    summary: 'reclaim writes what is present of n bytes at p to swap',
    op: ([p = 0n, n = 0n]) => ({ name: 'swap_out', addr: u64(p), length: u64(n) }),
  },
  {
    name: 'migrate',
    role: 'event',
    params: [address('p'), length('n')],
    gives: 'result',
    summary: 'the pages of n bytes at p move to other frames',
    op: ([p = 0n, n = 0n]) => ({ name: 'migrate', addr: u64(p), length: u64(n) }),
  },
  {
    name: 'ksm_scan',
    role: 'event',
    params: [],
    gives: 'result',
    summary: 'KSM merges what MADV_MERGEABLE memory has in common',
    op: () => ({ name: 'ksm_scan' }),
  },
  {
    name: 'fork',
    role: 'event',
    params: [],
    gives: 'result',
    summary: 'a child that shares what its parent maps; what follows is still the parent, `in child { }` the child: fork(2)',
    op: () => ({ name: 'fork', follow: 'parent' }),
  },
  {
    name: 'reap',
    role: 'event',
    params: [],
    gives: 'result',
    summary: 'the latest child ends, and its parent waits for it',
    op: () => ({ name: 'reap' }),
  },
  {
    name: 'userfaultfd',
    role: 'syscall',
    params: [{ name: 'flags', kind: 'uffd-features' }],
    gives: 'result',
    summary: 'open a userfaultfd; the features of its UFFDIO_API stand with the flags: userfaultfd(2)',
    op: ([flags = 0n]) => ({ name: 'userfaultfd', features: featuresOf(flags) }),
  },
  {
    name: 'uffd_register',
    role: 'event',
    params: [address('addr'), length('len'), { name: 'mode', kind: 'uffd-mode' }],
    gives: 'result',
    summary: 'have the userfaultfd hear of faults in a range: UFFDIO_REGISTER',
    op: ([addr = 0n, len = 0n, mode = 0n]) => ({ name: 'uffd_register', addr: u64(addr), length: u64(len), mode: modeOf(mode) }),
  },
  {
    name: 'uffd_unregister',
    role: 'event',
    params: [address('addr'), length('len')],
    gives: 'result',
    summary: 'no longer hear of faults in a range: UFFDIO_UNREGISTER',
    op: ([addr = 0n, len = 0n]) => ({ name: 'uffd_unregister', addr: u64(addr), length: u64(len) }),
  },
  {
    name: 'uffd_writeprotect',
    role: 'event',
    params: [address('addr'), length('len'), { name: 'protect', kind: 'switch' }],
    gives: 'result',
    summary: 'write-protect what is present in a range, or take that back: UFFDIO_WRITEPROTECT',
    op: ([addr = 0n, len = 0n, protect = 0n]) => ({ name: 'uffd_writeprotect', addr: u64(addr), length: u64(len), protect: protect !== 0n }),
  },
  {
    name: 'uffd_close',
    role: 'event',
    params: [],
    gives: 'result',
    summary: 'close the userfaultfd; every registration ends',
    op: () => ({ name: 'uffd_close' }),
  },
  {
    name: 'memset',
    role: 'access',
    params: [address('p'), { name: 'byte', kind: 'byte' }, length('n')],
    gives: 'result',
    summary: 'set n bytes at p',
    op: ([p = 0n, byte = 0n, n = 0n]) => ({ name: 'memset', addr: u64(p), byte: toByte(byte), length: u64(n) }),
  },
  {
    name: 'touch',
    role: 'access',
    params: [address('p'), length('n')],
    gives: 'result',
    summary: 'write-fault every page of n bytes at p',
    op: ([p = 0n, n = 0n]) => ({ name: 'touch', addr: u64(p), length: u64(n) }),
  },
  {
    name: 'peek',
    role: 'access',
    params: [address('p')],
    gives: 'integer',
    summary: 'the byte at p',
    op: ([p = 0n]) => ({ name: 'peek', addr: u64(p) }),
  },
  {
    name: 'poke',
    role: 'access',
    params: [address('p'), { name: 'byte', kind: 'byte' }],
    gives: 'result',
    summary: 'store a byte at p',
    op: ([p = 0n, byte = 0n]) => ({ name: 'poke', addr: u64(p), byte: toByte(byte) }),
  },
  {
    name: 'store_words',
    role: 'access',
    params: [address('p'), length('n'), { name: 'value', kind: 'word' }, length('stride')],
    gives: 'result',
    summary: 'store the u64 value, value + 1, ... at p, p + stride, ... below p + n',
    op: ([p = 0n, n = 0n, value = 0n, stride = 0n]) => ({ name: 'store_words', addr: u64(p), length: u64(n), value: u64(value), stride: u64(stride) }),
  },
  {
    name: 'load_words',
    role: 'access',
    params: [address('p'), length('n'), length('stride')],
    gives: 'result',
    summary: 'load a u64 at p, p + stride, ... below p + n',
    op: ([p = 0n, n = 0n, stride = 0n]) => ({ name: 'load_words', addr: u64(p), length: u64(n), stride: u64(stride) }),
  },
];

const entry = (name: string): Query => ({
  name,
  role: 'query',
  params: [address('p')],
  gives: 'entry',
  summary: `the ${name.toUpperCase()} entry that maps p`,
});

const queries: readonly Query[] = [
  { name: 'vma', role: 'query', params: [address('p')], gives: 'vma', summary: 'the VMA that contains p' },
  {
    name: 'vmas',
    role: 'query',
    params: [{ name: 'a..b', kind: 'range', optional: true }],
    gives: 'vmas',
    summary: 'the VMAs that intersect a range',
  },
  ...LEVELS.map(entry),
];

export const CALLABLES: ReadonlyMap<string, Callable> = new Map([...operations, ...queries].map((c) => [c.name, c]));

export const MODELLED_SYSCALLS: readonly string[] = operations.filter((c) => c.role === 'syscall').map((c) => c.name);

/** Names that stand for a measure of the address space as it is now. */
export const MEASURES: ReadonlyMap<string, string> = new Map([
  ['rss', 'bytes of memory present (VmRSS)'],
  ['map_count', 'VMAs, those of the process image too'],
  ['locked', 'bytes locked (VmLck)'],
]);

/** As a man page's synopsis has it: `munmap(addr, length)`. */
export function signature(c: Callable): string {
  const names = c.params.map((p, i) => `${p.optional === true ? '[' : ''}${i > 0 ? ', ' : ''}${p.name}`);
  return `${c.name}(${names.join('')}${']'.repeat(c.params.filter((p) => p.optional).length)})`;
}

/** How messages name an argument: `length` of `munmap`. */
export const ofParam = (param: Param, of: Signature): string => `\`${param.name}\` of \`${of.name}\``;

/** What a value may be where a parameter of that kind stands; undefined where any 64-bit value may. */
export function rangeOf(kind: ParamKind): { min: bigint; max: bigint; text: string } | undefined {
  switch (kind) {
    case 'byte':
      return { min: -128n, max: 255n, text: 'the values of a byte' };
    case 'prot':
    case 'map-flags':
    case 'mremap-flags':
    case 'mlock-flags':
    case 'mlockall-flags':
    case 'advice':
    case 'resource':
    case 'uffd-features':
    case 'uffd-mode':
    case 'flags':
    case 'number':
    case 'fd':
      return { min: -(1n << 31n), max: (1n << 32n) - 1n, text: '32 bits' };
    case 'switch':
      return { min: 0n, max: 1n, text: '0 and 1' };
    case 'address':
    case 'length':
    case 'offset':
    case 'range':
    case 'word':
    case 'text':
    case 'rlimit':
      return undefined;
  }
}

export function fits(kind: ParamKind, value: bigint): boolean {
  const range = rangeOf(kind);
  return range === undefined ? fitsU64(value) : value >= range.min && value <= range.max;
}

/** Where the kernel chooses the address, so that a claim can say which. */
export function choosesAddress(op: Op): op is MmapCall | MremapCall {
  switch (op.name) {
    case 'mmap':
      return (op.flags & (MAP.MAP_FIXED | MAP.MAP_FIXED_NOREPLACE)) === 0;
    case 'mremap':
      return (op.flags & MREMAP.MREMAP_MAYMOVE) !== 0 && (op.flags & MREMAP.MREMAP_FIXED) === 0;
    default:
      return false;
  }
}

/** Whether the result is a file descriptor, which a log may number otherwise. */
export const givesFd = (op: Op): boolean => op.name === 'userfaultfd' || op.name === 'memfd';

const RESOURCES: ReadonlySet<string> = new Set(['RLIMIT_AS', 'RLIMIT_DATA', 'RLIMIT_MEMLOCK', 'RLIMIT_STACK'] satisfies Resource[]);
const isResource = (name: string): name is Resource => RESOURCES.has(name);

/** What memory calls never compare with, and a question for a limit, change nothing. */
function rlimitOp(resource: bigint, limit: bigint | undefined): Op {
  const name = Object.entries(RLIMIT).find(([, n]) => BigInt(n) === resource)?.[0] ?? `${resource}`;
  if (limit === undefined || !isResource(name)) return { name: 'getrlimit', resource: name };
  return { name: 'setrlimit', resource: name, limit: limit === RLIM_INFINITY ? null : limit };
}

const FEATURE = 'UFFD_FEATURE_';

const featuresOf = (flags: bigint): UffdFeature[] =>
  flagNames(UFFD_FEATURE, bits(flags)).names.filter((n) => n.startsWith(FEATURE)).map((n) => n.slice(FEATURE.length) as UffdFeature);

function modeOf(mode: bigint): 'MISSING' | 'WP' | 'MINOR' {
  if (bits(mode) & UFFD_MODE.UFFDIO_REGISTER_MODE_WP) return 'WP';
  return bits(mode) & UFFD_MODE.UFFDIO_REGISTER_MODE_MINOR ? 'MINOR' : 'MISSING';
}

const toFd = (fd: bigint): number => Number(BigInt.asIntN(32, fd));
const bits = (x: bigint): number => Number(BigInt.asUintN(32, x));
const toByte = (x: bigint): number => Number(BigInt.asUintN(8, x));
