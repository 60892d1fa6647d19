/** What the kernel does to pages on its own: swapping them out, migrating them, merging like ones (KSM). */
import { toVpn, type Bytes, type Pages, type ReclaimOp, type Result, type Vpn } from '../machine/index.js';
import type { Run } from './extents.js';
import type { Content } from './pagetable/content.js';
import { advanceContent } from './pagetable/content.js';
import { splitHugePmd } from './pagetable/huge.js';
import { isAnonymousFrame } from './pagetable/ksm.js';
import { mapPte, unmapPte } from './pagetable/map.js';
import { PTE, type Pte } from './pagetable/page-tables.js';
import type { Mm } from './vma/mm.js';
import { alignUp } from './vma/page-align.js';
import { isAnonymous } from './vma/vm-area.js';
import { VM } from './vma/vm-flags.js';

/** The value is how many pages it concerned. */
export function reclaim(mm: Mm, op: ReclaimOp): Result {
  const done = op.name === 'ksm_scan' ? ksmScan(mm) : op.name === 'swap_out' ? swapOut(mm, ...range(mm, op.addr, op.length)) : migrate(mm, ...range(mm, op.addr, op.length));
  return { kind: 'value', value: BigInt(done) };
}

function range(mm: Mm, addr: Bytes, length: Bytes): [Vpn, Vpn] {
  const start = toVpn(mm.geometry, addr);
  return [start, start + alignUp(mm.geometry, length)];
}

/** Anonymous pages of the range that something may be done to: present, and mapped by this process alone if asked for. */
function* anonymousRuns(mm: Mm, from: Vpn, to: Vpn, alone: boolean): Generator<Run<Pte>> {
  for (const vma of [...mm.range(from, to)]) {
    if (!isAnonymous(vma) || vma.flags & VM.LOCKED) continue;
    for (const huge of mm.pageTables.hugeRuns(Math.max(from, vma.start), Math.min(to, vma.end))) {
      for (let at = huge.start; at < huge.start + huge.count; at += mm.pageTables.tableSpan(0)) splitHugePmd(mm, at);
    }
    for (const run of mm.pageTables.entries.list(Math.max(from, vma.start), Math.min(to, vma.end))) {
      if (!isAnonymousFrame(run.value)) continue;
      for (const folios of mm.memory.runs(run.value.pfn, run.count)) {
        if (alone && folios.value.mapcount > 1) continue;
        yield { start: run.start + (folios.start - run.value.pfn), count: folios.count, value: { pfn: folios.start } };
      }
    }
  }
}

/** shrink_folio_list(), try_to_unmap_one(): the entries say where in swap the pages are, and keep their place in the tables. */
function swapOut(mm: Mm, from: Vpn, to: Vpn): Pages {
  let done = 0;
  for (const run of anonymousRuns(mm, from, to, true)) {
    mm.pageTables.entries.set(run.start, run.count, { pfn: run.value.pfn, flags: PTE.SWAP });
    mm.rss -= run.count;
    done += run.count;
  }
  return done;
}

/** migrate_pages(): the pages get other frames; the reverse map finds every entry that has to follow. */
function migrate(mm: Mm, from: Vpn, to: Vpn): Pages {
  let done = 0;
  for (const run of anonymousRuns(mm, from, to, true)) {
    const folio = mm.memory.folio(run.value.pfn);
    if (folio === undefined) continue;
    const pfn = mm.memory.alloc(run.count, folio.mapping, folio.index);
    mm.memory.copy(run.value.pfn, pfn, run.count);
    unmapPte(mm, run.value, run.count);
    mm.pageTables.entries.set(run.start, run.count, { pfn });
    mapPte(mm, { pfn }, run.count);
    done += run.count;
  }
  return done;
}

/** One pass of ksmd (mm/ksm.c) over what MADV_MERGEABLE offered: pages of the same contents become one. */
function ksmScan(mm: Mm): Pages {
  const like = new Map<string, Run<Pte>[]>();
  for (const vma of mm.vmas.values()) {
    if ((vma.flags & VM.MERGEABLE) === 0) continue;
    for (const run of anonymousRuns(mm, vma.start, vma.end, true)) {
      for (const piece of alikePieces(mm, run)) {
        const key = contentKey(mm.memory.folio(piece.value.pfn)?.content ?? []);
        like.set(key, [...(like.get(key) ?? []), piece]);
      }
    }
  }
  let done = 0;
  for (const pieces of like.values()) {
    const pages = pieces.reduce((n, p) => n + p.count, 0);
    const first = pieces[0];
    if (pages < 2 || first === undefined) continue;
    const content = mm.memory.folio(first.value.pfn)?.content ?? [];
    const pfn = mm.memory.allocKsm(content);
    for (const piece of pieces) {
      unmapPte(mm, piece.value, piece.count);
      const merged = { pfn, flags: PTE.KSM };
      mm.pageTables.entries.set(piece.start, piece.count, merged);
      mapPte(mm, merged, piece.count);
    }
    done += pages;
  }
  return done;
}

/** Pages whose words grow differ from each other: they are compared one by one. */
function* alikePieces(mm: Mm, run: Run<Pte>): Generator<Run<Pte>> {
  const content = mm.memory.folio(run.value.pfn)?.content ?? [];
  if (content.every((s) => s.step === 0n)) {
    yield run;
    return;
  }
  for (let i = 0; i < run.count; i++) yield { start: run.start + i, count: 1, value: { pfn: run.value.pfn + i } };
}

const contentKey = (content: Content): string => advanceContent(content, 0).map((s) => `${s.offset}:${s.length}:${s.value}:${s.byteOf}`).join(';');

