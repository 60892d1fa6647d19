/**
 * What can be asked of a machine: a memory system call, a load or store that user code makes, or a
 * change of what the process is allowed. Arguments are as the caller wrote them, unchecked:
 * refusing them is the kernel's business.
 */
import type { Bytes } from './number.js';

/** mmap(2). Addresses, lengths and offsets are bytes, here and below; `fd` is -1 for anonymous memory. */
export interface MmapCall {
  readonly name: 'mmap';
  readonly addr: Bytes;
  readonly length: Bytes;
  readonly prot: number;
  readonly flags: number;
  readonly fd: number;
  readonly offset: Bytes;
  /** Where the kernel is to choose this address, if it has a free choice. */
  readonly place?: Bytes;
}

/** munmap(2) */
export interface MunmapCall {
  readonly name: 'munmap';
  readonly addr: Bytes;
  readonly length: Bytes;
}

/** mremap(2), with the argument names of its man page. `new_address` counts only with MREMAP_FIXED or MREMAP_DONTUNMAP. */
export interface MremapCall {
  readonly name: 'mremap';
  readonly old_address: Bytes;
  readonly old_size: Bytes;
  readonly new_size: Bytes;
  readonly flags: number;
  readonly new_address: Bytes;
  /** Where the kernel is to choose this address, if it has a free choice. */
  readonly place?: Bytes;
}

/** mprotect(2) */
export interface MprotectCall {
  readonly name: 'mprotect';
  readonly addr: Bytes;
  readonly length: Bytes;
  readonly prot: number;
}

/** madvise(2) */
export interface MadviseCall {
  readonly name: 'madvise';
  readonly addr: Bytes;
  readonly length: Bytes;
  readonly advice: number;
}

/** mlock(2) and munlock(2) */
export interface MlockCall {
  readonly name: 'mlock' | 'munlock';
  readonly addr: Bytes;
  readonly length: Bytes;
}

/** mlock2(2) */
export interface Mlock2Call {
  readonly name: 'mlock2';
  readonly addr: Bytes;
  readonly length: Bytes;
  readonly flags: number;
}

/** mlockall(2) */
export interface MlockallCall {
  readonly name: 'mlockall';
  readonly flags: number;
}

/** munlockall(2) */
export interface MunlockallCall {
  readonly name: 'munlockall';
}

/** prctl(2) with PR_SET_VMA_ANON_NAME: a name for anonymous memory, which maps shows. */
export interface NameVmaCall {
  readonly name: 'name_vma';
  readonly addr: Bytes;
  readonly length: Bytes;
  /** Empty: none. */
  readonly called: string;
}

/** mseal(2), since Linux 6.10 */
export interface MsealCall {
  readonly name: 'mseal';
  readonly addr: Bytes;
  readonly length: Bytes;
  readonly flags: number;
}

/** brk(2) as the system call is: it answers with the break, moved or not. */
/** Asks which pages are in memory, one byte a page. */
export interface MincoreCall {
  readonly name: 'mincore';
  readonly addr: Bytes;
  readonly length: Bytes;
  /** Where the answer goes. */
  readonly vec: Bytes;
}

/** brk(2): moves the end of the heap, in bytes. */
export interface BrkCall {
  readonly name: 'brk';
  /** 0 asks where the break is. */
  readonly addr: Bytes;
  /** Where the kernel is to let the heap begin, while nothing has grown it yet. */
  readonly place?: Bytes;
}

/** The limits that memory calls compare with. */
export type Resource = 'RLIMIT_AS' | 'RLIMIT_DATA' | 'RLIMIT_MEMLOCK' | 'RLIMIT_STACK';

/** setrlimit(2), of which only rlim_cur matters here. */
export interface SetrlimitCall {
  readonly name: 'setrlimit';
  readonly resource: Resource;
  /** In bytes; null is RLIM_INFINITY. */
  readonly limit: Bytes | null;
}

/** getrlimit(2), or setrlimit(2) of a limit that no memory call looks at: it has no effect here. */
export interface GetrlimitCall {
  readonly name: 'getrlimit';
  readonly resource: string;
}

/** memfd_create(2) and ftruncate(2) in one: a memory file of a size, open for reading and writing. */
export interface MemfdOp {
  readonly name: 'memfd';
  /** The name, as /proc/PID/maps shows it. */
  readonly file: string;
  readonly size: Bytes;
  /** On persistent memory (DAX), whose aligned 2 MiB blocks races map by one huge entry each. */
  readonly dax?: boolean;
  /** If given, page i of the file starts with the u64 `word + i`; otherwise the file is empty (a hole). */
  readonly word?: bigint;
}

/** ftruncate(2), of a memory file */
export interface FtruncateCall {
  readonly name: 'ftruncate';
  readonly fd: number;
  readonly length: Bytes;
}

/** close(2), of a memory file; mappings of it stay */
export interface CloseCall {
  readonly name: 'close';
  readonly fd: number;
}

/** fork(2): the operations that follow are the parent's or the child's; the other one stays as it is. */
export interface ForkCall {
  readonly name: 'fork';
  readonly follow: 'parent' | 'child';
}

/** The latest child ends, and the parent waits for it. */
export interface ReapOp {
  readonly name: 'reap';
}

/** Later operations are those of the latest child, or of the parent. */
export interface SwitchOp {
  readonly name: 'switch';
  readonly to: 'parent' | 'child';
}

/** The stack of a new program, built at [start, end) and fully written, moves down by `shift`, as execve does it. */
export interface ExecStackOp {
  readonly name: 'exec_stack';
  readonly start: Bytes;
  readonly end: Bytes;
  readonly shift: Bytes;
}

/** Which events a userfaultfd's monitor asks for (UFFD_FEATURE_..., include/uapi/linux/userfaultfd.h). */
export type UffdFeature = 'EVENT_FORK' | 'EVENT_REMAP' | 'EVENT_REMOVE' | 'EVENT_UNMAP';

/** userfaultfd(2) with its UFFDIO_API, and its end. */
export type UffdCall = { readonly name: 'userfaultfd'; readonly features: readonly UffdFeature[] } | { readonly name: 'uffd_close' };

/** The ioctls of a userfaultfd that name a range. */
export type UffdRangeCall = { readonly addr: Bytes; readonly length: Bytes } & (
  | { readonly name: 'uffd_register'; readonly mode: 'MISSING' | 'WP' | 'MINOR' }
  | { readonly name: 'uffd_unregister' }
  | { readonly name: 'uffd_writeprotect'; readonly protect: boolean }
);

/** What a process asks of the kernel. */
export type SyscallOp =
  | MmapCall
  | MunmapCall
  | MremapCall
  | MprotectCall
  | MadviseCall
  | MlockCall
  | Mlock2Call
  | MlockallCall
  | MunlockallCall
  | MsealCall
  | NameVmaCall
  | MincoreCall
  | BrkCall
  | SetrlimitCall
  | GetrlimitCall
  | MemfdOp
  | FtruncateCall
  | CloseCall
  | ForkCall
  | ReapOp
  | ExecStackOp
  | SwitchOp
  | UffdCall
  | UffdRangeCall;

/** The capabilities that decide about memory calls (capabilities(7)). */
export type Capability = 'CAP_IPC_LOCK' | 'CAP_SYS_RAWIO' | 'CAP_SYS_ADMIN';

/** The process gives a capability up, or has it from now on. */
export interface CapabilityOp {
  readonly name: 'capability';
  readonly capability: Capability;
  readonly held: boolean;
}

/** The files below /proc/sys that decide about memory calls. */
export type Sysctl = 'vm.max_map_count' | 'vm.mmap_min_addr' | 'vm.overcommit_memory' | 'vm.overcommit_ratio' | 'vm.nr_hugepages';

/** Writes a file below /proc/sys. */
export interface SysctlOp {
  readonly name: 'sysctl';
  readonly key: Sysctl;
  readonly value: bigint;
}

/** /sys/kernel/mm/transparent_hugepage/enabled */
export interface ThpOp {
  readonly name: 'thp';
  readonly enabled: 'always' | 'madvise' | 'never';
}

/** What the kernel does to anonymous pages on its own: reclaim, migration, and one pass of ksmd over what MADV_MERGEABLE offered. */
export type ReclaimOp = { readonly name: 'swap_out' | 'migrate'; readonly addr: Bytes; readonly length: Bytes } | { readonly name: 'ksm_scan' };

/** What others do to pages: pin them for a device and unpin them, collapse them into huge pages, look for who maps one. */
export type OthersOp = PinOp | CollapseOp | RmapWalkOp;

/** pin_user_pages() of a driver (mm/gup.c), and unpin_user_pages(). */
export interface PinOp {
  readonly name: 'pin' | 'unpin';
  readonly addr: Bytes;
  readonly length: Bytes;
}

/** khugepaged's work on each 2 MiB of a range, done at once (mm/khugepaged.c). */
export interface CollapseOp {
  readonly name: 'collapse';
  readonly addr: Bytes;
  readonly length: Bytes;
}

/** A walk of the reverse map from the page at an address, as reclaim does it (rmap_walk(), mm/rmap.c). */
export interface RmapWalkOp {
  readonly name: 'rmap_walk';
  readonly addr: Bytes;
}

/** Fault injection: the allocation after the next `after` ones of its kind fails; null takes that back. */
export interface FailOp {
  readonly name: 'fail';
  readonly what: 'page_table_alloc' | 'vma_alloc';
  readonly after: number | null;
}

/** What the process may do, or the machine allows; never refused. */
export type SettingOp = CapabilityOp | SysctlOp | ThpOp | FailOp;

/** Sets every byte of [addr, addr+length). */
export interface MemsetOp {
  readonly name: 'memset';
  readonly addr: Bytes;
  /** 0..255 */
  readonly byte: number;
  readonly length: Bytes;
}

/** Write-faults every page of the range without changing a byte. */
export interface TouchOp {
  readonly name: 'touch';
  readonly addr: Bytes;
  readonly length: Bytes;
}

/** Loads one byte. */
export interface PeekOp {
  readonly name: 'peek';
  readonly addr: Bytes;
}

/** Stores one byte. */
export interface PokeOp {
  readonly name: 'poke';
  readonly addr: Bytes;
  /** 0..255 */
  readonly byte: number;
}

/** For i = 0, 1, ...: *(u64 *)(addr + i*stride) = value + i, while inside the range. */
export interface StoreWordsOp {
  readonly name: 'store_words';
  readonly addr: Bytes;
  readonly length: Bytes;
  readonly value: bigint;
  readonly stride: Bytes;
}

/** For i = 0, 1, ...: loads *(u64 *)(addr + i*stride), while inside the range. */
export interface LoadWordsOp {
  readonly name: 'load_words';
  readonly addr: Bytes;
  readonly length: Bytes;
  readonly stride: Bytes;
}

/** Loads and stores that the program makes itself. */
export type AccessOp = MemsetOp | TouchOp | PeekOp | PokeOp | StoreWordsOp | LoadWordsOp;

/** All that can be asked of a machine. */
export type Op = SyscallOp | AccessOp | ReclaimOp | OthersOp | SettingOp;

const ACCESSES: readonly Op['name'][] = ['memset', 'touch', 'peek', 'poke', 'store_words', 'load_words'] satisfies AccessOp['name'][];

/** Whether the program itself loads or stores. */
export const isAccess = (op: Op): op is AccessOp => ACCESSES.includes(op.name);
/** Whether it only changes what the process may do, or the machine allows. */
export const isSetting = (op: Op): op is SettingOp => op.name === 'capability' || op.name === 'sysctl' || op.name === 'thp' || op.name === 'fail';
/** Whether the kernel does it on its own, to pages of the process. */
export const isReclaim = (op: Op): op is ReclaimOp => op.name === 'swap_out' || op.name === 'migrate' || op.name === 'ksm_scan';
/** Whether somebody else does it: a device, khugepaged, a walk of the reverse map. */
export const isOthers = (op: Op): op is OthersOp => op.name === 'pin' || op.name === 'unpin' || op.name === 'collapse' || op.name === 'rmap_walk';
