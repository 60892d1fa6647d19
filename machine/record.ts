/**
 * What a machine answers: one immutable record per operation, and nothing else. Text, charts,
 * `conform` and tests are all drawn from records.
 */
import type { Errno } from './constants.js';
import type { LevelName } from './geometry.js';
import type { Bytes, Pages, Vpn } from './number.js';
import type { Op } from './op.js';
import type { RmapVisit } from './rmap.js';
import type { AddressSpace } from './space.js';

/** Why a call was refused: the kernel's check, in the kernel's place, with the numbers it compared. */
export interface Refusal {
  /** Stable name of the check: `mremap.fixed_without_maymove`. */
  readonly check: string;
  /** The kernel function that holds it. */
  readonly fn: string;
  /** One sentence about these arguments: `MREMAP_FIXED needs MREMAP_MAYMOVE`. */
  readonly why: string;
  readonly values: readonly StepValue[];
}

/** How an operation ended. */
export type Result =
  /** An address (mmap, mremap), 0 (munmap), the byte (peek), or how many accesses were made. */
  | { readonly kind: 'value'; readonly value: Bytes }
  | { readonly kind: 'errno'; readonly errno: Errno; readonly refusal: Refusal }
  | { readonly kind: 'signal'; readonly signal: 'SIGSEGV' | 'SIGBUS'; readonly at: Bytes; readonly done: bigint };

/**
 * What one iteration of move_page_tables did. `start` and `realign` head the list of a call;
 * `skip_pud` and `skip_pmd` found nothing at the source; `split` took a huge entry apart; the others moved entries, or tried to
 * (`_refused`: the destination entry was in the way) and went on one level below.
 */
export const MOVE_KINDS = ['start', 'realign', 'skip_pud', 'skip_pmd', 'pte', 'pmd', 'pmd_refused', 'pud', 'pud_refused', 'huge_pmd', 'huge_pmd_refused', 'split'] as const;
/** One of them. */
export type MoveKind = (typeof MOVE_KINDS)[number];

/**
 * A stretch of like iterations: `steps` of them, from `old` to `new`, over `pages` in all. Where
 * one stretch stands for many steps each PTE step moved every entry of its extent (or, with
 * `entries` 0, found none), so the single steps follow from the alignment: see `expandMoves`.
 */
export interface MoveStretch {
  readonly kind: MoveKind;
  readonly old: Vpn;
  readonly new: Vpn;
  readonly pages: Pages;
  readonly steps: number;
  /** PTEs, PMDs or PUDs moved; 0 for the other kinds. For `start`: 1 if the rmap locks are taken. */
  readonly entries: number;
}

/** The counters of one call of move_page_tables and its helpers; for their exact meaning see the names. */
export interface MoveCounters {
  /** move_page_tables calls, those that hold the rmap locks for every step, loop iterations, moves back after an error. */
  readonly calls: number;
  readonly rmap: number;
  readonly iter: number;
  readonly moveback: number;
  /** Entries moved one by one, and the move_ptes calls that did it. */
  readonly pte: number;
  readonly move_ptes: number;
  /** Whole PTE tables (`pmd`) and PMD tables (`pud`) re-hung, and attempts the kernel refused. */
  readonly pmd: number;
  readonly pmd_fail: number;
  readonly pud: number;
  readonly pud_fail: number;
  /** Huge entries moved as they are, refused for what stood at the destination, and split before their pages were moved. */
  readonly huge_pmd: number;
  readonly huge_pmd_fail: number;
  readonly split: number;
  readonly huge_pud: number;
  /** Iterations that found no PUD entry, or no PMD entry, at the source. */
  readonly skip_pud: number;
  readonly skip_pmd: number;
  /** How often the start was rounded down to a PMD boundary, and by how many bytes in all. */
  readonly realign: number;
  readonly realign_bytes: Bytes;
  /** Tables of PUD, PMD and PTE entries that had to be allocated at the destination. */
  readonly alloc_pud: number;
  readonly alloc_pmd: number;
  readonly alloc_pte: number;
  /** TLB range flushes and the bytes they cover. */
  readonly flush: number;
  readonly flush_bytes: Bytes;
  /** Flushes that moving a huge entry makes. */
  readonly huge_flush: number;
}

/** What a userfaultfd's monitor was told, in order. */
export type UffdEvent =
  | { readonly event: 'fault-missing' | 'fault-wp'; readonly at: Bytes }
  | { readonly event: 'remap'; readonly from: Bytes; readonly to: Bytes; readonly length: Bytes }
  | { readonly event: 'unmap' | 'remove'; readonly start: Bytes; readonly end: Bytes }
  | { readonly event: 'fork' };

/** Pages that a move took along although nobody asked for them: where they were, and where they are now. */
export interface Stray {
  readonly from: Vpn;
  readonly to: Vpn;
  readonly pages: Pages;
  /** Pages present among them. */
  readonly entries: number;
  /** Entries at the destination that they took the place of. */
  readonly overwritten: number;
}

/** What became of a request to relocate (MREMAP_RELOCATE_ANON, posted in 2025). */
export interface Relocation {
  /**
   * merged: the copy merged as it was, and nothing had to be relocated; relocated: all of it; split: up to
   * where it failed, the rest moved as usual; plain: moved as usual; failed: the call failed for it.
   */
  readonly outcome: 'merged' | 'relocated' | 'split' | 'plain' | 'failed';
  /** Why not all of it. */
  readonly why?: string;
  /** Pages that got the anon_vma and index of the destination, whether or not they kept them. */
  readonly folios: Pages;
  /** Pinned pages that moved and are still known by their old anon_vma and index: the reverse map no longer finds them. */
  readonly skipped: Pages;
  /** Pages given back what they had, after a failure. */
  readonly undone: Pages;
}

/** A number or text beside a step or a refusal, with how to print it. */
export interface StepValue {
  readonly name: string;
  readonly value: bigint | number | string;
  /** How to print it. Addresses and sizes are bytes. */
  readonly as: 'address' | 'size' | 'count' | 'flags' | 'text';
}

/** A range of bytes, its end not included. */
export interface Range {
  readonly start: Bytes;
  readonly end: Bytes;
}

/**
 * struct vma_remap_struct (mm/mremap.c, v6.15): what an mremap call carries from stage to stage, field
 * by field. Lengths and addresses are bytes. A field that the release's structure lacks is absent.
 */
export interface VrmState {
  readonly addr: Bytes;
  readonly old_len: Bytes;
  readonly new_len: Bytes;
  readonly flags: number;
  readonly new_addr: Bytes;
  /** The userfaultfd whose monitor is told of the move; null if none is. */
  readonly uf: string | null;
  /** Ranges that were unmapped: at the destination (the monitor is told before the move) and at the source (told after it). */
  readonly uf_unmap_early: readonly Range[];
  readonly uf_unmap: readonly Range[];
  /** The VMA looked up, as `start-end`; `stale` where an unmapping may have freed it; null before the lookup. */
  readonly vma: string | null;
  readonly delta: Bytes;
  /** v6.15 and v6.16: the VMA was locked, so what grows is to be populated. */
  readonly mlocked?: boolean;
  /** Since v6.17: a locked VMA grows, which is known before anything is done. */
  readonly populate_expand?: boolean;
  readonly remap_type: 'MREMAP_INVALID' | 'MREMAP_NO_RESIZE' | 'MREMAP_SHRINK' | 'MREMAP_EXPAND';
  readonly mmap_locked: boolean;
  /** In pages, as the kernel has it. */
  readonly charged: Pages;
  /** Since v6.17: the walk over several VMAs has to look its place up again. */
  readonly vmi_needs_invalidate?: boolean;
}

/** A call of move_page_tables() with its arguments, VMAs and all. */
export interface MoveCall {
  readonly vma: Range;
  readonly old_addr: Bytes;
  readonly new_vma: Range;
  readonly new_addr: Bytes;
  readonly len: Bytes;
}

/** One step of the path a call took: a check with its verdict, or something done. */
export interface Step {
  /** The kernel function the step belongs to: `can_align_down`. */
  readonly fn: string;
  /** Where it stands: `mm/mremap.c`. */
  readonly file: string;
  /** Stable name of what was asked or done: `realign.offsets_differ`; of a refusal its check. */
  readonly code: string;
  /** The step as a short sentence, for people. Programs should use `code`. */
  readonly text: string;
  readonly verdict: 'done' | 'passed' | 'refused';
  readonly values: readonly StepValue[];
  /** Since v6.15, in mremap: the state at this step. */
  readonly vrm?: VrmState;
}

/** Tables that came and went during one operation, by the level of their entries. */
export interface TableChange {
  readonly allocated: Readonly<Partial<Record<LevelName, number>>>;
  readonly freed: Readonly<Partial<Record<LevelName, number>>>;
}

/** One operation: what was asked, what came of it, and the address space before and after. */
export interface OpRecord {
  readonly op: Op;
  /** Position in the machine's life, from 1. */
  readonly seq: number;
  readonly result: Result;
  readonly moved: MoveCounters;
  readonly moves: readonly MoveStretch[];
  readonly tables: TableChange;
  /** Pages faulted in, by read and by write. */
  readonly faults: { readonly read: Pages; readonly write: Pages };
  /** Empty on every release; two postings of the realign patch had some. */
  readonly strays: readonly Stray[];
  /** Only where relocation was asked for. */
  readonly relocation?: Relocation;
  readonly events: readonly UffdEvent[];
  /** For a walk of the reverse map: the VMAs it looked at, in order. */
  readonly visits?: readonly RmapVisit[];
  /** Kernel log lines the operation caused (WARNs, pr_warn_once). */
  readonly log: readonly string[];
  /** The path through the call; empty when the machine was opened without steps. */
  readonly steps: readonly Step[];
  /** Every call of move_page_tables() with its arguments; empty without steps too. */
  readonly moveCalls: readonly MoveCall[];
  readonly before: AddressSpace;
  readonly after: AddressSpace;
}
