/**
 * The port through which an operation acts. What a call decides (checks, lookups, limits, merging,
 * splitting, charging) it does on the VMAs and counters of its `Mm`, under the mmap lock, where nobody
 * can interfere; what another CPU can see happen goes through here, in the kernel's order. On a machine
 * each act is carried out at once, over runs of pages (pagetable/effects.ts). In a race it becomes a
 * few steps that others come between (explore/script.ts).
 */
import type { Pages, Vpn } from '../../machine/index.js';
import type { VmArea } from './vm-area.js';

/** What a change of VMAs is part of, for the text of the step. */
export type Part = 'gather' | 'copy_vma' | 'split_relocated' | 'undo_relocated' | 'dontunmap' | 'stack_covers' | 'stack_stands' | 'dup_mmap';

/** unmap_region(): VMAs that are out of the tree already, in ascending order. */
export interface Region {
  readonly vmas: readonly VmArea[];
  /** The end of the VMA below and the start of the one above: tables that lie between them go. */
  readonly floor: Vpn;
  readonly ceiling: Vpn;
  /** The source of a move: its pages should be elsewhere by now. */
  readonly moved: boolean;
  /** Whether the call is over with it: then others may read the address space while the pages go. */
  readonly unlocks: boolean;
}

/** struct pagetable_move_control */
export interface PagetableMove {
  readonly src: VmArea;
  readonly dst: VmArea;
  readonly old: Vpn;
  readonly new: Vpn;
  readonly pages: Pages;
  readonly needRmapLocks: boolean;
  /** The move of the stack in execve, down and within one VMA. */
  readonly forStack: boolean;
}

/** The pages of one relocation, and where they go. */
export interface RelocatedRange {
  readonly src: VmArea;
  readonly dst: VmArea;
  readonly addr: Vpn;
  readonly newAddr: Vpn;
  readonly pages: Pages;
}

export interface Relocated {
  readonly folios: number;
  /** Pinned pages that were passed over: their entries will move, their mapping and index stay. */
  readonly skipped: Pages;
  /** Where relocation stopped before the end, and why. */
  readonly failed: { readonly at: Vpn; readonly why: string } | null;
}

/** @typeParam M an address space */
export interface Effects<M = unknown> {
  /** The changes of VMAs that follow are part of this. */
  part(part: Part): void;
  /** VMAs come in the place of others; either list may be empty. The tree has changed already. */
  vmasChanged(old: readonly VmArea[], changed: readonly VmArea[]): void;
  /** vma_start_write(): nobody faults in this VMA under its own lock until the mmap lock is dropped. */
  startWrite(vma: VmArea): void;
  unmapRegion(region: Region): void;
  /** free_pgd_range(): the tables of a range that lie between the end of the VMA below and the start of the one above. */
  freeTables(range: { readonly start: Vpn; readonly end: Vpn }, floor: Vpn, ceiling: Vpn): void;
  /** change_protection(): the entries of the range follow the new protection of its VMA. */
  protect(from: Vpn, to: Vpn, writable: boolean): void;
  /** MADV_FREE: the pages of the range may go once memory is short. */
  giveUp(from: Vpn, to: Vpn): void;
  /** MADV_DONTNEED: the pages go, the mapping and its guards stay. */
  discard(from: Vpn, to: Vpn): void;
  /** try_to_free_pte(): tables that the range covers whole and that are empty. */
  reclaimTables(from: Vpn, to: Vpn): void;
  /** move_page_tables(), begun `down` pages below the range; returns how many pages of the range were dealt with. */
  moveTables(move: PagetableMove, down: Pages): Pages;
  unshareKsm(from: Vpn, to: Vpn): void;
  relocate(range: RelocatedRange): Relocated;
  /** The folios of [from, to) are known by the source again; returns how many. */
  undoRelocation(range: RelocatedRange, from: Vpn, to: Vpn): number;
  /** The locks that relocation holds until the page tables have moved are dropped. */
  endRelocation(range: RelocatedRange): void;
  /** __mm_populate() of memory that grew, once the lock is dropped. */
  populate(from: Vpn, to: Vpn): void;
  /** copy_page_range(): what the child gets of the pages of one VMA. */
  copyPages(child: M, vma: VmArea, copy: VmArea): void;
  /** flush_tlb_mm() */
  flush(): void;
}
