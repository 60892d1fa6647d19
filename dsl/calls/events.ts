/** What else happens to a process: what its own code does to memory, what others do to it, and what strace has no one line for. */
import { u64, UFFD_MODE } from '../../machine/index.js';
import { address, bits, length, optional, toByte, type Operation } from './callable.js';

/** Loads and stores of user code. */
export const ACCESSES: readonly Operation[] = [
  {
    name: 'memset',
    role: 'access',
    params: [address('p'), { name: 'byte', kind: 'byte' }, length('n')],
    gives: 'result',
    summary: 'set n bytes at p',
    op: ([p = 0n, byte = 0n, n = 0n]) => ({ name: 'memset', addr: u64(p), byte: toByte(byte), length: u64(n) }),
  },
  {
    name: 'touch',
    role: 'access',
    params: [address('p'), length('n')],
    gives: 'result',
    summary: 'write-fault every page of n bytes at p',
    op: ([p = 0n, n = 0n]) => ({ name: 'touch', addr: u64(p), length: u64(n) }),
  },
  {
    name: 'peek',
    role: 'access',
    params: [address('p')],
    gives: 'integer',
    summary: 'the byte at p',
    op: ([p = 0n]) => ({ name: 'peek', addr: u64(p) }),
  },
  {
    name: 'poke',
    role: 'access',
    params: [address('p'), { name: 'byte', kind: 'byte' }],
    gives: 'result',
    summary: 'store a byte at p',
    op: ([p = 0n, byte = 0n]) => ({ name: 'poke', addr: u64(p), byte: toByte(byte) }),
  },
  {
    name: 'store_words',
    role: 'access',
    params: [address('p'), length('n'), { name: 'value', kind: 'word' }, length('stride')],
    gives: 'result',
    summary: 'store the u64 value, value + 1, ... at p, p + stride, ... below p + n',
    op: ([p = 0n, n = 0n, value = 0n, stride = 0n]) => ({ name: 'store_words', addr: u64(p), length: u64(n), value: u64(value), stride: u64(stride) }),
  },
  {
    name: 'load_words',
    role: 'access',
    params: [address('p'), length('n'), length('stride')],
    gives: 'result',
    summary: 'load a u64 at p, p + stride, ... below p + n',
    op: ([p = 0n, n = 0n, stride = 0n]) => ({ name: 'load_words', addr: u64(p), length: u64(n), stride: u64(stride) }),
  },
];

export const EVENTS: readonly Operation[] = [
  {
    name: 'memfd',
    role: 'event',
    params: [{ name: 'name', kind: 'text' }, length('size')],
    gives: 'result',
    summary: 'a memory file of a size, to be used as a file descriptor: memfd_create(2) and ftruncate(2)',
    op: ([, size = 0n], { name: file = '' } = {}) => ({ name: 'memfd', file, size: u64(size) }),
  },
  {
    name: 'exec_stack',
    role: 'event',
    params: [address('start'), address('end'), length('shift')],
    gives: 'result',
    summary: 'the stack of a new program, built at start..end and written, moves down by shift as execve(2) does it',
    op: ([start = 0n, end = 0n, shift = 0n]) => ({ name: 'exec_stack', start: u64(start), end: u64(end), shift: u64(shift) }),
  },
  {
    name: 'swap_out',
    role: 'event',
    params: [address('p'), length('n')],
    gives: 'result',
    summary: 'reclaim writes what is present of n bytes at p to swap',
    op: ([p = 0n, n = 0n]) => ({ name: 'swap_out', addr: u64(p), length: u64(n) }),
  },
  {
    name: 'migrate',
    role: 'event',
    params: [address('p'), optional(length('n'))],
    gives: 'result',
    summary: 'the page at p, or those of n bytes, move to other frames',
    op: ([p = 0n, n = 1n]) => ({ name: 'migrate', addr: u64(p), length: u64(n) }),
  },
  {
    name: 'ksm_scan',
    role: 'event',
    params: [],
    gives: 'result',
    summary: 'KSM merges what MADV_MERGEABLE memory has in common',
    op: () => ({ name: 'ksm_scan' }),
  },
  {
    name: 'pin',
    role: 'event',
    params: [address('p'), length('n')],
    gives: 'result',
    summary: 'a device pins n bytes at p for writing, as io_uring does with a registered buffer: GUP with FOLL_PIN',
    op: ([p = 0n, n = 0n]) => ({ name: 'pin', addr: u64(p), length: u64(n) }),
  },
  {
    name: 'unpin',
    role: 'event',
    params: [address('p'), length('n')],
    gives: 'result',
    summary: 'the device lets go of what was pinned at p, wherever it is mapped now',
    op: ([p = 0n, n = 0n]) => ({ name: 'unpin', addr: u64(p), length: u64(n) }),
  },
  {
    name: 'collapse',
    role: 'event',
    params: [address('p'), length('n')],
    gives: 'result',
    summary: 'khugepaged looks at n bytes at p: whole blocks of small pages become huge pages; gives how many',
    op: ([p = 0n, n = 0n]) => ({ name: 'collapse', addr: u64(p), length: u64(n) }),
  },
  {
    name: 'rmap_walk',
    role: 'event',
    params: [address('p')],
    gives: 'result',
    summary: 'walk the reverse map of the page at p: `visits` lists the VMAs looked at; gives how many entries map the page',
    op: ([p = 0n]) => ({ name: 'rmap_walk', addr: u64(p) }),
  },
  {
    name: 'fork',
    role: 'event',
    params: [],
    gives: 'result',
    summary: 'a child that shares what its parent maps; what follows is still the parent, `in child { }` the child: fork(2)',
    op: () => ({ name: 'fork', follow: 'parent' }),
  },
  {
    name: 'reap',
    role: 'event',
    params: [],
    gives: 'result',
    summary: 'the latest child ends, and its parent waits for it',
    op: () => ({ name: 'reap' }),
  },
  {
    name: 'uffd_register',
    role: 'event',
    params: [address('addr'), length('len'), { name: 'mode', kind: 'uffd-mode' }],
    gives: 'result',
    summary: 'have the userfaultfd hear of faults in a range: UFFDIO_REGISTER',
    op: ([addr = 0n, len = 0n, mode = 0n]) => ({ name: 'uffd_register', addr: u64(addr), length: u64(len), mode: modeOf(mode) }),
  },
  {
    name: 'uffd_unregister',
    role: 'event',
    params: [address('addr'), length('len')],
    gives: 'result',
    summary: 'no longer hear of faults in a range: UFFDIO_UNREGISTER',
    op: ([addr = 0n, len = 0n]) => ({ name: 'uffd_unregister', addr: u64(addr), length: u64(len) }),
  },
  {
    name: 'uffd_writeprotect',
    role: 'event',
    params: [address('addr'), length('len'), { name: 'protect', kind: 'switch' }],
    gives: 'result',
    summary: 'write-protect what is present in a range, or take that back: UFFDIO_WRITEPROTECT',
    op: ([addr = 0n, len = 0n, protect = 0n]) => ({ name: 'uffd_writeprotect', addr: u64(addr), length: u64(len), protect: protect !== 0n }),
  },
  {
    name: 'uffd_close',
    role: 'event',
    params: [],
    gives: 'result',
    summary: 'close the userfaultfd; every registration ends',
    op: () => ({ name: 'uffd_close' }),
  },
];

function modeOf(mode: bigint): 'MISSING' | 'WP' | 'MINOR' {
  if (bits(mode) & UFFD_MODE.UFFDIO_REGISTER_MODE_WP) return 'WP';
  return bits(mode) & UFFD_MODE.UFFDIO_REGISTER_MODE_MINOR ? 'MINOR' : 'MISSING';
}
