/** The system calls, as strace prints them. */
import { flagNames, MAP, MREMAP, RLIM_INFINITY, RLIMIT, UFFD_FEATURE } from '../constants.js';
import { hex, size } from '../format.js';
import type {
  BrkCall, CloseCall, FtruncateCall, MadviseCall, MincoreCall, Mlock2Call, MlockallCall, MlockCall, MmapCall, MprotectCall, MremapCall, MsealCall, MunlockallCall,
  MunmapCall, Op, Resource, UffdCall, UffdFeature,
} from '../op.js'; // prettier-ignore
import { address, describe, length, optional, ownRange, type Call } from './descriptor.js';
import { argumentText, bits, toFd } from './parameter.js';

const mmap = describe<MmapCall>('mmap', {
  name: 'mmap',
  role: 'syscall',
  params: [
    { ...address('addr'), orNull: true },
    length('length'),
    { name: 'prot', kind: 'prot' },
    { name: 'flags', kind: 'map-flags' },
    { name: 'fd', kind: 'fd', optional: true, absent: -1n },
    { name: 'offset', kind: 'offset', optional: true },
  ],
  summary: 'map pages: mmap(2)',
  needs: (flags) => ((flags & BigInt(MAP.MAP_ANONYMOUS)) === 0n ? 'fd' : undefined),
  logged: ['mmap', 'mmap2', 'old_mmap'],
  answers: 'address',
  choosesAddress: ({ flags }) => (flags & (MAP.MAP_FIXED | MAP.MAP_FIXED_NOREPLACE)) === 0,
  keepsTags: true,
  replaces: (op) => ((op.flags & MAP.MAP_FIXED) === 0 ? undefined : ownRange(op)),
  result: (op, value) => ({ addr: value, length: op.length }),
  opens: (op, value) => ({ addr: value, length: op.length }),
  outcome: (op, value) => `mmap mapped ${size(op.length)} at ${hex(value)}`,
});

const munmap = describe<MunmapCall>('munmap', {
  name: 'munmap',
  role: 'syscall',
  params: [address('addr'), length('length')],
  summary: 'unmap pages: munmap(2)',
  logged: ['munmap'],
  range: ownRange,
  frees: true,
  outcome: (op) => `munmap unmapped ${size(op.length)} at ${hex(op.addr)}`,
  inRaces: true,
});

const MREMAP_PARAMS = [address('old_address'), length('old_size'), length('new_size'), { name: 'flags', kind: 'mremap-flags' }, optional(address('new_address'))] as const;

const mremap = describe<MremapCall>('mremap', {
  name: 'mremap',
  role: 'syscall',
  params: MREMAP_PARAMS,
  summary: 'resize or move a mapping: mremap(2)',
  needs: (flags) => ((flags & BigInt(MREMAP.MREMAP_FIXED)) === 0n ? undefined : 'new_address'),
  // strace leaves out an address that the flags do not ask for.
  print: (op) => {
    const shown = (op.flags & (MREMAP.MREMAP_FIXED | MREMAP.MREMAP_DONTUNMAP)) !== 0 ? MREMAP_PARAMS : MREMAP_PARAMS.slice(0, -1);
    return `mremap(${shown.map((p) => argumentText(p, op[p.name as keyof MremapCall])).join(', ')})`;
  },
  logged: ['mremap'],
  answers: 'address',
  choosesAddress: ({ flags }) => (flags & MREMAP.MREMAP_MAYMOVE) !== 0 && (flags & MREMAP.MREMAP_FIXED) === 0,
  keepsTags: true,
  range: (op) => ({ addr: op.old_address, length: op.old_size }),
  impliesMapped: true,
  frees: true,
  result: (op, value) => ({ addr: value, length: op.new_size }),
  opens: (op, value) => ({ addr: value, length: op.new_size }),
  outcome: mremapOutcome,
  inRaces: true,
});

function mremapOutcome(op: MremapCall, value: bigint): string {
  const [from, to] = [size(op.old_size), size(op.new_size)];
  const resized = op.new_size === op.old_size ? '' : op.new_size > op.old_size ? `, grown to ${to}` : `, shrunk to ${to}`;
  if (value === op.old_address) {
    const verb = op.new_size === op.old_size ? 'left' : op.new_size > op.old_size ? 'grew' : 'shrank';
    return verb === 'left' ? `mremap left ${from} at ${hex(value)} as it was` : `mremap ${verb} ${from} to ${to} in place at ${hex(value)}`;
  }
  if (op.old_size === 0n) return `mremap mapped ${to} of ${hex(op.old_address)} a second time at ${hex(value)}`;
  const kept = (op.flags & MREMAP.MREMAP_DONTUNMAP) !== 0 ? ', the source stays mapped' : '';
  return `mremap moved ${from} from ${hex(op.old_address)} to ${hex(value)}${resized}${kept}`;
}

const mprotect = describe<MprotectCall>('mprotect', {
  name: 'mprotect',
  role: 'syscall',
  params: [address('addr'), length('len', 'length'), { name: 'prot', kind: 'prot' }],
  summary: 'change what may be done with pages: mprotect(2)',
  // With a protection key, which is left out.
  logged: ['mprotect', 'pkey_mprotect'],
  range: ownRange,
  impliesMapped: true,
  opens: ownRange,
  inRaces: true,
});

const madvise = describe<MadviseCall>('madvise', {
  name: 'madvise',
  role: 'syscall',
  params: [address('addr'), length('length'), { name: 'advice', kind: 'advice' }],
  summary: 'say how pages will be used, or give them up: madvise(2)',
  logged: ['madvise'],
  range: ownRange,
  impliesMapped: true,
  inRaces: true,
});

const LOCKS = { mlock: 'keep pages in memory: mlock(2)', munlock: 'no longer keep pages in memory: munlock(2)' } as const;

const lock = (name: 'mlock' | 'munlock'): Call<MlockCall> =>
  describe<MlockCall>(name, {
    name,
    role: 'syscall',
    params: [address('addr'), length('len', 'length')],
    summary: LOCKS[name],
    logged: [name],
    range: ownRange,
    impliesMapped: true,
  });

const mlock2 = describe<Mlock2Call>('mlock2', {
  name: 'mlock2',
  role: 'syscall',
  params: [address('addr'), length('len', 'length'), { name: 'flags', kind: 'mlock-flags' }],
  summary: 'keep pages in memory, maybe only once they are there: mlock2(2)',
  logged: ['mlock2'],
  range: ownRange,
  impliesMapped: true,
});

const mlockall = describe<MlockallCall>('mlockall', {
  name: 'mlockall',
  role: 'syscall',
  params: [{ name: 'flags', kind: 'mlockall-flags' }],
  summary: 'keep every page in memory: mlockall(2)',
  logged: ['mlockall'],
});

const munlockall = describe<MunlockallCall>('munlockall', {
  name: 'munlockall',
  role: 'syscall',
  params: [],
  summary: 'no longer keep any page in memory: munlockall(2)',
  logged: ['munlockall'],
});

const mseal = describe<MsealCall>('mseal', {
  name: 'mseal',
  role: 'syscall',
  params: [address('addr'), length('len', 'length'), { name: 'flags', kind: 'flags' }],
  summary: 'let a mapping never be changed again: mseal(2)',
  logged: ['mseal'],
  range: ownRange,
  impliesMapped: true,
});

const mincore = describe<MincoreCall>('mincore', {
  name: 'mincore',
  role: 'syscall',
  params: [address('addr'), length('length'), optional(address('vec'))],
  summary: 'ask which pages are in memory; `show steps` tells how many: mincore(2)',
  range: ownRange,
  impliesMapped: true,
});

const brk = describe<BrkCall>('brk', {
  name: 'brk',
  role: 'syscall',
  params: [{ ...address('addr'), orNull: true }],
  summary: 'move the end of the heap; brk(NULL) asks where it is: brk(2)',
  logged: ['brk'],
  answers: 'address',
  keepsTags: true,
  range: ({ addr }) => (addr === 0n ? undefined : { addr: addr - 1n, length: 1n }),
});

const rlimitParams = [
  { name: 'resource', kind: 'resource' },
  { name: 'rlim', kind: 'rlimit' },
] as const;

/** What memory calls never compare with, and a question for a limit, change nothing. */
function rlimitOp(resource: bigint, limit: bigint | undefined): Op {
  const name = Object.entries(RLIMIT).find(([, n]) => BigInt(n) === resource)?.[0] ?? `${resource}`;
  if (limit === undefined || !isResource(name)) return { name: 'getrlimit', resource: name };
  return { name: 'setrlimit', resource: name, limit: limit === RLIM_INFINITY ? null : limit };
}

const RESOURCES: ReadonlySet<string> = new Set(['RLIMIT_AS', 'RLIMIT_DATA', 'RLIMIT_MEMLOCK', 'RLIMIT_STACK'] satisfies Resource[]);
const isResource = (name: string): name is Resource => RESOURCES.has(name);

function rlimitText(op: Op): string {
  if (op.name === 'setrlimit') return `setrlimit(${op.resource}, {rlim_cur=${op.limit === null ? 'RLIM_INFINITY' : op.limit}, ...})`;
  return op.name === 'getrlimit' ? `getrlimit(${op.resource})` : op.name;
}

const limits: readonly Call[] = [
  {
    name: 'setrlimit',
    role: 'syscall',
    params: rlimitParams,
    gives: 'result',
    summary: 'set a limit: setrlimit(2)',
    op: ([resource = 0n, limit]) => rlimitOp(resource, limit),
    print: rlimitText,
  },
  {
    name: 'getrlimit',
    role: 'syscall',
    params: rlimitParams,
    gives: 'result',
    summary: 'ask for a limit: getrlimit(2)',
    op: ([resource = 0n]) => rlimitOp(resource, undefined),
    print: rlimitText,
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
    print: rlimitText,
  },
];

const ftruncate = describe<FtruncateCall>('ftruncate', {
  name: 'ftruncate',
  role: 'syscall',
  params: [{ name: 'fd', kind: 'fd' }, length('length')],
  summary: 'change the size of a file: ftruncate(2)',
  op: ([fd = -1n, bytes = 0n]) => ({ name: 'ftruncate', fd: toFd(fd), length: BigInt.asIntN(64, bytes) }),
  inRaces: true,
});

const close = describe<CloseCall>('close', {
  name: 'close',
  role: 'syscall',
  params: [{ name: 'fd', kind: 'fd', absent: -1n }],
  summary: 'close a file; what is mapped of it stays: close(2)',
});

const FEATURE = 'UFFD_FEATURE_';

const featuresOf = (flags: bigint): UffdFeature[] =>
  flagNames(UFFD_FEATURE, bits(flags))
    .names.filter((n) => n.startsWith(FEATURE))
    .map((n) => n.slice(FEATURE.length) as UffdFeature);

const userfaultfd = describe<Extract<UffdCall, { name: 'userfaultfd' }>>('userfaultfd', {
  name: 'userfaultfd',
  role: 'syscall',
  params: [{ name: 'flags', kind: 'uffd-features' }],
  summary: 'open a userfaultfd; the features of its UFFDIO_API stand with the flags: userfaultfd(2)',
  op: ([flags = 0n]) => ({ name: 'userfaultfd', features: featuresOf(flags) }),
  print: (op) => `userfaultfd(${op.features.join('|') || '0'})`,
  answers: 'fd',
});

export const SYSCALLS: readonly Call[] = [
  mmap,
  munmap,
  mremap,
  mprotect,
  madvise,
  lock('mlock'),
  mlock2,
  lock('munlock'),
  mlockall,
  munlockall,
  mseal,
  mincore,
  brk,
  ...limits,
  ftruncate,
  close,
  userfaultfd,
];
