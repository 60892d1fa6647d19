/** struct vm_area_struct, as an immutable value: every change makes a new one and puts it in the tree. */
import type { Vpn } from '../../machine/index.js';
import type { SharedObject } from '../pagetable/shared-object.js';
import type { Uffd } from '../uffd-ctx.js';
import { VM } from './vm-flags.js';

export interface VmArea {
  readonly start: Vpn;
  readonly end: Vpn;
  readonly pgoff: number;
  /**
   * vma_start_anon_pgoff(), v7.3: the page offset by which anonymous pages are known, and the trees of anon_vmas sorted. Only a private
   * mapping of a file can have one that is not its pgoff.
   */
  readonly anonPgoff: number;
  readonly flags: number;
  /** The object mapped, for shared memory; null for private anonymous memory. */
  readonly file: SharedObject | null;
  /** vma->anon_vma */
  readonly anonVma: number | null;
  /** vma->anon_vma_chain: every anon_vma whose pages this VMA may map, its own among them. */
  readonly chain: readonly number[];
  /** When it went into the interval trees of the reverse map, among all VMAs; absent while it is in none. */
  readonly queue?: number;
  /** The userfaultfd that watches it. */
  readonly uffd: Uffd | null;
  /** vma->anon_name, which PR_SET_VMA_ANON_NAME gives. */
  readonly name?: string;
  /** Of the process image; it merges with nothing. */
  readonly image: boolean;
}

export const pagesOf = (v: VmArea): number => v.end - v.start;

/** vma_is_anonymous() */
export const isAnonymous = (v: VmArea): boolean => v.file === null;

/** Whether it is part of the process image (and not a special mapping): its contents are not modelled. */
export const isFiller = (v: VmArea): boolean => v.image && v.file === null;

export const isShared = (v: VmArea): boolean => (v.flags & (VM.SHARED | VM.MAYSHARE)) !== 0;

/** A mapping of a file whose pages become the process's own when it writes to them. */
export const isPrivateFile = (v: Pick<VmArea, 'file' | 'flags'>): boolean => v.file !== null && (v.flags & (VM.SHARED | VM.MAYWRITE)) === VM.MAYWRITE;

/** linear_page_index(): the page offset of an address in a VMA. */
export const pgoffAt = (v: VmArea, at: Vpn): number => v.pgoff + (at - v.start);

/** linear_anon_page_index(), v7.3: the same for its anonymous pages. */
export const anonPgoffAt = (v: VmArea, at: Vpn): number => v.anonPgoff + (at - v.start);

/** accountable_mapping() of a VMA already flagged, mm/mmap.c. */
export const isAccounted = (v: VmArea): boolean => (v.flags & VM.ACCOUNT) !== 0;

/** is_data_mapping(): writable, private, no stack (include/linux/mm.h). */
export const isDataMapping = (flags: number): boolean => (flags & (VM.WRITE | VM.SHARED | VM.GROWSDOWN)) === VM.WRITE;

/** The part of a VMA above `at`, as split_vma() would leave it. */
export const upperPart = (v: VmArea, at: Vpn): VmArea => withRange(v, at, v.end);
export const lowerPart = (v: VmArea, at: Vpn): VmArea => withRange(v, v.start, at);

// Field by field: most calls begin with a split or two.
const withRange = (v: VmArea, start: Vpn, end: Vpn): VmArea => ({
  start,
  end,
  pgoff: pgoffAt(v, start),
  anonPgoff: anonPgoffAt(v, start),
  flags: v.flags,
  file: v.file,
  anonVma: v.anonVma,
  chain: v.chain,
  uffd: v.uffd,
  name: v.name,
  image: v.image,
  queue: v.queue,
});

/** The VMA with its place among those that the reverse map visits. */
export const inQueue = ({ start, end, pgoff, anonPgoff, flags, file, anonVma, chain, uffd, name, image }: VmArea, queue: number | undefined): VmArea => ({
  start,
  end,
  pgoff,
  anonPgoff,
  flags,
  file,
  anonVma,
  chain,
  uffd,
  name,
  image,
  queue,
});
