/**
 * The page frames that a machine has handed out: what they hold, how often they are mapped, and
 * where the reverse map finds them (folio->mapping, folio->index). Kept as runs of frames whose
 * pages were faulted side by side.
 */
import { advanceContent, contentContinues, ZEROES, type Content } from '../pagetable/content.js';
import { Extents, type Run } from '../extents.js';

export interface Folio {
  readonly content: Content;
  /** Page table entries that map the frame. */
  readonly mapcount: number;
  /** The anon_vma, or the id of the object it is a page of. */
  readonly mapping: { readonly anonVma: number } | { readonly object: number } | { readonly ksm: true } | { readonly gone: true };
  readonly index: number;
  /** The frame is one of 2^order of a large folio, which starts at a multiple of that; absent for 0. */
  readonly order?: number;
  /** Pins that are held on the frame (FOLL_PIN); absent for 0. */
  readonly pins?: number;
  /** Anonymous and mapped by a fork too, once: PageAnonExclusive is cleared until a store finds the page alone. */
  readonly shared?: boolean;
  /** MADV_FREE gave it up, and nothing was stored since (!folio_test_swapbacked()). */
  readonly lazyFree?: boolean;
}

const FOLIOS = {
  advance: (v: Folio, by: number): Folio => (by === 0 ? v : { ...v, content: advanceContent(v.content, by), index: v.index + by }),
  continues: (v: Folio, by: number, next: Folio): boolean =>
    v.index + by === next.index &&
    v.mapcount === next.mapcount &&
    (v.lazyFree ?? false) === (next.lazyFree ?? false) &&
    (v.shared ?? false) === (next.shared ?? false) &&
    (v.pins ?? 0) === (next.pins ?? 0) &&
    (v.order ?? 0) === (next.order ?? 0) &&
    ('anonVma' in v.mapping
      ? 'anonVma' in next.mapping && v.mapping.anonVma === next.mapping.anonVma
      : 'object' in v.mapping && 'object' in next.mapping && v.mapping.object === next.mapping.object) &&
    contentContinues(v.content, by, next.content),
};

/** Frame 0 is the zero page: it is nobody's folio and its mappings are not counted. */
export const ZERO_PFN = 0;

export class Memory {
  private nextPfn = 1;
  /** Whether MADV_FREE was ever given: else nobody has to look for what it gave up. */
  givenUp = false;

  constructor(private readonly folios = new Extents<Folio>(FOLIOS)) {}

  /** The folios, whatever becomes of them. */
  get live(): Extents<Folio> {
    return this.folios;
  }

  /** The folios as they are now, for a snapshot. */
  view(): Extents<Folio> {
    return this.folios.clone();
  }

  /** See OrderedMap.mark(). */
  mark(): () => void {
    const { nextPfn, givenUp } = this;
    const undo = this.folios.mark();
    return () => {
      undo();
      this.nextPfn = nextPfn;
      this.givenUp = givenUp;
    };
  }

  folio(pfn: number): Folio | undefined {
    return this.folios.get(pfn);
  }

  runs(pfn: number, count: number): readonly Run<Folio>[] {
    return this.folios.list(pfn, pfn + count);
  }

  /** The same, none reaching beyond a large folio: of one, a single pinned page decides. */
  *folioRuns(pfn: number, count: number): Generator<Run<Folio>> {
    for (const run of this.runs(pfn, count)) {
      const size = 2 ** (run.value.order ?? 0);
      if (size === 1) {
        yield run;
        continue;
      }
      for (let start = run.start; start < run.start + run.count;) {
        const end = Math.min(run.start + run.count, start - (start % size) + size);
        yield { start, count: end - start, value: FOLIOS.advance(run.value, start - run.start) };
        start = end;
      }
    }
  }

  /** Fresh zeroed frames, not mapped yet, or about to be by one entry each; those of large folios start at a multiple of their size. */
  alloc(count: number, mapping: Folio['mapping'], index: number, order = 0, mapcount = 0): number {
    const size = 2 ** order;
    const pfn = Math.ceil(this.nextPfn / size) * size;
    this.nextPfn = pfn + count;
    const folio: Folio = { content: ZEROES, mapcount, mapping, index };
    this.folios.set(pfn, count, order === 0 ? folio : { ...folio, order });
    return pfn;
  }

  /** A page of the stable tree of KSM; entries are counted one by one. */
  allocKsm(content: Content): number {
    const pfn = this.nextPfn++;
    this.folios.set(pfn, 1, { content, mapcount: 0, mapping: { ksm: true }, index: 0 });
    return pfn;
  }

  /** `entries` more (or fewer) entries map the one frame; a frame that none maps is freed. */
  mapMany(pfn: number, entries: number): void {
    const folio = this.folios.get(pfn);
    if (folio === undefined) return;
    const mapcount = folio.mapcount + entries;
    if (mapcount > 0) this.folios.set(pfn, 1, { ...folio, mapcount });
    else this.folios.clear(pfn, pfn + 1);
  }

  /** folio_add_*_rmap(): one more entry maps each of these frames. */
  map(pfn: number, count: number): void {
    this.update(pfn, count, (f) => ({ ...f, mapcount: f.mapcount + 1 }));
  }

  /** folio_try_dup_anon_rmap(): one more entry, of another process, maps each of these frames: none has them to itself now. */
  share(pfn: number, count: number): void {
    this.update(pfn, count, (f) => ({ ...f, mapcount: f.mapcount + 1, ...('anonVma' in f.mapping && { shared: true }) }));
  }

  /** folio_remove_rmap(): the last unmapping of an anonymous frame frees it; the page cache and pins keep theirs. */
  unmap(pfn: number, count: number): void {
    for (const run of this.folios.take(pfn, pfn + count)) {
      const mapcount = run.value.mapcount - 1;
      if (mapcount > 0 || 'object' in run.value.mapping || run.value.pins !== undefined) this.folios.set(run.start, run.count, { ...run.value, mapcount });
    }
  }

  /** try_grab_folio() with FOLL_PIN. */
  pin(pfn: number, count: number): void {
    this.update(pfn, count, (f) => ({ ...f, pins: (f.pins ?? 0) + 1 }));
  }

  /** unpin_user_pages(): what nothing else holds any more is free; returns how many frames that were. */
  unpin(pfn: number, count: number): number {
    let freed = 0;
    for (const run of this.folios.take(pfn, pfn + count)) {
      const { pins = 1, ...rest } = run.value;
      if (pins === 1 && rest.mapcount === 0 && !('object' in rest.mapping)) freed += run.count;
      else this.folios.set(run.start, run.count, pins === 1 ? rest : { ...rest, pins: pins - 1 });
    }
    return freed;
  }

  /** folio_maybe_dma_pinned(): of a large folio one pinned page is enough. */
  isPinned(pfn: number): boolean {
    return this.pincount(pfn) > 0;
  }

  /** The _pincount of a folio: the pins of all of its pages. */
  pincount(pfn: number): number {
    const { order = 0, pins = 0 } = this.folios.get(pfn) ?? {};
    if (order === 0) return pins;
    const head = pfn - (pfn % 2 ** order);
    let all = 0;
    for (const run of this.folios.runs(head, head + 2 ** order)) all += (run.value.pins ?? 0) * run.count;
    return all;
  }

  /** Gives `count` frames from `to` on what those from `from` on hold. */
  copy(from: number, to: number, count: number): void {
    for (const run of this.folios.list(from, from + count)) {
      this.update(to + (run.start - from), run.count, (folio, offset) => ({ ...folio, content: advanceContent(run.value.content, offset) }));
    }
  }

  /** Takes frames out of the page cache; nothing maps them any more, but a pin keeps them. */
  release(pfn: number, count: number): void {
    for (const run of this.folios.take(pfn, pfn + count)) {
      if (run.value.pins !== undefined) this.folios.set(run.start, run.count, { ...run.value, mapping: { gone: true } });
    }
  }

  /** How many frames have that mapcount. */
  countMapped(mapcount: number): number {
    let n = 0;
    for (const run of this.folios.runs()) if (run.value.mapcount === mapcount) n += run.count;
    return n;
  }

  /** Changes frames run by run; `change` sees the first frame of a run and how far it is from `pfn`. */
  update(pfn: number, count: number, change: (folio: Folio, offset: number) => Folio): void {
    for (const run of this.folios.take(pfn, pfn + count)) {
      this.folios.set(run.start, run.count, change(run.value, run.start - pfn));
    }
  }
}
