/**
 * The page tables of one address space. Leaf entries are runs of pages whose frames follow one
 * another; the table pages themselves are runs of tables, by level. An entry can only stand where
 * every table above it exists; `check()` says so.
 */
import { InvariantViolation, type Geometry, type LevelName, type Pages, type Vpn } from '../../machine/index.js';
import { Extents, NONE, type Run } from '../extents.js';
import { ZERO_PFN } from '../rmap/folio.js';

/** What an entry holds: a frame, the zero page, or a guard (a marker that is no page). */
export interface Pte {
  readonly pfn: number;
  /** PTE.*; absent for none. */
  readonly flags?: number;
}

export const PTE = {
  /** Write-protected by a userfaultfd. */
  UFFD_WP: 1,
  /** A hugetlb page: unlike a transparent huge page, it has no page table in reserve. */
  HUGETLB: 2,
  /** The page is in swap; the frame number stands for its slot. */
  SWAP: 4,
  /** Merged by KSM: all pages of the run map one frame. */
  KSM: 8,
} as const;

export const GUARD_PFN = -1;

/** Whether the entry maps a frame of its own, one that is counted. */
export const isFrame = (pte: Pte): boolean => pte.pfn > ZERO_PFN;
/** Huge entries follow on from each other by whole blocks of frames. */
const hugeRule = (block: Pages) => ({
  advance: (v: Pte, by: number): Pte => PTES.advance(v, by * block),
  continues: (v: Pte, by: number, next: Pte): boolean => PTES.continues(v, by * block, next),
});

/** Whether the MMU finds a page there. */
export const isPresent = (pte: Pte): boolean => pte.pfn >= ZERO_PFN && pte.flags !== PTE.SWAP;
/** Whether it counts as resident memory; hugetlb pages are counted separately. */
export const isResident = (pte: Pte): boolean => isFrame(pte) && pte.flags !== PTE.SWAP && pte.flags !== PTE.HUGETLB;

export interface Table {
  /** Identity of the table's page among those of its level. It stays the same when the table is re-hung. */
  readonly id: number;
}

/** Whether the next page of a run has the next frame. */
const grows = (v: Pte): boolean => isFrame(v) && v.flags !== PTE.KSM;

const PTES = {
  advance: (v: Pte, by: number): Pte => (by === 0 || !grows(v) ? v : { ...v, pfn: v.pfn + by }),
  continues: (v: Pte, by: number, next: Pte): boolean => next.pfn === (grows(v) ? v.pfn + by : v.pfn) && v.flags === next.flags,
};

const TABLES = {
  advance: (v: Table, by: number): Table => (by === 0 ? v : { id: v.id + by }),
  continues: (v: Table, by: number, next: Table): boolean => v.id + by === next.id,
};

export interface PageTablesView {
  readonly entries: Extents<Pte>;
  /** By start page / span of a PTE table. */
  readonly huge: Extents<Pte>;
  readonly tables: readonly Extents<Table>[];
  readonly tableCounts: readonly number[];
}

export class PageTables implements PageTablesView {
  readonly entries = new Extents<Pte>(PTES);
  /** PMD entries that map a block themselves, by start page / block. */
  readonly huge: Extents<Pte>;
  private hugeCount = 0;
  /** Page tables kept in reserve, in case a transparent huge page is split. */
  private deposited = 0;
  /** tables[k] holds the tables whose entries are of level k, by start page / span. The root has no entry. */
  readonly tables: Extents<Table>[];
  private readonly counts: number[];
  private readonly nextIds: number[];
  /** tableSpan() by level, kept because it is needed often. */
  private readonly spans: readonly Pages[];

  constructor(readonly geometry: Geometry) {
    const belowRoot = geometry.levels.slice(0, -1);
    this.huge = new Extents<Pte>(hugeRule(spanOfTable(geometry, 0)));
    this.tables = belowRoot.map(() => new Extents<Table>(TABLES));
    this.counts = belowRoot.map(() => 0);
    this.nextIds = belowRoot.map(() => 1);
    this.spans = geometry.levels.map((_, k) => spanOfTable(geometry, k));
  }

  view(): PageTablesView {
    return { entries: this.entries.clone(), huge: this.huge.clone(), tables: this.tables.map((t) => t.clone()), tableCounts: this.tableCounts };
  }

  /** See OrderedMap.mark(). */
  mark(): () => void {
    const { hugeCount, deposited } = this;
    const [counts, nextIds] = [[...this.counts], [...this.nextIds]];
    const undo = [this.entries, this.huge, ...this.tables].map((part) => part.mark());
    return () => {
      for (const back of undo) back();
      this.hugeCount = hugeCount;
      this.deposited = deposited;
      this.counts.splice(0, counts.length, ...counts);
      this.nextIds.splice(0, nextIds.length, ...nextIds);
    };
  }

  get tableCounts(): readonly number[] {
    return this.counts.map((n, k) => (k === 0 ? n + this.deposited : n));
  }

  /** Pages that one table of entries of level k covers. */
  tableSpan(k: number): Pages {
    return this.spans[k] ?? spanOfTable(this.geometry, k);
  }

  /** log2 of the pages of a huge page. */
  get hugeOrder(): number {
    return Math.log2(this.tableSpan(0));
  }

  levelName(k: number): LevelName {
    return levelAt(this.geometry, k).name;
  }

  get depth(): number {
    return this.tables.length;
  }

  hasTable(k: number, at: Vpn): boolean {
    return k >= this.depth || this.level(k).has(Math.floor(at / this.tableSpan(k)));
  }

  /** The first page at or after `at` that a table of entries of level k covers; Infinity if none does. */
  firstCovered(k: number, at: Vpn): Vpn {
    const span = this.tableSpan(k);
    const index = this.level(k).firstFrom(Math.floor(at / span));
    return index === undefined ? Infinity : Math.max(at, index * span);
  }

  /** The first page at or after `at` that no table of entries of level k covers. If there is none before `limit`, any page from `limit` on. */
  firstUncovered(k: number, at: Vpn, limit = Infinity): Vpn {
    if (k >= this.depth) return Infinity;
    const span = this.tableSpan(k);
    return Math.max(at, this.level(k).firstAbsentFrom(Math.floor(at / span), limit / span) * span);
  }

  /** Makes the tables of entries of level k exist over [from, to); returns how many were missing. */
  alloc(k: number, from: Vpn, to: Vpn): number {
    if (k >= this.depth || from >= to) return 0;
    const level = this.level(k);
    const span = this.tableSpan(k);
    const end = Math.ceil(to / span);
    let added = 0;
    let id = this.nextIds[k] ?? 1;
    for (let at = level.firstAbsentFrom(Math.floor(from / span), end); at < end; at = level.firstAbsentFrom(at, end)) {
      const next = Math.min(level.firstFrom(at) ?? end, end);
      level.set(at, next - at, { id });
      id += next - at;
      added += next - at;
    }
    this.nextIds[k] = id;
    this.counts[k] = (this.counts[k] ?? 0) + added;
    return added;
  }

  /** Frees the tables of entries of level k with index in [first, end); returns how many there were. */
  free(k: number, first: number, end: number): number {
    if (first >= end) return 0;
    const freed = this.level(k)
      .take(first, end)
      .reduce((n, run) => n + run.count, 0);
    this.counts[k] = (this.counts[k] ?? 0) - freed;
    return freed;
  }

  /** Entries of all sizes in [from, to), page by page, ascending. */
  leafRuns(from: Vpn = 0, to: Vpn = Infinity): readonly Run<Pte>[] {
    return this.hugeCount === 0 ? this.entries.list(from, to) : [...leafRuns(this.entries, this.huge, this.tableSpan(0), from, to)];
  }

  get(at: Vpn): Pte | undefined {
    return this.entries.get(at) ?? hugeLeaf(this.huge, this.tableSpan(0), at);
  }

  /** Whether there is any huge entry at all. */
  get holdsHuge(): boolean {
    return this.hugeCount > 0;
  }

  /** The huge entry of the block that holds the page: its first frame. */
  hugeAt(at: Vpn): Pte | undefined {
    return this.hugeCount === 0 ? undefined : this.huge.get(Math.floor(at / this.tableSpan(0)));
  }

  /** The first page at or after `at` that a huge entry maps; Infinity if none does. */
  firstHuge(at: Vpn): Vpn {
    const block = this.tableSpan(0);
    const index = this.hugeCount === 0 ? undefined : this.huge.firstFrom(Math.floor(at / block));
    return index === undefined ? Infinity : Math.max(at, index * block);
  }

  /** The first page at or after `at` that no huge entry maps. If there is none before `limit`, any page from `limit` on. */
  firstNotHuge(at: Vpn, limit: Vpn): Vpn {
    const block = this.tableSpan(0);
    return Math.max(at, this.huge.firstAbsentFrom(Math.floor(at / block), limit / block) * block);
  }

  /** Huge entries whose blocks intersect [from, to), in whole blocks, counted in pages. */
  hugeRuns(from: Vpn, to: Vpn): readonly Run<Pte>[] {
    if (this.hugeCount === 0) return NONE;
    const block = this.tableSpan(0);
    return this.huge.list(Math.floor(from / block), Math.ceil(to / block)).map((run) => ({ start: run.start * block, count: run.count * block, value: run.value }));
  }

  setHuge(start: Vpn, blocks: number, value: Pte): void {
    this.huge.set(start / this.tableSpan(0), blocks, value);
    this.hugeCount += blocks;
    if (value.flags !== PTE.HUGETLB) this.deposited += blocks;
  }

  /** Removes the huge entries of whole blocks, and the tables kept in reserve for them. */
  clearHuge(from: Vpn, to: Vpn): void {
    const block = this.tableSpan(0);
    for (const run of this.huge.take(from / block, to / block)) {
      this.hugeCount -= run.count;
      if (run.value.flags !== PTE.HUGETLB) this.deposited -= run.count;
    }
  }

  /** Moves the huge entries of whole blocks; returns how many. */
  moveHuge(old: Vpn, to: Vpn, pages: Pages): number {
    const block = this.tableSpan(0);
    return this.huge.move(old / block, to / block, pages / block);
  }

  /** Re-hangs everything below the entries of level k in [old, old+pages) at `to`: tables and leaf entries. */
  rehang(k: number, old: Vpn, to: Vpn, pages: Pages): void {
    for (let below = k - 1; below >= 0; below--) {
      const span = this.tableSpan(below);
      this.level(below).move(old / span, to / span, pages / span);
    }
    if (k > 1 && this.hugeCount > 0) this.moveHuge(old, to, pages);
    this.moveEntries(old, to, pages);
  }

  /** Moves the leaf entries of [old, old+pages) to `to`; returns how many there were. */
  moveEntries(old: Vpn, to: Vpn, pages: Pages): number {
    return this.entries.move(old, to, pages);
  }

  private level(k: number): Extents<Table> {
    const level = this.tables[k];
    if (level === undefined) throw new InvariantViolation(`page tables have no level ${k} below the root`);
    return level;
  }

  /** Every entry stands in a table, every table in one above it. */
  check(): void {
    for (const run of this.entries.runs()) this.checkCovered(0, run, 1);
    for (const run of this.huge.runs()) {
      this.checkCovered(1, run, this.tableSpan(0));
      if (this.firstCovered(0, run.start * this.tableSpan(0)) < (run.start + run.count) * this.tableSpan(0))
        throw new InvariantViolation(`a huge entry and a table stand in the same place, at block ${run.start}`);
    }
    for (let k = 0; k + 1 < this.depth; k++) {
      const span = this.tableSpan(k);
      for (const run of this.level(k).runs()) this.checkCovered(k + 1, run, span);
    }
  }

  private checkCovered(k: number, run: Run<unknown>, unit: Pages): void {
    const end = (run.start + run.count) * unit;
    if (!this.hasTable(k, run.start * unit) || this.firstUncovered(k, run.start * unit, end) < end) {
      throw new InvariantViolation(`pages [${run.start * unit}, ${end}) have no table of ${this.levelName(k)} entries above them`);
    }
  }
}

/** Small and huge entries together, page by page. */
export function* leafRuns(entries: Extents<Pte>, huge: Extents<Pte>, block: Pages, from: Vpn, to: Vpn): Generator<Run<Pte>> {
  let at = from;
  for (const run of huge.runs(Math.floor(from / block), Math.ceil(to / block))) {
    const start = Math.max(from, run.start * block);
    const end = Math.min(to, (run.start + run.count) * block);
    yield* entries.runs(at, start);
    yield { start, count: end - start, value: PTES.advance(run.value, start - run.start * block) };
    at = end;
  }
  yield* entries.runs(at, to);
}

export function hugeLeaf(huge: Extents<Pte>, block: Pages, at: Vpn): Pte | undefined {
  const found = huge.get(Math.floor(at / block));
  return found && PTES.advance(found, at % block);
}

function levelAt(g: Geometry, k: number): Geometry['levels'][number] {
  const level = g.levels[k];
  if (level === undefined) throw new InvariantViolation(`${g.name} has no level ${k}`);
  return level;
}

/** Pages that one table of entries of level k covers: what one entry of the level above spans. */
export function spanOfTable(g: Geometry, k: number): Pages {
  const level = levelAt(g, k);
  return 2 ** (level.shift + level.bits);
}
