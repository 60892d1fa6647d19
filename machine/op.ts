/**
 * What can be asked of a machine: a memory system call, a load or store that user code makes, or a
 * change of what the process is allowed. Arguments are as the caller wrote them, unchecked:
 * refusing them is the kernel's business.
 */
import type { Bytes } from './number.js';

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

export interface MunmapCall {
  readonly name: 'munmap';
  readonly addr: Bytes;
  readonly length: Bytes;
}

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

export interface MprotectCall {
  readonly name: 'mprotect';
  readonly addr: Bytes;
  readonly length: Bytes;
  readonly prot: number;
}

export interface MadviseCall {
  readonly name: 'madvise';
  readonly addr: Bytes;
  readonly length: Bytes;
  readonly advice: number;
}

export interface MlockCall {
  readonly name: 'mlock' | 'munlock';
  readonly addr: Bytes;
  readonly length: Bytes;
}

export interface Mlock2Call {
  readonly name: 'mlock2';
  readonly addr: Bytes;
  readonly length: Bytes;
  readonly flags: number;
}

export interface MlockallCall {
  readonly name: 'mlockall';
  readonly flags: number;
}

export interface MunlockallCall {
  readonly name: 'munlockall';
}

export interface MsealCall {
  readonly name: 'mseal';
  readonly addr: Bytes;
  readonly length: Bytes;
  readonly flags: number;
}

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

/** Asks for a limit, or changes one that no memory call compares with: nothing comes of it. */
export interface GetrlimitCall {
  readonly name: 'getrlimit';
  readonly resource: string;
}

/** memfd_create(2) and ftruncate(2) in one: a memory file of a size, open for reading and writing. */
export interface MemfdOp {
  readonly name: 'memfd';
  /** As maps shows it. */
  readonly file: string;
  readonly size: Bytes;
  /** On a device that is memory itself (DAX): races map its aligned blocks by huge entries. */
  readonly dax?: boolean;
  /** Page i starts with the u64 word + i; without it the file is one hole. */
  readonly word?: bigint;
}

export interface FtruncateCall {
  readonly name: 'ftruncate';
  readonly fd: number;
  readonly length: Bytes;
}

export interface CloseCall {
  readonly name: 'close';
  readonly fd: number;
}

/** fork(2): the operations that follow are the parent's or the child's; the other one stays as it is. */
export interface ForkCall {
  readonly name: 'fork';
  readonly follow: 'parent' | 'child';
}

/** The latest child that was not followed ends, and the parent waits for it. */
export interface ReapOp {
  readonly name: 'reap';
}

/** The operations that follow are those of the latest child of the process, or of its parent. */
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

export type UffdFeature = 'EVENT_FORK' | 'EVENT_REMAP' | 'EVENT_REMOVE' | 'EVENT_UNMAP';

/** userfaultfd(2) with its UFFDIO_API, and its end. */
export type UffdCall = { readonly name: 'userfaultfd'; readonly features: readonly UffdFeature[] } | { readonly name: 'uffd_close' };

/** The ioctls of a userfaultfd that name a range. */
export type UffdRangeCall = { readonly addr: Bytes; readonly length: Bytes } & (
  | { readonly name: 'uffd_register'; readonly mode: 'MISSING' | 'WP' | 'MINOR' }
  | { readonly name: 'uffd_unregister' }
  | { readonly name: 'uffd_writeprotect'; readonly protect: boolean }
);

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

export type Capability = 'CAP_IPC_LOCK' | 'CAP_SYS_RAWIO' | 'CAP_SYS_ADMIN';

/** The process gives a capability up, or has it from now on. */
export interface CapabilityOp {
  readonly name: 'capability';
  readonly capability: Capability;
  readonly held: boolean;
}

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

/** What others do to pages: pinning them for a device (GUP) and letting go, collapsing them to huge ones, looking for who maps one. */
export type OthersOp = PinOp | CollapseOp | RmapWalkOp;

export interface PinOp {
  readonly name: 'pin' | 'unpin';
  readonly addr: Bytes;
  readonly length: Bytes;
}

export interface CollapseOp {
  readonly name: 'collapse';
  readonly addr: Bytes;
  readonly length: Bytes;
}

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

export type AccessOp = MemsetOp | TouchOp | PeekOp | PokeOp | StoreWordsOp | LoadWordsOp;

export type Op = SyscallOp | AccessOp | ReclaimOp | OthersOp | SettingOp;

const ACCESSES: readonly Op['name'][] = ['memset', 'touch', 'peek', 'poke', 'store_words', 'load_words'] satisfies AccessOp['name'][];

export const isAccess = (op: Op): op is AccessOp => ACCESSES.includes(op.name);
export const isSetting = (op: Op): op is SettingOp => op.name === 'capability' || op.name === 'sysctl' || op.name === 'thp' || op.name === 'fail';
export const isReclaim = (op: Op): op is ReclaimOp => op.name === 'swap_out' || op.name === 'migrate' || op.name === 'ksm_scan';
export const isOthers = (op: Op): op is OthersOp => op.name === 'pin' || op.name === 'unpin' || op.name === 'collapse' || op.name === 'rmap_walk';
