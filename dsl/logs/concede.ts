/**
 * For a call that succeeded in the log and that the model refuses: changes the model's state to what the success
 * implies. Whatever stood in the way is removed, and the call is carried out again.
 */
import { MAP, PROT, toBytes, toVpn, type AddressSpace, type Bytes, type Op, type OpRecord } from '../../machine/index.js';
import type { Bound } from './bound.js';
import { refusesArguments } from './possible.js';

/** How many obstacles are removed one after the other before giving up. */
const MOST_TRIES = 8;

const ANONYMOUS = MAP.MAP_PRIVATE | MAP.MAP_ANONYMOUS | MAP.MAP_FIXED;
const RW = PROT.PROT_READ | PROT.PROT_WRITE;

/**
 * @param op as the run was asked it
 * @param value what the kernel answered
 * @param first what the run answered
 * @returns the last answer; it is `value` where the state could be brought to it
 */
export function concede(bound: Bound, op: Op, value: Bytes, first: OpRecord): OpRecord {
  let record = first;
  for (let tries = 0; tries < MOST_TRIES; tries++) {
    const { result } = record;
    if (result.kind === 'value') return result.value === value ? record : moveThere(bound, op, result.value, value, record);
    if (result.kind !== 'errno' || refusesArguments(result.refusal.check) || !makeWay(bound, op, value)) return record;
    record = bound.perform(op);
  }
  return record;
}

/** The run placed the mapping elsewhere, for it has something at the place that the kernel chose. */
function moveThere(bound: Bound, op: Op, from: Bytes, to: Bytes, record: OpRecord): OpRecord {
  if (op.name === 'mmap') {
    unmap(bound, from, op.length);
    return bound.perform({ ...op, addr: to, flags: (op.flags & ~MAP.MAP_FIXED_NOREPLACE) | MAP.MAP_FIXED });
  }
  if (op.name !== 'mremap') return record;
  const { new_size } = op;
  if (from < to + new_size && to < from + new_size) {
    // Two overlapping places: by way of a third, which is free.
    const { result } = bound.perform({
      name: 'mmap',
      addr: 0n,
      length: new_size,
      prot: PROT.PROT_NONE,
      flags: MAP.MAP_PRIVATE | MAP.MAP_ANONYMOUS | MAP.MAP_NORESERVE,
      fd: -1,
      offset: 0n,
    });
    if (result.kind !== 'value') return record;
    remap(bound, from, new_size, result.value);
    remap(bound, result.value, new_size, to);
  } else remap(bound, from, new_size, to);
  return { ...fields(record), result: { kind: 'value', value: to } };
}

/** Reads all fields of a lean record now, as they would change later. */
const fields = ({ op, seq, moved, moves, tables, faults, strays, events, visits, log, steps, moveCalls, before, after, result }: OpRecord): OpRecord => ({
  op, seq, moved, moves, tables, faults, strays, events, visits, log, steps, moveCalls, before, after, result,
}); // prettier-ignore

const FIXED_MOVE = 3;
const remap = (bound: Bound, from: Bytes, length: Bytes, to: Bytes): OpRecord =>
  bound.perform({ name: 'mremap', old_address: from, old_size: length, new_size: length, flags: FIXED_MOVE, new_address: to });

/** @returns false where nothing can be done, or needs to be: the call leaves no trace in an address space */
function makeWay(bound: Bound, op: Op, value: Bytes): boolean {
  switch (op.name) {
    case 'mmap':
      return unmap(bound, value, op.length);
    case 'mremap':
      return makeSource(bound, op, value);
    case 'mprotect':
      if (fill(bound, op.addr, op.length)) return true;
      return rebuild(bound, op.addr, op.length, op.prot & ~0xff_ff_ff_f8);
    case 'madvise':
    case 'mlock':
    case 'mlock2':
    case 'munlock':
    case 'mseal':
    case 'name_vma':
    case 'uffd_register':
      return fill(bound, op.addr, op.length);
    default:
      return false;
  }
}

/** One mapping, of ordinary memory, and room for what it becomes. */
function makeSource(bound: Bound, op: Extract<Op, { name: 'mremap' }>, value: Bytes): boolean {
  const { old_address: at, old_size, new_size } = op;
  const length = old_size === 0n ? new_size : old_size;
  if (value === at && new_size > old_size) unmap(bound, at + old_size, new_size - old_size);
  const space = bound.space();
  const vma = space.vmaAt(toVpn(space.geometry, at));
  const end = toBytes(space.geometry, vma?.end ?? 0);
  if (vma !== undefined && end >= at + length && value === at) return true;
  return rebuild(bound, at, length, vma === undefined ? RW : protOf(vma.perms), old_size === 0n);
}

function rebuild(bound: Bound, at: Bytes, length: Bytes, prot: number, shared = false): boolean {
  unmap(bound, at, length);
  const flags = shared ? (ANONYMOUS & ~MAP.MAP_PRIVATE) | MAP.MAP_SHARED : ANONYMOUS;
  const { result } = bound.perform({ name: 'mmap', addr: at, length, prot, flags, fd: -1, offset: 0n });
  if (result.kind === 'value') bound.touch(at, length);
  return result.kind === 'value';
}

const protOf = (perms: string): number => (perms[0] === 'r' ? PROT.PROT_READ : 0) | (perms[1] === 'w' ? PROT.PROT_WRITE : 0) | (perms[2] === 'x' ? PROT.PROT_EXEC : 0);

const unmap = (bound: Bound, addr: Bytes, length: Bytes): boolean => bound.perform({ name: 'munmap', addr, length }).result.kind === 'value';

/** Maps what is not mapped of a range; false where all of it is. */
function fill(bound: Bound, addr: Bytes, length: Bytes): boolean {
  const holes = holesOf(bound.space(), addr, length);
  for (const { start, end } of holes) rebuild(bound, start, end - start, RW);
  return holes.length > 0;
}

function holesOf(space: AddressSpace, addr: Bytes, length: Bytes): { readonly start: Bytes; readonly end: Bytes }[] {
  const g = space.geometry;
  const end = toVpn(g, addr + length - 1n) + 1;
  const holes: { start: Bytes; end: Bytes }[] = [];
  let at = toVpn(g, addr);
  for (const vma of space.vmas(at, end)) {
    if (vma.start > at) holes.push({ start: toBytes(g, at), end: toBytes(g, vma.start) });
    at = Math.max(at, vma.end);
  }
  if (at < end) holes.push({ start: toBytes(g, at), end: toBytes(g, end) });
  return holes;
}
