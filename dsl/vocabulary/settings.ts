/** What `set` can set: limits of the process, files below /proc/sys, huge pages, capabilities. */
import type { Expression } from '../syntax/ast.js';
import type { Capability, Op, Resource, Sysctl } from '../../machine/index.js';

export interface Setting {
  /** `size`: a number of bytes, or `unlimited`; `number`; `flag`: true or false. */
  readonly takes: 'size' | 'number' | 'flag' | 'word';
  /** What a word may be; its value is its place here. */
  readonly words?: readonly string[];
  readonly summary: string;
  /** The operation; of a size `null` is unlimited, of a flag 1 is true. */
  readonly op: (value: bigint | null) => Op;
}

const rlimit = (resource: Resource, summary: string): Setting => ({
  takes: 'size',
  summary,
  op: (limit) => ({ name: 'setrlimit', resource, limit }),
});

const sysctl = (key: Sysctl, summary: string): Setting => ({
  takes: 'number',
  summary,
  op: (value) => ({ name: 'sysctl', key, value: value ?? 0n }),
});

const capability = (name: Capability, summary: string): Setting => ({
  takes: 'flag',
  summary,
  op: (held) => ({ name: 'capability', capability: name, held: held === 1n }),
});

const THP = ['always', 'madvise', 'never'] as const;

export const SETTINGS: Readonly<Record<string, Setting>> = {
  'rlimit.as': rlimit('RLIMIT_AS', 'bytes of address space'),
  'rlimit.data': rlimit('RLIMIT_DATA', 'bytes of private writable memory'),
  'rlimit.memlock': rlimit('RLIMIT_MEMLOCK', 'bytes that may be locked'),
  'rlimit.stack': rlimit('RLIMIT_STACK', 'bytes a stack may grow to'),
  'sysctl.max_map_count': sysctl('vm.max_map_count', 'VMAs a process may have'),
  'sysctl.mmap_min_addr': sysctl('vm.mmap_min_addr', 'the lowest address that may be mapped'),
  'sysctl.overcommit_memory': sysctl('vm.overcommit_memory', '0 guesses, 1 always, 2 never'),
  'sysctl.overcommit_ratio': sysctl('vm.overcommit_ratio', 'percent of memory that mode 2 counts in'),
  'sysctl.nr_hugepages': sysctl('vm.nr_hugepages', 'pages in the pool of MAP_HUGETLB'),
  thp: {
    takes: 'word',
    words: THP,
    summary: 'transparent huge pages: always, madvise or never',
    op: (at) => ({ name: 'thp', enabled: THP[Number(at)] ?? 'never' }),
  },
  'capability.ipc_lock': capability('CAP_IPC_LOCK', 'may lock without limit'),
  'capability.sys_rawio': capability('CAP_SYS_RAWIO', 'may map below mmap_min_addr'),
  'capability.sys_admin': capability('CAP_SYS_ADMIN', 'has a reserve under overcommit'),
};

/** The value that a word stands for, where the setting has words: `always`, `unlimited` (null). */
export function wordOf(value: Expression, setting: Setting): bigint | null | undefined {
  if (isUnlimited(value, setting)) return null;
  const at = value.kind === 'name' ? (setting.words?.indexOf(value.name) ?? -1) : -1;
  return at < 0 ? undefined : BigInt(at);
}

/** `unlimited` is a word for sizes only, and a name like any other elsewhere. */
const isUnlimited = (value: Expression, { takes }: Setting): boolean => takes === 'size' && value.kind === 'name' && value.name === 'unlimited';
