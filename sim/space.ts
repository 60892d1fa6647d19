/** AddressSpace over the trees, frozen copies or the live ones: taking one costs nothing, looking at it what you look at. */
import {
  toBytes,
  type AddressSpace,
  type AnonVmaInfo,
  type Geometry,
  type LevelName,
  type PageKind,
  type PageRun,
  type Pages,
  type TableRun,
  type Usage,
  type Vma,
  type Vpn,
  type WalkEntry,
} from '../machine/index.js';
import type { Extents } from './extents.js';
import type { OrderedMap } from './ordered-map.js';
import { advanceContent, byteAt, firstWord } from './pagetable/content.js';
import { hugeLeaf, isFrame, isPresent, leafRuns, PTE, spanOfTable, type PageTablesView, type Pte } from './pagetable/page-tables.js';
import type { ReadonlyAnonVmas } from './rmap/anon-vma.js';
import { ZERO_PFN, type Folio } from './rmap/folio.js';
import type { Mm } from './vma/mm.js';
import type { VmArea } from './vma/vm-area.js';
import { flagsText, permsText, VM } from './vma/vm-flags.js';

/** The address space as it is now, whatever happens to the process. */
export function snapshot(mm: Mm): AddressSpace {
  const { totalVm, dataVm, lockedVm, rss, committed } = mm;
  return new Space(shownBy(mm), mm.geometry, {
    vmas: mm.vmas.clone(),
    pageTables: mm.pageTables.view(),
    folios: mm.memory.view(),
    anonVmas: mm.anonVmas.view(),
    counters: { totalVm, dataVm, lockedVm, rss, committed },
  });
}

/** The address space as it is whenever somebody looks: nothing is copied, now or at the next change. */
export const liveSpace = (mm: Mm): AddressSpace =>
  new Space(shownBy(mm), mm.geometry, { vmas: mm.vmas, pageTables: mm.pageTables, folios: mm.memory.live, anonVmas: mm.anonVmas, counters: mm });

/** A VMA as maps and smaps show it. */
export const shownVma =
  (mm: Mm) =>
  (v: VmArea): Vma =>
    vmaView(v, shownBy(mm).hidden, hugePagesIn(v, mm.pageTables.huge, spanOfTable(mm.geometry, 0)));

/** What /proc tells of what there is, which not every release tells alike. */
interface Shown {
  /** Flags that smaps does not print. */
  readonly hidden: number;
  /** Whether pagemap says which pages a userfaultfd protects. */
  readonly uffdWp: boolean;
  /** What pagemap makes of the huge zero page, until it is split. */
  readonly hugeZero: PageKind;
}

/** Where /proc of the release differs. */
export const shownBy = ({ behaviours }: Mm): Shown => ({
  hidden: behaviours.lockonfault_shown === 'yes' ? 0 : VM.LOCKONFAULT,
  uffdWp: behaviours.pagemap_uffd_wp === 'yes',
  hugeZero: behaviours.huge_zero_shown === 'file' ? 'f' : 'z',
});

/** What an address space consists of. */
interface Parts {
  readonly vmas: OrderedMap<VmArea>;
  readonly pageTables: PageTablesView;
  readonly folios: Extents<Folio>;
  readonly anonVmas: ReadonlyAnonVmas;
  readonly counters: Pick<Usage, 'totalVm' | 'dataVm' | 'lockedVm' | 'rss' | 'committed'>;
}

class Space implements AddressSpace {
  private readonly tree: OrderedMap<VmArea>;
  private readonly pageTables: PageTablesView;
  private readonly folios: Extents<Folio>;
  private readonly anonVmas: ReadonlyAnonVmas;

  constructor(
    private readonly shown: Shown,
    readonly geometry: Geometry,
    private readonly parts: Parts,
  ) {
    this.tree = parts.vmas;
    this.pageTables = parts.pageTables;
    this.folios = parts.folios;
    this.anonVmas = parts.anonVmas;
  }

  get mapCount(): number {
    return this.tree.size;
  }

  get usage(): Usage {
    const { totalVm, dataVm, lockedVm, rss, committed } = this.parts.counters;
    const { tableCounts } = this.pageTables;
    const tables = { pte: 0, pmd: 0, pud: 0, p4d: 0, pgd: 0 };
    tableCounts.forEach((n, k) => {
      const level = this.geometry.levels[k];
      if (level !== undefined) tables[level.name] = n;
    });
    return { totalVm, dataVm, lockedVm, rss, committed, tables, tablePages: tables.pte + tables.pmd + tables.pud };
  }

  *vmas(from = 0, to = Infinity): Generator<Vma> {
    const first = this.tree.atOrBelow(from);
    if (first !== undefined && first.start < from && first.end > from) yield this.view(first);
    const above = this.tree.from(from);
    for (let vma = above.next(); vma !== undefined && vma.start < to; vma = above.next()) yield this.view(vma);
  }

  vmaAt(at: Vpn): Vma | undefined {
    const vma = this.tree.atOrBelow(at);
    return vma !== undefined && vma.end > at ? this.view(vma) : undefined;
  }

  anonVma(id: number): AnonVmaInfo | undefined {
    return this.anonVmas.get(id);
  }

  *pages(from = 0, to = Infinity): Generator<PageRun> {
    for (const run of leafRuns(this.pageTables.entries, this.pageTables.huge, this.block, from, to)) {
      if (!isFrame(run.value) || !isPresent(run.value)) {
        yield { start: run.start, count: run.count, kind: this.kindWithoutFrame(run), pfn: null, word: 0n, wordStep: 0n };
        continue;
      }
      if (run.value.flags === PTE.KSM) {
        const folio = this.folios.get(run.value.pfn);
        if (folio !== undefined)
          yield { start: run.start, count: run.count, kind: folio.mapcount > 1 ? 'A' : 'a', pfn: run.value.pfn, word: firstWord(folio.content)?.word ?? 0n, wordStep: 0n };
        continue;
      }
      for (const folios of this.folios.runs(run.value.pfn, run.value.pfn + run.count)) {
        yield* pageRuns(run.start + (folios.start - run.value.pfn), folios.start, folios.count, folios.value, this.shown.uffdWp ? run.value.flags : undefined);
      }
    }
  }

  /** Up to v7.2 pagemap shows the huge zero page as a page of a file, until it is split. */
  private kindWithoutFrame(run: { start: Vpn; value: Pte }): PageKind {
    if (run.value.pfn !== ZERO_PFN || !isPresent(run.value)) return 'S';
    if (run.value.flags === PTE.UFFD_WP && this.shown.uffdWp) return 'y';
    return this.pageTables.huge.has(Math.floor(run.start / this.block)) ? this.shown.hugeZero : 'z';
  }

  private get block(): Pages {
    return spanOfTable(this.geometry, 0);
  }

  private view(v: VmArea): Vma {
    return vmaView(v, this.shown.hidden, hugePagesIn(v, this.pageTables.huge, this.block));
  }

  *tables(level: LevelName, from = 0, to = Infinity): Generator<TableRun> {
    const k = this.geometry.levels.findIndex((l) => l.name === level);
    const held = this.pageTables.tables[k];
    if (held === undefined) return;
    const span = spanOfTable(this.geometry, k);
    for (const run of held.runs(Math.floor(from / span), Math.ceil(to / span))) {
      yield { level, start: run.start * span, span, count: run.count, id: run.value.id };
    }
  }

  walk(at: Vpn): readonly WalkEntry[] {
    const entries: WalkEntry[] = [];
    let table: number | null = null;
    for (let k = this.geometry.levels.length - 1; k >= 0; k--) {
      const level = this.geometry.levels[k];
      if (level === undefined) break;
      const index = Math.floor(at / 2 ** level.shift) % 2 ** level.bits;
      if (k === 0) {
        entries.push({ level: level.name, index, table, state: this.pageTables.entries.has(at) ? 'page' : 'none' });
        break;
      }
      if (k === 1 && this.pageTables.huge.has(Math.floor(at / this.block))) {
        entries.push({ level: level.name, index, table, state: 'page' });
        break;
      }
      const below: number | undefined = this.pageTables.tables[k - 1]?.get(Math.floor(at / 2 ** level.shift))?.id;
      entries.push({ level: level.name, index, table, state: below === undefined ? 'none' : 'table' });
      if (below === undefined) break;
      table = below;
    }
    return entries;
  }

  byteAt(at: bigint): number | undefined {
    const page: Pages = Number(at >> BigInt(this.geometry.pageShift));
    const pte = this.pageTables.entries.get(page) ?? hugeLeaf(this.pageTables.huge, this.block, page);
    if (pte === undefined || !isPresent(pte)) return undefined;
    const folio = this.folios.get(pte.pfn);
    return folio === undefined ? 0 : byteAt(folio.content, Number(at - toBytes(this.geometry, page)));
  }
}

/** AnonHugePages of a VMA. */
function hugePagesIn(v: VmArea, huge: PageTablesView['huge'], block: Pages): Pages {
  let n = 0;
  if (huge.runCount === 0) return 0;
  for (const run of huge.runs(Math.floor(v.start / block), Math.ceil(v.end / block))) if (isFrame(run.value) && run.value.flags !== PTE.HUGETLB) n += run.count;
  return n * block;
}

/** As maps prints it: names of anonymous memory in brackets. */
function kindOf({ file, image, name }: VmArea): string {
  if (name !== undefined && !image) return file === null ? `[anon:${name}]` : `[anon_shmem:${name}]`;
  return file?.kind ?? (image ? 'image' : 'anon');
}

export const vmaView = (v: VmArea, hidden: number, hugePages: Pages): Vma => ({
  start: v.start,
  end: v.end,
  pgoff: v.pgoff,
  perms: permsText(v.flags),
  kind: kindOf(v),
  object: v.file?.id ?? null,
  vmFlags: flagsText(v.flags, hidden),
  anonVma: v.anonVma,
  chainLength: v.chain.length,
  hugePages,
  background: v.image,
});

const PROTECTED = { a: 'w', A: 'W', f: 'g' } as const satisfies Record<string, PageKind>;

function* pageRuns(start: Vpn, pfn: number, count: Pages, folio: Folio, flags: number | undefined): Generator<PageRun> {
  const plain = 'object' in folio.mapping ? 'f' : folio.mapcount > 1 ? 'A' : 'a';
  const kind = flags === PTE.UFFD_WP ? PROTECTED[plain] : plain;
  const first = firstWord(folio.content);
  if (first !== null) {
    yield { start, count, kind, pfn, word: first.word, wordStep: first.step };
    return;
  }
  for (let i = 0; i < count; i++) {
    const own = firstWord(advanceContent(folio.content, i).map((span) => ({ ...span, step: 0n })));
    yield { start: start + i, count: 1, kind, pfn: pfn + i, word: own?.word ?? 0n, wordStep: 0n };
  }
}
