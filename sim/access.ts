/** Loads and stores of user code: they fault pages in, then read or change bytes. */
import { toBytes, toVpn, type AccessOp, type Bytes, type Result, type Vpn } from '../machine/index.js';
import { byteAt, fill, storeSpan, word } from './pagetable/content.js';
import { faultRange } from './pagetable/fault.js';
import type { FaultStop } from './pagetable/fault-stop.js';
import type { Folio } from './rmap/folio.js';
import { ZERO_PFN } from './rmap/folio.js';
import type { Mm } from './vma/mm.js';

export function access(mm: Mm, op: AccessOp): Result {
  switch (op.name) {
    case 'memset':
      return memset(mm, op.addr, op.length, op.byte);
    case 'touch':
      return touch(mm, op.addr, op.length);
    case 'peek':
      return peek(mm, op.addr);
    case 'poke':
      return memset(mm, op.addr, 1n, op.byte);
    case 'store_words':
      return eachWord(mm, op.addr, op.length, op.stride, (i) => op.value + i);
    case 'load_words':
      return eachWord(mm, op.addr, op.length, op.stride, null);
  }
}

/** Goes mapping by mapping: a store through one may change a page of a file that the next one then copies. */
function memset(mm: Mm, addr: Bytes, length: Bytes, byte: number): Result {
  const end = addr + length;
  for (let at = addr; at < end;) {
    const mapped = toBytes(mm.geometry, mappingEnd(mm, toVpn(mm.geometry, at)));
    const to = mapped < end ? mapped : end;
    const { done, stop } = faultBytes(mm, at, to - at, true);
    storeBytes(mm, at, at + done, byte);
    if (stop !== null) return { ...stop, done: at - addr + done };
    at = to;
  }
  return { kind: 'value', value: length };
}

/** Where the mapping of a page ends; what is not mapped, but may become so, is taken page by page. */
const mappingEnd = (mm: Mm, at: Vpn): Vpn => mm.lookup(at)?.end ?? at + 1;

function touch(mm: Mm, addr: Bytes, length: Bytes): Result {
  const { stop } = faultBytes(mm, addr, length, true);
  return stop ?? { kind: 'value', value: length === 0n ? 0n : BigInt(lastPage(mm, addr, length) - toVpn(mm.geometry, addr) + 1) };
}

function peek(mm: Mm, addr: Bytes): Result {
  const { stop } = faultBytes(mm, addr, 1n, false);
  if (stop !== null) return stop;
  const pfn = mm.pageTables.get(toVpn(mm.geometry, addr))?.pfn ?? ZERO_PFN;
  const folio = mm.memory.folio(pfn);
  return { kind: 'value', value: BigInt(folio === undefined ? 0 : byteAt(folio.content, offsetIn(mm, addr))) };
}

/**
 * One access of eight bytes each `stride`. With a stride of one page, half a million of them are
 * one run; any other stride is walked access by access, as the program would.
 */
function eachWord(mm: Mm, addr: Bytes, length: Bytes, stride: Bytes, value: ((i: bigint) => bigint) | null): Result {
  const page = toBytes(mm.geometry, 1);
  const total = length === 0n || stride === 0n ? 0n : (length + stride - 1n) / stride;
  if (stride === page && offsetIn(mm, addr) + 8 <= Number(page)) {
    const first = toVpn(mm.geometry, addr);
    const end = first + Number(total);
    for (let at = first; at < end;) {
      const to = Math.min(end, mappingEnd(mm, at));
      const stop = faultRange(mm, at, to, value !== null);
      const reached = stop?.at ?? to;
      if (value !== null) storeWords(mm, at, reached - at, offsetIn(mm, addr), value(BigInt(at - first)), total === 1n ? 0n : 1n);
      if (stop !== null) return signal(stop, BigInt(reached - first), addr + BigInt(reached - first) * page);
      at = to;
    }
    return { kind: 'value', value: total };
  }
  for (let i = 0n; i < total; i++) {
    const at = addr + i * stride;
    const { stop } = faultBytes(mm, at, 8n, value !== null);
    if (stop !== null) return { ...stop, done: i };
    if (value !== null) storeWord(mm, at, value(i));
  }
  return { kind: 'value', value: total };
}

/** Faults the pages of [addr, addr+length) in; `done` is how many bytes come before the first that cannot be. */
function faultBytes(mm: Mm, addr: Bytes, length: Bytes, write: boolean): { done: Bytes; stop: (Result & { kind: 'signal' }) | null } {
  if (length === 0n) return { done: 0n, stop: null };
  const first = toVpn(mm.geometry, addr);
  const stop = faultRange(mm, first, lastPage(mm, addr, length) + 1, write);
  if (stop === null) return { done: length, stop: null };
  const at = stop.at === first ? addr : toBytes(mm.geometry, stop.at);
  return { done: at - addr, stop: signal(stop, at - addr, at) };
}

const signal = (stop: FaultStop, done: bigint, at: Bytes): Result & { kind: 'signal' } => ({ kind: 'signal', signal: stop.signal, at, done });

function storeBytes(mm: Mm, from: Bytes, to: Bytes, byte: number): void {
  if (from >= to) return;
  const page = Number(toBytes(mm.geometry, 1));
  const first = toVpn(mm.geometry, from);
  const end = toVpn(mm.geometry, to - 1n) + 1;
  const head = offsetIn(mm, from);
  const tail = offsetIn(mm, to - 1n) + 1;
  const whole = { start: head === 0 ? first : first + 1, end: tail === page ? end : end - 1 };
  if (first + 1 === end) return storeIn(mm, first, end, head, tail - head, byte);
  if (whole.start > first) storeIn(mm, first, first + 1, head, page - head, byte);
  storeIn(mm, whole.start, whole.end, 0, page, byte);
  if (whole.end < end) storeIn(mm, end - 1, end, 0, tail, byte);
}

function storeIn(mm: Mm, from: Vpn, to: Vpn, offset: number, length: number, byte: number): void {
  const span = fill(offset, length, byte);
  changePages(mm, from, to, (folio) => ({ ...folio, content: storeSpan(folio.content, span) }));
}

function storeWords(mm: Mm, first: Vpn, count: number, offset: number, value: bigint, step: bigint): void {
  changePages(mm, first, first + count, (folio, page) => ({
    ...folio,
    content: storeSpan(folio.content, word(offset, value + step * BigInt(page - first), step)),
  }));
}

/** A single u64; one that straddles two pages is stored byte by byte. */
function storeWord(mm: Mm, at: Bytes, value: bigint): void {
  if (offsetIn(mm, at) + 8 <= Number(toBytes(mm.geometry, 1))) {
    storeWords(mm, toVpn(mm.geometry, at), 1, offsetIn(mm, at), value, 0n);
    return;
  }
  for (let i = 0n; i < 8n; i++) storeBytes(mm, at + i, at + i + 1n, Number((value >> (8n * i)) & 0xffn));
}

/** Changes the frames behind [from, to), all present; `change` sees the first page of each run. */
function changePages(mm: Mm, from: Vpn, to: Vpn, change: (folio: Folio, page: Vpn) => Folio): void {
  for (const run of mm.pageTables.leafRuns(from, to)) {
    mm.memory.update(run.value.pfn, run.count, (folio, offset) => change(folio, run.start + offset));
  }
}

const offsetIn = (mm: Mm, at: Bytes): number => Number(at & (toBytes(mm.geometry, 1) - 1n));
const lastPage = (mm: Mm, addr: Bytes, length: Bytes): Vpn => toVpn(mm.geometry, addr + length - 1n);
