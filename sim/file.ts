/** Files that can be mapped: memfd_create(2), ftruncate(2), close(2). */
import { MEMFD, toBytes, toVpn, type Bytes, type CloseCall, type FtruncateCall, type MemfdOp, type Pages, type Vpn } from '../machine/index.js';
import { storeSpan, word } from './pagetable/content.js';
import { isFrame } from './pagetable/page-tables.js';
import { SharedObject } from './pagetable/shared-object.js';
import { discardRange, zapRange } from './pagetable/zap.js';
import { refuse, type Outcome } from './refusal.js';
import { bytes, number } from './values.js';
import type { Mm } from './vma/mm.js';
import { alignUp } from './vma/page-align.js';

/** A memory file of the size given, open for reading and writing; with a word in each whole page if asked for. */
export function createMemfd(mm: Mm, op: MemfdOp): Outcome {
  const pages = alignUp(mm.geometry, op.size);
  const dax = op.dax === true;
  const object = new SharedObject(mm.kernel.objectId(), dax ? `/mnt/pmem/${op.file}` : `${MEMFD}${op.file}`, pages, false, dax);
  if (dax && pages > 0) object.cache.set(0, pages, { pfn: mm.memory.alloc(pages, { object: object.id }, 0) });
  const whole = toVpn(mm.geometry, op.size);
  if (op.word !== undefined && whole > 0) {
    const pfn = mm.memory.alloc(whole, { object: object.id }, 0);
    const first = op.word;
    mm.memory.update(pfn, whole, (folio, offset) => ({ ...folio, content: storeSpan(folio.content, word(0, first + BigInt(offset), whole === 1 ? 0n : 1n)) }));
    object.cache.set(0, whole, { pfn });
  }
  const fd = lowestFree(mm);
  mm.files.set(fd, object);
  return { value: BigInt(fd) };
}

function lowestFree(mm: Mm): number {
  let fd = 3;
  while (mm.files.has(fd)) fd++;
  return fd;
}

/** truncate_pagecache(): pages beyond the new end leave every mapping, private copies among them; guards stay. */
export function sysFtruncate(mm: Mm, call: FtruncateCall): Outcome {
  const object = mm.files.get(call.fd);
  if (object === undefined) return refuse(mm, mm.functions.ftruncate, 'EBADF', 'ftruncate.fd', 'the file descriptor is not open', [number('fd', call.fd)]);
  if (call.length < 0n) return refuse(mm, mm.functions.ftruncate, 'EINVAL', 'ftruncate.length', 'the length is negative', [bytes('length', call.length)]);
  const pages = alignUp(mm.geometry, call.length);
  if (pages < object.pages) {
    for (const other of mm.kernel.mms) unmapMapping(other, object, pages, object.pages, discardRange);
    for (const run of object.cache.take(pages, object.pages)) mm.memory.release(run.value.pfn, run.count);
  }
  zeroTail(mm, object, call.length);
  object.pages = pages;
  return { value: 0n };
}

/** shmem_fallocate() with FALLOC_FL_PUNCH_HOLE: pages of the object leave every mapping and the cache, private copies stay. */
export function punchHole(mm: Mm, object: SharedObject, from: number, to: number): void {
  for (const other of mm.kernel.mms) unmapMapping(other, object, from, to, zapShared);
  for (const run of object.cache.take(from, to)) mm.memory.release(run.value.pfn, run.count);
}

/** unmap_mapping_range() in one address space. */
function unmapMapping(mm: Mm, object: SharedObject, from: number, to: number, zap: (mm: Mm, from: Vpn, to: Vpn) => void): void {
  for (const vma of mm.vmas.values()) {
    if (vma.file !== object) continue;
    const start = Math.max(vma.start, vma.start + (from - vma.pgoff));
    const end = Math.min(vma.end, vma.start + (to - vma.pgoff));
    if (start < end) zap(mm, start, end);
  }
}

/** Drops the object's own pages of a range. */
function zapShared(mm: Mm, from: Vpn, to: Vpn): void {
  for (const run of mm.pageTables.entries.list(from, to)) {
    if (!isFrame(run.value)) continue;
    for (const folios of mm.memory.runs(run.value.pfn, run.count)) {
      const at = run.start + (folios.start - run.value.pfn);
      if ('object' in folios.value.mapping) zapRange(mm, at, at + folios.count);
    }
  }
}

/** Clears the rest of the last page, behind the new end. */
function zeroTail(mm: Mm, object: SharedObject, length: Bytes): void {
  const inPage = Number(length % toBytes(mm.geometry, 1));
  const last: Pages = Number(length / toBytes(mm.geometry, 1));
  const pfn = inPage === 0 || last >= object.pages ? undefined : object.cache.get(last)?.pfn;
  if (pfn === undefined) return;
  const rest = Number(toBytes(mm.geometry, 1)) - inPage;
  mm.memory.update(pfn, 1, (folio) => ({ ...folio, content: storeSpan(folio.content, { offset: inPage, length: rest, value: 0n, step: 0n, byteOf: -1 }) }));
}

export function sysClose(mm: Mm, call: CloseCall): Outcome {
  if (!mm.files.delete(call.fd)) return refuse(mm, mm.functions.close, 'EBADF', 'close.fd', 'the file descriptor is not open', [number('fd', call.fd)]);
  return { value: 0n };
}
