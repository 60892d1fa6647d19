/** The one table of what can be called; checker, interpreter and completion all read it. */
import { fitsU64, MAP, MREMAP, type MmapCall, type MremapCall, type Op } from '../../machine/index.js';
import { address, type Callable, type Operation, type Param, type ParamKind, type Query, type Signature } from './calls/callable.js';
import { ACCESSES, EVENTS } from './calls/events.js';
import { SYSCALLS } from './calls/syscalls.js';
import { LEVELS } from './values.js';

export type { Callable, Operation, Param, ParamKind, Query } from './calls/callable.js';

const OPERATIONS: readonly Operation[] = [...SYSCALLS, ...EVENTS, ...ACCESSES];

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
  { name: 'folio', role: 'query', params: [address('p')], gives: 'folio', summary: 'the folio of the page at p' },
];

export const CALLABLES: ReadonlyMap<string, Callable> = new Map([...OPERATIONS, ...queries].map((c) => [c.name, c]));

/** What the thread of a race may call. */
export const RACE_CALLS: ReadonlySet<string> = new Set([
  'mremap', 'munmap', 'madvise', 'peek', 'poke', 'memset', 'touch', 'pin', 'unpin', 'swap_out', 'migrate', 'rmap_walk', 'collapse', 'ftruncate', 'fork', 'exec_stack',
]); // prettier-ignore

export const MODELLED_SYSCALLS: readonly string[] = OPERATIONS.filter((c) => c.role === 'syscall').map((c) => c.name);

/** Names that stand for a measure of the address space as it is now. */
export const MEASURES: ReadonlyMap<string, string> = new Map([
  ['rss', 'bytes of memory present (VmRSS)'],
  ['map_count', 'VMAs, those of the process image too'],
  ['locked', 'bytes locked (VmLck)'],
  ['metadata', 'bytes of kernel memory for the VMAs, their anon_vmas and the links between them, roughly'],
  ['committed', 'bytes charged against the commit limit (its part of Committed_AS)'],
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
