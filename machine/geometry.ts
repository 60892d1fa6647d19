/**
 * The shape of a machine's page tables, as data. Levels that the machine folds are simply absent:
 * a 3-level machine has no `pud` and its `pgd` entries span what a PUD would.
 */
import type { MachineCosts } from './cost-parameters.js';
import type { Bytes, Pages, Vpn } from './number.js';

/** A level of the page tables, named after its entries, as the kernel names them (include/linux/pgtable.h). */
export type LevelName = 'pte' | 'pmd' | 'pud' | 'p4d' | 'pgd';

/** One level of a machine's page tables. */
export interface Level {
  readonly name: LevelName;
  /** log2 of the pages that one entry of this level spans: 0 for PTEs. */
  readonly shift: number;
  /** log2 of the entries in one table of this level. */
  readonly bits: number;
}

/** A machine's page tables and address space, in pages. */
export interface Geometry {
  /** As a user reads it: `x86-64, 4 levels`. */
  readonly name: string;
  readonly arch: 'x86-64' | 'arm64';
  readonly pageShift: number;
  /** From PTE up to the root. */
  readonly levels: readonly Level[];
  /** TASK_SIZE in pages: the first page number user space cannot have. */
  readonly taskPages: Pages;
  /** DEFAULT_MAP_WINDOW in pages: what the kernel chooses freely stays below it, unless a hint lies above. */
  readonly mapWindow: Pages;
  /** TASK_UNMAPPED_BASE in pages: where the kernel starts to search upwards for a free range, after the search downwards found none. */
  readonly unmappedBase: Pages;
  /** Whether memory can be tagged (arm64's MTE): PROT_MTE is ignored where it cannot. */
  readonly mte?: boolean;
  /** How long the steps of a move take on this machine, if somebody measured it. */
  readonly costs?: MachineCosts;
}

/** A machine by name: the architecture, and where it has a choice the page size and the levels of tables. */
export interface MachineSpec {
  /** `x86-32`: a 32-bit program on a 64-bit kernel. */
  readonly arch: 'x86-64' | 'x86-32' | 'arm64';
  /** Page size in bytes. */
  readonly granule?: number;
  readonly levels?: number;
  /** Bits of a virtual address. */
  readonly va?: number;
  /** RAM in bytes, for the commit limit. */
  readonly memory?: bigint;
  /** Whether the CPU tags memory (arm64). */
  readonly mte?: boolean;
}

/** A unit a size may be written in: a page, or what one entry of a level spans. */
export type Unit = 'page' | Exclude<LevelName, 'pte'>;

/** The size of a page, in bytes. */
export const pageBytes = (g: Geometry): Bytes => 1n << BigInt(g.pageShift);

/** Pages, or the number of a page, in bytes. */
export const toBytes = (g: Geometry, pages: Vpn | Pages): Bytes => BigInt(pages) << BigInt(g.pageShift);

/** The page that holds a byte. */
export const toVpn = (g: Geometry, at: Bytes): Vpn => Number(at >> BigInt(g.pageShift));

/** The level of that name, or, where the machine folds it, the one above that takes its place. */
export function levelOf(g: Geometry, name: LevelName): Level {
  const order: readonly LevelName[] = ['pte', 'pmd', 'pud', 'p4d', 'pgd'];
  const wanted = order.indexOf(name);
  const level = g.levels.find((l) => order.indexOf(l.name) >= wanted);
  if (level === undefined) throw new RangeError(`geometry ${g.name} has no root level`);
  return level;
}

/** What one `unit` of this machine is, in bytes: `pmd` is 2 MiB on x86-64. */
export function unitBytes(g: Geometry, unit: Unit): Bytes {
  return toBytes(g, 2 ** levelOf(g, unit === 'page' ? 'pte' : unit).shift);
}
