/** Logs do not show what a process was allowed: rlimits, capabilities, sysctls. A success shows that it was enough. */
import type { Op, OpRecord } from '../../machine/index.js';
import type { Bound } from './bound.js';

/** Checks that compare with a limit (see sim/): what they refuse may have been granted to a process that had more. */
const LIMITS = /rlimit|map_count|commit|hugetlb_pool|not_permitted|below_min_addr|\.locked$/;

export const isLimit = (check: string): boolean => LIMITS.test(check);
export const wasLimited = ({ result }: OpRecord): boolean => result.kind === 'errno' && isLimit(result.refusal.check);

const PLENTY = 1n << 30n;

const LIFTING: readonly Op[] = [
  { name: 'capability', capability: 'CAP_IPC_LOCK', held: true },
  { name: 'capability', capability: 'CAP_SYS_RAWIO', held: true },
  { name: 'setrlimit', resource: 'RLIMIT_AS', limit: null },
  { name: 'setrlimit', resource: 'RLIMIT_DATA', limit: null },
  { name: 'setrlimit', resource: 'RLIMIT_MEMLOCK', limit: null },
  { name: 'sysctl', key: 'vm.max_map_count', value: PLENTY },
  { name: 'sysctl', key: 'vm.overcommit_memory', value: 1n },
  { name: 'sysctl', key: 'vm.nr_hugepages', value: PLENTY },
];

export function liftLimits(bound: Bound): void {
  for (const op of LIFTING) bound.perform(op);
}
