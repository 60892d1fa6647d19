/** What the kernel does to pages on its own: swapping them out, migrating them, merging like ones (KSM). */
import { toVpn, type Bytes, type Pages, type ReclaimOp, type Result, type Vpn } from '../machine/index.js';
import type { Run } from './extents.js';
import type { Content } from './pagetable/content.js';
import { advanceContent } from './pagetable/content.js';
import { splitHugePmd } from './pagetable/split-huge.js';
import { isAnonymousFrame } from './pagetable/ksm.js';
import { mapPte, unmapPte } from './pagetable/map.js';
import { isPresent, PTE, type Pte } from './pagetable/page-tables.js';
import { zapRange } from './pagetable/zap.js';
import type { Folio } from './rmap/folio.js';
import { mappers, type Mapper } from './rmap/walk.js';
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

/** Neighbouring frames that are alike, and where the process maps them. */
type Alike = Run<Pte> & { readonly folio: Folio };

/**
 * Anonymous pages of the range, run by run. Huge pages are split first, but those that are pinned:
 * whoever finds more references than mappings leaves a page alone.
 */
function* anonymousRuns(mm: Mm, from: Vpn, to: Vpn): Generator<Alike> {
  for (const vma of mm.range(from, to)) {
    if (!isAnonymous(vma)) continue;
    const [start, end] = [Math.max(from, vma.start), Math.min(to, vma.end)];
    for (const huge of mm.pageTables.hugeRuns(start, end)) {
      const block = mm.pageTables.tableSpan(0);
      for (let i = 0; i < huge.count; i += block) if (!mm.memory.isPinned(huge.value.pfn + i)) splitHugePmd(mm.pageTables, huge.start + i);
    }
    for (const run of mm.pageTables.entries.list(start, end)) {
      if (!isAnonymousFrame(run.value)) continue;
      for (const { start: pfn, count, value: folio } of mm.memory.folioRuns(run.value.pfn, run.count)) {
        if (!mm.memory.isPinned(pfn)) yield { start: run.start + (pfn - run.value.pfn), count, value: { pfn }, folio };
      }
    }
  }
}

/** shrink_folio_list(), try_to_unmap(): the entries, of every process, say where in swap the pages are, and keep their place in the tables. */
function swapOut(mm: Mm, from: Vpn, to: Vpn): Pages {
  let done = 0;
  for (const run of [...anonymousRuns(mm, from, to)]) {
    for (const piece of unlocked(mm, run)) {
      for (const m of [...mappers(mm.kernel, piece.value.pfn, piece.count, piece.folio)]) {
        if (!isPresent(m.pte)) continue;
        splitAll(m);
        if (m.vma.flags & VM.DROPPABLE) {
          zapRange(m.mm, m.start, m.start + m.count);
          continue;
        }
        m.mm.pageTables.entries.set(m.start, m.count, { pfn: m.pte.pfn, flags: PTE.SWAP });
        m.mm.rss -= m.count;
      }
      done += piece.count;
    }
  }
  return done;
}

/** The parts of a run that no process has locked (folio_referenced_one() stops at VM_LOCKED). */
function unlocked(mm: Mm, run: Alike): Alike[] {
  let parts = [{ from: 0, to: run.count }];
  for (const { vma, pte, count } of mappers(mm.kernel, run.value.pfn, run.count, run.folio)) {
    if ((vma.flags & VM.LOCKED) === 0) continue;
    const at = pte.pfn - run.value.pfn;
    parts = parts
      .flatMap((p) => [
        { from: p.from, to: Math.min(p.to, at) },
        { from: Math.max(p.from, at + count), to: p.to },
      ])
      .filter((p) => p.from < p.to);
  }
  return parts.map(({ from, to }) => ({ start: run.start + from, count: to - from, value: { pfn: run.value.pfn + from }, folio: { ...run.folio, index: run.folio.index + from } }));
}

/** Another process may still map the pages by a huge entry. */
function splitAll({ mm, start, count }: Mapper): void {
  for (let at = start; at < start + count; at++) if (mm.pageTables.hugeAt(at) !== undefined) splitHugePmd(mm.pageTables, at);
}

/** migrate_pages(): the pages get other frames; the reverse map finds every entry that has to follow. */
function migrate(mm: Mm, from: Vpn, to: Vpn): Pages {
  let done = 0;
  for (const { value, count, folio } of [...anonymousRuns(mm, from, to)]) {
    const pfn = mm.memory.alloc(count, folio.mapping, folio.index);
    mm.memory.copy(value.pfn, pfn, count);
    for (const m of [...mappers(mm.kernel, value.pfn, count, folio)]) {
      splitAll(m);
      const moved = { ...m.pte, pfn: pfn + (m.pte.pfn - value.pfn) };
      unmapPte(m.mm, m.pte, m.count);
      m.mm.pageTables.entries.set(m.start, m.count, moved);
      mapPte(m.mm, moved, m.count);
    }
    mm.memory.update(pfn, count, (f) => ({ ...f, ...(folio.shared === true && { shared: true }), ...(folio.lazyFree === true && { lazyFree: true }) }));
    done += count;
  }
  return done;
}

/** One pass of ksmd (mm/ksm.c) over what MADV_MERGEABLE offered: pages of the same contents become one. */
function ksmScan(mm: Mm): Pages {
  const like = new Map<string, Run<Pte>[]>();
  for (const vma of mm.vmas.values()) {
    if ((vma.flags & VM.MERGEABLE) === 0) continue;
    for (const run of [...anonymousRuns(mm, vma.start, vma.end)]) {
      if (run.folio.mapcount > 1) continue;
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

const contentKey = (content: Content): string =>
  advanceContent(content, 0)
    .map((s) => `${s.offset}:${s.length}:${s.value}:${s.byteOf}`)
    .join(';');
