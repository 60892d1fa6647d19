/**
 * What can be asked of a machine: a memory system call, or a load or store that user code makes.
 * Arguments are as the caller wrote them, unchecked: refusing them is the kernel's business.
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

export type SyscallOp = MmapCall | MunmapCall | MremapCall;

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

export type Op = SyscallOp | AccessOp;

export const isSyscall = (op: Op): op is SyscallOp => op.name === 'mmap' || op.name === 'munmap' || op.name === 'mremap';
