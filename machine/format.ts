/** Addresses and sizes in the words of the field: hex, K/M/G/T. */
import { ERRNO, flagNames, MADV, MAP, MCL, MLOCK, MREMAP, PROT } from './constants.js';
import type { Bytes } from './number.js';
import type { Op } from './op.js';
import type { OpRecord, StepValue } from './record.js';

/** `0x7f00000` */
export const hex = (x: Bytes): string => `0x${x.toString(16)}`;

const SUFFIXES = ['', 'K', 'M', 'G', 'T', 'P', 'E'] as const;

/** The shortest exact binary size: `2M`, `2052K`, `513`. */
export function size(bytes: Bytes): string {
  let value = bytes;
  let i = 0;
  while (i < SUFFIXES.length - 1 && value !== 0n && value % 1024n === 0n) {
    value /= 1024n;
    i++;
  }
  return `${value}${SUFFIXES[i]}`;
}

/** A count with thousands separated: `524,288`. */
export const count = (n: number | bigint): string => n.toString().replace(/\B(?=(\d{3})+(?!\d))/g, ',');

/**
 * `MREMAP_MAYMOVE|MREMAP_FIXED`; bits without a name come last, in hex.
 * @param table a name for each bit or group of bits
 * @param zero what stands for no bit at all
 */
export function flags(table: Readonly<Record<string, number>>, value: number, zero: string): string {
  const { names, rest } = flagNames(table, value);
  if (rest !== 0) names.push(hex(BigInt(rest >>> 0)));
  return names.length === 0 ? zero : names.join('|');
}

/** The one name whose value this is. */
const nameOf = (table: Readonly<Record<string, number>>, value: number): string => Object.keys(table).find((name) => table[name] === value) ?? `0x${value.toString(16)}`;

/** Whether what a call returns is an address. */
export const givesAddress = (op: Op): boolean => op.name === 'mmap' || op.name === 'mremap' || op.name === 'brk' || op.name === 'exec_stack';

/** The operation as strace would print it, without its result. */
export function opText(op: Op): string {
  switch (op.name) {
    case 'mmap':
      return `mmap(${op.addr === 0n ? 'NULL' : hex(op.addr)}, ${op.length}, ${flags(PROT, op.prot, 'PROT_NONE')}, ${flags(MAP, op.flags, '0')}, ${op.fd}, ${op.offset === 0n ? '0' : hex(op.offset)})`;
    case 'munmap':
      return `munmap(${hex(op.addr)}, ${op.length})`;
    case 'mremap': {
      const target = (op.flags & (MREMAP.MREMAP_FIXED | MREMAP.MREMAP_DONTUNMAP)) !== 0 ? `, ${hex(op.new_address)}` : '';
      return `mremap(${hex(op.old_address)}, ${op.old_size}, ${op.new_size}, ${flags(MREMAP, op.flags, '0')}${target})`;
    }
    case 'mprotect':
      return `mprotect(${hex(op.addr)}, ${op.length}, ${flags(PROT, op.prot, 'PROT_NONE')})`;
    case 'madvise':
      return `madvise(${hex(op.addr)}, ${op.length}, ${nameOf(MADV, op.advice)})`;
    case 'mlock':
    case 'munlock':
      return `${op.name}(${hex(op.addr)}, ${op.length})`;
    case 'mlock2':
      return `mlock2(${hex(op.addr)}, ${op.length}, ${flags(MLOCK, op.flags, '0')})`;
    case 'mlockall':
      return `mlockall(${flags(MCL, op.flags, '0')})`;
    case 'munlockall':
      return 'munlockall()';
    case 'mseal':
      return `mseal(${hex(op.addr)}, ${op.length}, ${hex(BigInt(op.flags))})`;
    case 'brk':
      return `brk(${op.addr === 0n ? 'NULL' : hex(op.addr)})`;
    case 'setrlimit':
      return `setrlimit(${op.resource}, {rlim_cur=${op.limit === null ? 'RLIM_INFINITY' : op.limit}, ...})`;
    case 'getrlimit':
      return `getrlimit(${op.resource})`;
    case 'switch':
      return `to the ${op.to}`;
    case 'memfd':
      return `${op.dax === true ? 'dax' : 'memfd'}(${JSON.stringify(op.file)}, ${op.size})`;
    case 'ftruncate':
      return `ftruncate(${op.fd}, ${op.length})`;
    case 'close':
      return `close(${op.fd})`;
    case 'fork':
      return op.follow === 'child' ? 'fork(), in the child' : 'fork()';
    case 'reap':
      return 'wait()';
    case 'userfaultfd':
      return `userfaultfd(${op.features.join('|') || '0'})`;
    case 'uffd_close':
      return 'uffd_close()';
    case 'uffd_register':
      return `uffd_register(${hex(op.addr)}, ${op.length}, ${op.mode})`;
    case 'uffd_unregister':
      return `uffd_unregister(${hex(op.addr)}, ${op.length})`;
    case 'uffd_writeprotect':
      return `uffd_writeprotect(${hex(op.addr)}, ${op.length}, ${op.protect ? 1 : 0})`;
    case 'exec_stack':
      return `exec_stack(${hex(op.start)}, ${hex(op.end)}, ${size(op.shift)})`;
    case 'fail':
      return op.after === null ? `no failure of ${op.what}` : `fail ${op.what} after ${op.after}`;
    case 'rmap_walk':
      return `rmap_walk(${hex(op.addr)})`;
    case 'swap_out':
    case 'migrate':
    case 'pin':
    case 'unpin':
    case 'collapse':
      return `${op.name}(${hex(op.addr)}, ${op.length})`;
    case 'ksm_scan':
      return 'ksm_scan()';
    case 'thp':
      return `transparent_hugepage=${op.enabled}`;
    case 'capability':
      return `${op.held ? 'gain' : 'drop'} ${op.capability}`;
    case 'sysctl':
      return `sysctl ${op.key}=${op.value}`;
    case 'memset':
      return `memset(${hex(op.addr)}, ${op.byte}, ${op.length})`;
    case 'touch':
      return `touch(${hex(op.addr)}, ${op.length})`;
    case 'peek':
      return `peek(${hex(op.addr)})`;
    case 'poke':
      return `poke(${hex(op.addr)}, ${op.byte})`;
    case 'store_words':
      return `store_words(${hex(op.addr)}, ${op.length}, ${op.value}, ${op.stride})`;
    case 'load_words':
      return `load_words(${hex(op.addr)}, ${op.length}, ${op.stride})`;
  }
}

/** The result as strace would print it: `0x7f00000`, `0`, `-1 EFAULT (Bad address)`. */
export function resultText(record: OpRecord): string {
  const { result, op } = record;
  switch (result.kind) {
    case 'value':
      return givesAddress(op) ? hex(result.value) : result.value.toString();
    case 'errno':
      return `-1 ${result.errno} (${ERRNO[result.errno][1]})`;
    case 'signal':
      return `${result.signal} at ${hex(result.at)}`;
  }
}

/** A value beside a step as text: addresses in hex, sizes as `2M`, counts as `524,288`. */
export function stepValueText(v: StepValue): string {
  switch (v.as) {
    case 'address':
      return typeof v.value === 'bigint' ? hex(v.value) : String(v.value);
    case 'size':
      return typeof v.value === 'bigint' ? size(v.value) : String(v.value);
    case 'count':
      return typeof v.value === 'string' ? v.value : count(v.value);
    case 'flags':
    case 'text':
      return String(v.value);
  }
}
