/** What the reverse map says about one page: its folio, and who may map it. */
import type { Vpn } from './number.js';

/** struct folio and struct page of a page that is present. */
export interface FolioInfo {
  /** Frame number of the page. */
  readonly pfn: number;
  /** The folio has 2^order pages. */
  readonly order: number;
  /** Page offset under which the reverse map looks for the page. */
  readonly index: number;
  /** folio->mapping; `none` of a page that was truncated while it was pinned. */
  readonly mapping: { readonly kind: 'anon_vma' | 'file'; readonly id: number } | { readonly kind: 'ksm' | 'none' };
  /** Entries that map the folio, in all processes: one of a PMD counts once. */
  readonly mapcount: number;
  /** The reference count, without references that the kernel's own lists and caches hold only for a moment. */
  readonly refcount: number;
  readonly pins: number;
  /** PageAnonExclusive: a store may go ahead without a copy. */
  readonly exclusive: boolean;
}

/** A VMA that a walk of the reverse map looks at. */
export interface RmapVisit {
  /** Which process, in order of birth from 1. */
  readonly process: number;
  readonly start: Vpn;
  readonly end: Vpn;
  readonly pgoff: number;
  readonly anonVma: number | null;
  /** Where the page would be in this VMA: vm_start plus the distance of its index from vm_pgoff. */
  readonly at: Vpn;
  /** Whether an entry there maps the page. */
  readonly found: boolean;
}
