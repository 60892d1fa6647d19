/** What can be called: the operations of the machine, and questions about the address space. Checker, interpreter and completion all read this table. */
import { CALLS, fitsU64, type Call, type Param, type ParamKind } from '../../machine/index.js';
import { LEVELS, type Kind } from './values.js';

/** A question about the address space; `queries.ts` answers it. */
export interface Query {
  readonly role: 'query';
  readonly name: string;
  readonly params: readonly Param[];
  /** What kind of value it gives. */
  readonly gives: Kind;
  /** One line of help. */
  readonly summary: string;
}

export type Callable = Call | Query;

const p: Param = { name: 'p', kind: 'address' };

const entry = (name: string): Query => ({
  name,
  role: 'query',
  params: [p],
  gives: 'entry',
  summary: `the ${name.toUpperCase()} entry that maps p`,
});

const queries: readonly Query[] = [
  { name: 'vma', role: 'query', params: [p], gives: 'vma', summary: 'the VMA that contains p' },
  {
    name: 'vmas',
    role: 'query',
    params: [{ name: 'a..b', kind: 'range', optional: true }],
    gives: 'vmas',
    summary: 'the VMAs that intersect a range',
  },
  ...LEVELS.map(entry),
  { name: 'folio', role: 'query', params: [p], gives: 'folio', summary: 'the folio of the page at p' },
];

export const CALLABLES: ReadonlyMap<string, Callable> = new Map([...CALLS, ...queries].map((c) => [c.name, c]));

export const MODELLED_SYSCALLS: readonly string[] = CALLS.filter((c) => c.role === 'syscall').map((c) => c.name);

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
export const ofParam = (param: Param, of: Pick<Callable, 'name'>): string => `\`${param.name}\` of \`${of.name}\``;

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
