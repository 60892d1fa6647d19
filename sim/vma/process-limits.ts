/** What the calls of a process are compared with: rlimits, the commit limit, capabilities, sysctls. The comparing itself is in limits.ts. */
import { toVpn, type Bytes, type Capability, type Geometry, type Pages, type Resource, type Vpn } from '../../machine/index.js';

/** Settings of the machine and the process that the calls compare with. */
export interface Limits {
  /** vm.max_map_count */
  maxMapCount: number;
  /** vm.mmap_min_addr, in pages */
  mmapMinAddr: Vpn;
  /** CONFIG_LSM_MMAP_MIN_ADDR, in pages: hints and stacks stay above it whatever the sysctl says. */
  readonly lsmMmapMinAddr: Vpn;
  /** rlim_cur in pages, with fractions, so that a limit of one byte is not 0. Infinity for RLIM_INFINITY. */
  readonly rlimits: Record<Resource, Pages>;
  readonly capabilities: Set<Capability>;
  /** vm.overcommit_memory */
  overcommit: 0 | 1 | 2;
  /** vm.overcommit_ratio, in percent */
  overcommitRatio: number;
  /** /sys/kernel/mm/transparent_hugepage/enabled */
  thp: 'always' | 'madvise' | 'never';
  /** RAM and swap, for the commit limit. */
  readonly ram: Pages;
  readonly swap: Pages;
}

/** RAM of a machine that a scenario says nothing of: what a good desktop has. */
const DEFAULT_RAM: Bytes = 64n << 30n;

export function defaultLimits(g: Geometry, ram: Bytes = DEFAULT_RAM): Limits {
  return {
    maxMapCount: 65530,
    mmapMinAddr: 1,
    lsmMmapMinAddr: 16,
    rlimits: { RLIMIT_AS: Infinity, RLIMIT_DATA: Infinity, RLIMIT_MEMLOCK: 2048, RLIMIT_STACK: 2048 },
    capabilities: new Set(),
    overcommit: 0,
    overcommitRatio: 50,
    thp: 'madvise',
    ram: toVpn(g, ram),
    swap: 0,
  };
}
