/** The system calls, as strace prints them. */
import {
  flagNames, MAP, MREMAP, RLIM_INFINITY, RLIMIT, u64, UFFD_FEATURE, type MmapCall, type MremapCall, type Op, type Resource, type UffdFeature,
} from '../../../machine/index.js'; // prettier-ignore
import { address, bits, length, optional, toFd, type Operation } from './callable.js';

export const SYSCALLS: readonly Operation[] = [
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
    params: [address('old_address'), length('old_size'), length('new_size'), { name: 'flags', kind: 'mremap-flags' }, optional(address('new_address'))],
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
    params: [
      { name: 'resource', kind: 'resource' },
      { name: 'rlim', kind: 'rlimit' },
    ],
    gives: 'result',
    summary: 'set a limit: setrlimit(2)',
    op: ([resource = 0n, limit]) => rlimitOp(resource, limit),
  },
  {
    name: 'getrlimit',
    role: 'syscall',
    params: [
      { name: 'resource', kind: 'resource' },
      { name: 'rlim', kind: 'rlimit' },
    ],
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
    name: 'userfaultfd',
    role: 'syscall',
    params: [{ name: 'flags', kind: 'uffd-features' }],
    gives: 'result',
    summary: 'open a userfaultfd; the features of its UFFDIO_API stand with the flags: userfaultfd(2)',
    op: ([flags = 0n]) => ({ name: 'userfaultfd', features: featuresOf(flags) }),
  },
];

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
  flagNames(UFFD_FEATURE, bits(flags))
    .names.filter((n) => n.startsWith(FEATURE))
    .map((n) => n.slice(FEATURE.length) as UffdFeature);
