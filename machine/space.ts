/**
 * An address space as it was at one moment: what maps, smaps and pagemap would show, and the page
 * tables that no file shows. Immutable; it shares its structure with the spaces before and after it.
 * Everything is counted in pages; ranges are half-open.
 */
import type { Geometry, LevelName } from './geometry.js';
import type { Pages, Vpn } from './number.js';

/** One VMA (struct vm_area_struct), [start, end) in pages, as maps and smaps show it. */
export interface Vma {
  readonly start: Vpn;
  readonly end: Vpn;
  /** vm_pgoff: for private anonymous memory the page number it had when it was mapped. */
  readonly pgoff: number;
  /** As the first column of /proc/PID/maps: `rw-p`. */
  readonly perms: string;
  /** What maps prints in its last column, or `anon` for private anonymous memory. */
  readonly kind: string;
  /** Identity of the file or shared memory behind it; null for private anonymous memory. Two files may have one name. */
  readonly object: number | null;
  /** The VmFlags of smaps that are not in perms: `mr mw me ac`. */
  readonly vmFlags: string;
  /** Identity of vma->anon_vma, or null while nothing was ever written. */
  readonly anonVma: number | null;
  /** Length of vma->anon_vma_chain. */
  readonly chainLength: number;
  /** Pages of it that huge entries map (AnonHugePages); the huge zero page is none of them. */
  readonly hugePages: Pages;
  /** Part of the process's own image (binary, stack), not of the scenario. */
  readonly background: boolean;
}

/** What the anon_vma of a VMA says about itself (struct anon_vma). */
export interface AnonVmaInfo {
  readonly id: number;
  readonly root: number;
  readonly numActiveVmas: number;
  readonly numChildren: number;
}

/**
 * a: anonymous, mapped once; A: mapped more than once; z: the zero page; f: file or shmem;
 * w, W, g, y: the same, write-protected by a userfaultfd; S: an entry that is no page (a guard).
 */
export type PageKind = 'a' | 'A' | 'z' | 'f' | 'w' | 'W' | 'g' | 'y' | 'S';

/** Present pages that behave alike: page i has frame `pfn + i`, and `word + i*wordStep` as its first u64. */
export interface PageRun {
  readonly start: Vpn;
  readonly count: Pages;
  readonly kind: PageKind;
  /** First frame number; the zero page has none. */
  readonly pfn: number | null;
  /** The u64 at the start of the first page. */
  readonly word: bigint;
  /** 1 where page i holds word + i, 0 where all hold the same. */
  readonly wordStep: bigint;
}

/** Page tables of one level, side by side: table i covers [start + i*span, start + (i+1)*span). */
export interface TableRun {
  /** The level of the entries these tables hold: a `pte` table covers 2 MiB on x86-64. */
  readonly level: LevelName;
  readonly start: Vpn;
  /** Pages that one table covers. */
  readonly span: Pages;
  readonly count: number;
  /** Identity of the first table's page among the tables of its level; the others follow on. */
  readonly id: number;
}

/** What an address space uses, in pages: the counters of /proc/PID/status. */
export interface Usage {
  /** VmSize, VmData, VmLck, RssAnon + RssFile + RssShmem, in pages. */
  readonly totalVm: Pages;
  readonly dataVm: Pages;
  readonly lockedVm: Pages;
  readonly rss: Pages;
  /** What the process is charged for against the commit limit: its part of Committed_AS. */
  readonly committed: Pages;
  /** Tables by the level of their entries; the root is not counted. */
  readonly tables: Readonly<Record<LevelName, number>>;
  /** VmPTE in pages (mm_pgtables_bytes()): PTE, PMD and PUD tables. Nobody counts those of P4D entries. */
  readonly tablePages: Pages;
}

/** One level of the walk that the MMU makes to translate a page, from the root down. */
export interface WalkEntry {
  /** The level of the entry looked at. */
  readonly level: LevelName;
  /** Index within its table. */
  readonly index: number;
  readonly state: 'none' | 'table' | 'page';
  /** Identity of the table the entry stands in, among those of its level; null for the root. */
  readonly table: number | null;
}

/** An address space at one moment. All addresses are page numbers but that of `byteAt`. */
export interface AddressSpace {
  readonly geometry: Geometry;
  /** mm->map_count: every VMA, those of the process image too. */
  readonly mapCount: number;
  readonly usage: Usage;
  /** VMAs that intersect [from, to), ascending; all by default. Those of the process image come too. */
  vmas(from?: Vpn, to?: Vpn): Iterable<Vma>;
  /** The VMA that contains the page. */
  vmaAt(at: Vpn): Vma | undefined;
  /** The anon_vma of that identity (`Vma.anonVma`); undefined where no VMA has it. */
  anonVma(id: number): AnonVmaInfo | undefined;
  /** Present pages in [from, to), ascending, clipped to it; all by default. */
  pages(from?: Vpn, to?: Vpn): Iterable<PageRun>;
  /** Tables that hold entries of that level and intersect [from, to), ascending. */
  tables(level: LevelName, from?: Vpn, to?: Vpn): Iterable<TableRun>;
  /** The walk to a page; it ends at the first `none` or `page`. */
  walk(at: Vpn): readonly WalkEntry[];
  /** The byte at an address if its page is present, without faulting anything in. */
  byteAt(at: bigint): number | undefined;
}
