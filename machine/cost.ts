/**
 * A modelled time beside the exact counts: what a call would take on a machine, from what its steps
 * cost one by one. The parameters come from published measurements and are rough; ratios between
 * calls mean more than any single figure, and a machine of your own can be calibrated.
 */
import type { CostParameters } from './cost-parameters.js';
import type { Geometry } from './geometry.js';
import type { MoveCounters, OpRecord } from './record.js';
import type { AddressSpace } from './space.js';

/**
 * x86-64: 1 GiB moved by PTEs 3.49 ms, by PMDs 150 to 206 us, by one PUD up to 15.6 us (commit
 * 2c91bd4a4e2e, v5.0, and the PUD moves of v5.11). arm64: 1134 us by PMDs, up to 59 us by a PUD.
 */
export const COSTS: Readonly<Record<Geometry['arch'], CostParameters>> = {
  'x86-64': { call: 5000, pud: 350, pmd: 350, pte: 12, scan: 1.5, table: 300, relocate: 60, flush: 100, shootdown: 2000, cpus: 0 },
  arm64: { call: 10_000, pud: 2200, pmd: 2200, pte: 12, scan: 1.5, table: 300, relocate: 60, flush: 100, shootdown: 2000, cpus: 0 },
};

/** The kinds of steps that are counted, in the order in which tables list them. */
export const COST_NAMES = ['call', 'pud', 'pmd', 'pte', 'scan', 'table', 'relocate', 'flush', 'shootdown'] as const satisfies readonly (keyof CostParameters)[];
/** What one kind of step is called: a key of `CostParameters`, `cpus` apart. */
export type CostName = (typeof COST_NAMES)[number];
/** How often each kind of step was taken; what is absent was not. */
export type CostCounts = Readonly<Partial<Record<CostName, number>>>;

/** One kind of step: how often, and what that comes to. */
export interface CostPart {
  readonly what: CostName;
  readonly count: number;
  readonly nanoseconds: number;
}

/** The modelled time of a call. */
export interface Cost {
  readonly nanoseconds: number;
  /** The parts that cost anything, the most expensive first. */
  readonly parts: readonly CostPart[];
}

/** The parameters of the machine that made the record: calibrated, or as published. */
const costsOf = ({ after: { geometry } }: OpRecord): CostParameters => (geometry.costs?.arch === geometry.arch ? geometry.costs.costs : COSTS[geometry.arch]);

/** How often a call took each kind of step. */
export function costCounts(record: OpRecord, cpus: number): Readonly<Record<CostName, number>> {
  const { moved, moves, tables } = record;
  const covered = moves.reduce((n, m) => (m.kind === 'pte' ? n + m.pages : n), 0);
  return {
    call: 1,
    pud: moved.pud,
    pmd: moved.pmd + moved.huge_pmd,
    pte: moved.pte,
    scan: Math.max(0, covered - moved.pte),
    table: Object.values(tables.allocated).reduce((n, t) => n + t, 0),
    relocate: record.relocation === undefined ? 0 : record.relocation.folios + record.relocation.undone,
    // The flush of a table move is part of its figure.
    flush: moved.flush - moved.pmd - moved.pud,
    shootdown: (moved.flush + moved.huge_flush) * cpus,
  };
}

/** How often page-table locks are taken: once for a pair of PTE tables in move_ptes(), once for each entry that moves whole. */
export const locksTaken = (m: MoveCounters): number => m.move_ptes + m.pmd + m.huge_pmd + m.pud + m.huge_pud;

/**
 * The modelled time of a call, in nanoseconds, and what it is made of.
 * @param parameters default: those of the record's machine, calibrated if it is, else as published
 */
export function costOf(record: OpRecord, parameters: CostParameters = costsOf(record)): Cost {
  const counts = costCounts(record, parameters.cpus);
  const parts = COST_NAMES.map((what): CostPart => ({ what, count: counts[what], nanoseconds: counts[what] * parameters[what] }))
    .filter((p) => p.nanoseconds > 0)
    .sort((a, b) => b.nanoseconds - a.nanoseconds);
  return { nanoseconds: parts.reduce((n, p) => n + p.nanoseconds, 0), parts };
}

/** The sizes of the structures in bytes on 64 bits: approximate, as they depend on the kernel's configuration. */
const METADATA = { vma: 192, anonVma: 104, chain: 64 } as const;

/** Kernel memory that an address space costs besides its page tables. */
export interface Metadata {
  readonly vmas: number;
  readonly anonVmas: number;
  /** anon_vma_chains, the links between VMAs and anon_vmas. */
  readonly chains: number;
  readonly bytes: number;
}

/**
 * The VMAs, anon_vmas and their links that an address space has, and about how many bytes of kernel memory they take
 * (struct vm_area_struct, anon_vma and anon_vma_chain, include/linux/mm_types.h and rmap.h, on 64 bits).
 */
export function metadataOf(space: AddressSpace): Metadata {
  const anonVmas = new Set<number>();
  let [vmas, chains] = [0, 0];
  for (const vma of space.vmas()) {
    vmas += 1;
    chains += vma.chainLength;
    if (vma.anonVma !== null) anonVmas.add(vma.anonVma);
  }
  return { vmas, anonVmas: anonVmas.size, chains, bytes: vmas * METADATA.vma + chains * METADATA.chain + anonVmas.size * METADATA.anonVma };
}

/** `6.3 ms`, `4.2 us`, `350 ns` */
export function duration(nanoseconds: number): string {
  const units: readonly [number, string][] = [
    [1e9, 's'],
    [1e6, 'ms'],
    [1e3, 'us'],
  ];
  const [size, unit] = units.find(([s]) => nanoseconds >= s) ?? [1, 'ns'];
  const value = nanoseconds / size;
  return `${value >= 100 || Number.isInteger(value) ? Math.round(value) : value.toPrecision(2)} ${unit}`;
}
