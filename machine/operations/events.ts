/** What else happens to a process: what others do to it, and what strace has no one line for. */
import { UFFD_MODE } from '../constants.js';
import { hex, size } from '../format.js';
import { u64 } from '../number.js';
import type { NameVmaCall, CollapseOp, ExecStackOp, ForkCall, MemfdOp, PinOp, ReapOp, ReclaimOp, RmapWalkOp, UffdCall, UffdRangeCall } from '../op.js';
import { address, describe, length, optional, ownRange, type Call } from './descriptor.js';
import { bits } from './parameter.js';

const p = address('p', 'addr');
const n = length('n', 'length');

/** A file that is not the process's own, by its kind. */
const file = (name: 'memfd' | 'dax', summary: string, more: Partial<MemfdOp>): Call<MemfdOp> =>
  describe<MemfdOp>('memfd', {
    name,
    role: 'event',
    params: [{ name: 'name', kind: 'text' }, length('size')],
    summary,
    op: ([, bytes = 0n], { name: called = '' } = {}) => ({ name: 'memfd', file: called, size: u64(bytes), ...more }),
    print: (op) => `${op.dax === true ? 'dax' : 'memfd'}(${JSON.stringify(op.file)}, ${op.size})`,
    answers: 'fd',
  });

const onPages = <N extends 'swap_out' | 'migrate' | 'pin' | 'unpin' | 'collapse'>(name: N, summary: string): Call<PinOp | CollapseOp | Extract<ReclaimOp, { addr: bigint }>> =>
  describe<PinOp | CollapseOp | Extract<ReclaimOp, { addr: bigint }>>(name, { name, role: 'event', params: [p, n], summary, range: ownRange, inRaces: true });

type UffdRange<N extends UffdRangeCall['name']> = Extract<UffdRangeCall, { name: N }>;
const uffdRange = [address('addr'), length('len', 'length')] as const;

export const EVENTS: readonly Call[] = [
  file('memfd', 'a memory file of a size, to be used as a file descriptor: memfd_create(2) and ftruncate(2)', {}),
  file('dax', 'a file of a size on a device that is memory itself, to be used as a file descriptor; in races its aligned blocks are mapped by huge entries', { dax: true }),
  describe<ExecStackOp>('exec_stack', {
    name: 'exec_stack',
    role: 'event',
    params: [address('start'), address('end'), length('shift')],
    summary: 'the stack of a new program, built at start..end and written, moves down by shift as execve(2) does it',
    print: (op) => `exec_stack(${hex(op.start)}, ${hex(op.end)}, ${size(op.shift)})`,
    answers: 'address',
    inRaces: true,
  }),
  describe<NameVmaCall>('name_vma', {
    name: 'name_vma',
    role: 'event',
    params: [address('addr'), length('len', 'length'), { name: 'name', kind: 'text' }],
    summary: 'name anonymous memory, as maps shows it: prctl(2) with PR_SET_VMA_ANON_NAME',
    range: ownRange,
    impliesMapped: true,
    op: ([addr = 0n, bytes = 0n], { name: called = '' } = {}) => ({ name: 'name_vma', addr: u64(addr), length: u64(bytes), called }),
    print: (op) => `prctl(PR_SET_VMA, PR_SET_VMA_ANON_NAME, ${hex(op.addr)}, ${op.length}, ${op.called === '' ? 'NULL' : JSON.stringify(op.called)})`,
  }),
  onPages('swap_out', 'reclaim writes what is present of n bytes at p to swap'),
  {
    ...onPages('migrate', 'the page at p, or those of n bytes, move to other frames'),
    params: [p, optional(n)],
    op: ([at = 0n, bytes = 1n]) => ({ name: 'migrate', addr: u64(at), length: u64(bytes) }),
  },
  describe<Extract<ReclaimOp, { name: 'ksm_scan' }>>('ksm_scan', { name: 'ksm_scan', role: 'event', params: [], summary: 'KSM merges what MADV_MERGEABLE memory has in common' }),
  onPages('pin', 'a device pins n bytes at p for writing, as io_uring does with a registered buffer: GUP with FOLL_PIN'),
  onPages('unpin', 'the device lets go of what was pinned at p, wherever it is mapped now'),
  onPages('collapse', 'khugepaged looks at n bytes at p: whole blocks of small pages become huge pages; gives how many'),
  describe<RmapWalkOp>('rmap_walk', {
    name: 'rmap_walk',
    role: 'event',
    params: [p],
    summary: 'walk the reverse map of the page at p: `visits` lists the VMAs looked at; gives how many entries map the page',
    range: ({ addr }) => ({ addr, length: 1n }),
    inRaces: true,
  }),
  describe<ForkCall>('fork', {
    name: 'fork',
    role: 'event',
    params: [],
    summary: 'a child that shares what its parent maps; what follows is still the parent, `in child { }` the child: fork(2)',
    op: () => ({ name: 'fork', follow: 'parent' }),
    print: (op) => (op.follow === 'child' ? 'fork(), in the child' : 'fork()'),
    inRaces: true,
  }),
  describe<ReapOp>('reap', { name: 'reap', role: 'event', params: [], summary: 'the latest child ends, and its parent waits for it', print: () => 'wait()' }),
  describe<UffdRange<'uffd_register'>>('uffd_register', {
    name: 'uffd_register',
    role: 'event',
    params: [...uffdRange, { name: 'mode', kind: 'uffd-mode' }],
    summary: 'have the userfaultfd hear of faults in a range: UFFDIO_REGISTER',
    op: ([addr = 0n, len = 0n, mode = 0n]) => ({ name: 'uffd_register', addr: u64(addr), length: u64(len), mode: modeOf(mode) }),
    range: ownRange,
    keepsTags: true,
  }),
  describe<UffdRange<'uffd_unregister'>>('uffd_unregister', {
    name: 'uffd_unregister',
    role: 'event',
    params: uffdRange,
    summary: 'no longer hear of faults in a range: UFFDIO_UNREGISTER',
    range: ownRange,
    keepsTags: true,
  }),
  describe<UffdRange<'uffd_writeprotect'>>('uffd_writeprotect', {
    name: 'uffd_writeprotect',
    role: 'event',
    params: [...uffdRange, { name: 'protect', kind: 'switch' }],
    summary: 'write-protect what is present in a range, or take that back: UFFDIO_WRITEPROTECT',
    range: ownRange,
    keepsTags: true,
  }),
  describe<Extract<UffdCall, { name: 'uffd_close' }>>('uffd_close', { name: 'uffd_close', role: 'event', params: [], summary: 'close the userfaultfd; every registration ends' }),
];

function modeOf(mode: bigint): 'MISSING' | 'WP' | 'MINOR' {
  if (bits(mode) & UFFD_MODE.UFFDIO_REGISTER_MODE_WP) return 'WP';
  return bits(mode) & UFFD_MODE.UFFDIO_REGISTER_MODE_MINOR ? 'MINOR' : 'MISSING';
}
