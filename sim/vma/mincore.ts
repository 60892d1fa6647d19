/** mincore(2): sys_mincore(), do_mincore() and mincore_pte_range(), mm/mincore.c. */
import { toBytes, type MincoreCall, type Pages, type Vpn } from '../../machine/index.js';
import { isFrame, isPresent, PTE } from '../pagetable/page-tables.js';
import { ZERO_PFN } from '../rmap/folio.js';
import { refuse, type Outcome } from '../refusal.js';
import { atByte, atPage, bytes, number } from '../values.js';
import type { Mm } from './mm.js';
import { pgoffAt, type VmArea } from './vm-area.js';

/**
 * Says of each page of the range whether it is in memory. What `vec` points at is the caller's own affair and not modelled:
 * the path of the call tells how many bytes of it would be 1.
 */
export function sysMincore(mm: Mm, call: MincoreCall): Outcome {
  const where = mm.functions.mincore;
  const page = toBytes(mm.geometry, 1);
  if (call.addr % page !== 0n) return refuse(mm, where, 'EINVAL', 'mincore.misaligned', 'the address must be page aligned', [atByte('addr', call.addr)]);
  const top = toBytes(mm.geometry, mm.geometry.taskPages);
  if (call.addr + call.length > top) {
    return refuse(mm, where, 'ENOMEM', 'mincore.beyond', 'the range reaches beyond user space', [atByte('addr', call.addr), bytes('length', call.length)]);
  }
  const start = Number(call.addr / page);
  const end = start + Number((call.length + page - 1n) / page);
  let resident: Pages = 0;
  for (let at = start; at < end;) {
    const vma = mm.lookup(at);
    if (vma === undefined) return refuse(mm, where, 'ENOMEM', 'mincore.hole', 'part of the range is not mapped', [atPage(mm, 'at', at)]);
    const to = Math.min(end, vma.end);
    resident += residentIn(mm, vma, at, to);
    at = to;
  }
  mm.recorder.step(where, 'done', 'mincore.counted', 'said of each page whether it is in memory', () => [number('pages', end - start), number('in memory', resident)]);
  return { value: 0n };
}

/** mincore_pte_range(): what is present is in memory; where nothing is, the page cache is asked (__mincore_unmapped_range()). */
function residentIn(mm: Mm, vma: VmArea, from: Vpn, to: Vpn): Pages {
  let found: Pages = 0;
  let next = from;
  for (const { start, count, value } of mm.pageTables.leafRuns(from, to)) {
    found += cachedIn(vma, next, start);
    next = start + count;
    // Swapped out, it is in memory while the swap cache has it, which the model does not have; a marker is no page.
    if (value.flags === PTE.SWAP) continue;
    if (isPresent(value) && (isFrame(value) || value.pfn === ZERO_PFN)) found += count;
    else found += cachedIn(vma, start, next);
  }
  return found + cachedIn(vma, next, to);
}

function cachedIn(vma: VmArea, from: Vpn, to: Vpn): Pages {
  if (vma.file === null || from >= to) return 0;
  const first = pgoffAt(vma, from);
  return vma.file.cache.list(first, first + (to - from)).reduce((n, run) => n + run.count, 0);
}
