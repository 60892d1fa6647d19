/**
 * The part of the kernel that a race is about: as many pages, tables, folios, VMAs and locks as its
 * statements touch, and no more. Pages that nobody names are not modelled. What an actor allocates
 * comes from lists of its own (as per-CPU lists are), so that who came first does not show in names.
 *
 * Not modelled: memory ordering weaker than a step at a time, lazy TLB, batched flushes of reclaim,
 * the reference counts of VMAs, signals.
 */
import { hex, toBytes, type Geometry, type RaceResult, type Vpn } from '../../machine/index.js';
import type { Behaviours } from '../models/behaviours/index.js';
import { VM } from '../vma/vm-flags.js';
import { Layout, type Access, type Cells } from './cells.js';
import { devmapEntry, frameOf, isDevmap, isTable, mapsFrame, MOST_FRAMES, NONE, PRESENT, tableOf, WRITE } from './entries.js';
import { INVARIANT_NUMBER, INVARIANTS, type InvariantName } from './invariants.js';
import { RANK, type Lock } from './locks.js';

/** The properties of a VMA that cells do not hold one by one; a VMA with other properties has another shape. */
export interface Shape {
  readonly mm: number;
  readonly start: Vpn;
  readonly end: Vpn;
  readonly pgoff: number;
  /** By which anonymous pages are known; where it is not pgoff the race is refused. */
  readonly anonPgoff: number;
  /** Which of the world's files it maps; -1 for private anonymous memory. */
  readonly file: number;
  /** VM_* of sim/vma/vm-flags.ts. */
  readonly flags: number;
  /** Of the process image: it merges with nothing, and nobody looks into it. */
  readonly image: boolean;
}

/** How many of each kind there are room for. */
export interface Sizes {
  readonly mms: number;
  readonly vmas: number;
  readonly anonVmas: number;
  readonly frames: number;
  readonly tables: number;
  readonly files: number;
}

export const UNUSED = 0;
/** A frame or table in use, an anon_vma alive, a VMA in the tree. */
export const LIVE = 1;
export const FREED = 2;
/** A VMA that is out of its mm but still found by reverse-map walks; plus the actor that unmaps it. */
export const DETACHED = 3;

/** folio->mapping: nothing, an anon_vma (its number + 1), a file, or KSM's stable tree. */
export const FILE_MAPPING = 1 << 8;
export const KSM_MAPPING = 1 << 9;

/** Which cache holds a frame and its reference on it: none, the page cache of a file, the swap cache. */
export const PAGE_CACHE = 1;
export const SWAP_CACHE = 2;

/**
 * `exclusive` is PageAnonExclusive(): no other process can map the page. `replaced` remembers that a
 * fault put a copy in its place while it was pinned. `lazy` is !folio_test_swapbacked(): MADV_FREE gave it up.
 */
const FRAME = { state: 0, mapcount: 1, refs: 2, pins: 3, mapping: 4, index: 5, data: 6, cached: 7, exclusive: 8, replaced: 9, lazy: 10, cells: 11 } as const;
const VMA = { state: 0, shape: 1, anonVma: 2, chain: 3, order: 4, cells: 5 } as const;
/** `refs` are those that walks and migration take besides the VMAs' (get_anon_vma()). */
const ANON = { state: 0, root: 1, parent: 2, children: 3, active: 4, refs: 5, cells: 6 } as const;
/**
 * `seq` is mm->write_protect_seq: odd while fork write-protects. `leaked` is
 * what is charged for nothing, and `lockedLeaked` what is counted as locked for nothing, as some kernels do.
 */
const MM = { state: 0, mapCount: 1, totalVm: 2, lockedVm: 3, committed: 4, seq: 5, leaked: 6, lockedLeaked: 7, cells: 8 } as const;

export class World {
  readonly layout = new Layout();
  readonly locks: Lock[] = [];
  /** Whether any memory is locked when the race begins. */
  anyLocked = false;
  /** What the figures of each address space count besides the VMAs that are modelled. */
  beside: readonly Readonly<Record<'mapCount' | 'totalVm' | 'lockedVm' | 'committed', number>>[] = [];
  private readonly shapes: Shape[] = [];
  private readonly shapeIds = new Map<string, number>();
  private readonly numbers: number[] = [];
  private readonly results: NonNullable<RaceResult>[] = [];
  private readonly resultIds = new Map<string, number>();
  /** Blocks of DAX files that huge entries map. */
  private readonly daxBlocks: { readonly file: number; readonly first: number }[] = [];
  private readonly numberIds = new Map<number, number>();
  private readonly pageIds: ReadonlyMap<Vpn, number>;
  private readonly blockIds: ReadonlyMap<number, number>;
  private readonly offsetIds: ReadonlyMap<number, number>;
  private readonly first: {
    frame: number;
    vma: number;
    anon: number;
    mm: number;
    table: number;
    pmd: number;
    pte: number;
    tlb: number;
    irq: number;
    rcu: number;
    size: number;
    broken: number;
  };
  private readonly lockOf: { mmap: number; vma: number; folio: number; file: number; anon: number; pmd: number; pte: number; page: number };

  constructor(
    readonly behaviours: Behaviours,
    readonly sizes: Sizes,
    /** The pages modelled, ascending, the same in every address space. */
    readonly pages: readonly Vpn[],
    /** Pages that one PTE table covers. */
    readonly span: number,
    /** Whose address space each CPU has loaded; -1 for a kernel thread's. */
    readonly cpus: readonly number[],
    private readonly geometry: Geometry,
    /** Files on a device that is memory itself. */
    private readonly dax: ReadonlySet<number> = new Set(),
  ) {
    if (sizes.frames > MOST_FRAMES) throw new RangeError('too many frames');
    const unique = (of: (page: Vpn) => number): ReadonlyMap<number, number> => new Map([...new Set(pages.map(of))].map((x, i) => [x, i]));
    this.pageIds = unique((p) => p);
    this.blockIds = unique((p) => Math.floor(p / span));
    this.offsetIds = unique((p) => p % span);
    const { layout } = this;
    this.first = {
      frame: layout.cells(sizes.frames * FRAME.cells),
      vma: layout.cells(sizes.vmas * VMA.cells),
      anon: layout.cells(sizes.anonVmas * ANON.cells),
      mm: layout.cells(sizes.mms * MM.cells),
      table: layout.cells(sizes.tables),
      pmd: layout.cells(sizes.mms * this.blockIds.size),
      pte: layout.cells(sizes.tables * this.offsetIds.size),
      tlb: layout.cells(cpus.length * pages.length),
      irq: layout.cells(cpus.length),
      rcu: layout.cells(cpus.length),
      size: layout.cells(sizes.files),
      broken: layout.cells(INVARIANTS.length),
    };
    this.lockOf = {
      mmap: this.addLocks(sizes.mms, RANK.mmap, true, () => 'mmap_lock'),
      vma: this.addLocks(sizes.vmas, RANK.vma, true, (i) => `VMA lock ${i}`),
      folio: this.addLocks(sizes.frames, RANK.folio, false, (i) => `folio lock ${i}`),
      file: this.addLocks(sizes.files, RANK.file, true, () => 'i_mmap_rwsem'),
      anon: this.addLocks(sizes.anonVmas, RANK.anon, true, (i) => `anon_vma ${i} rwsem`),
      page: this.addLocks(sizes.mms, RANK.pmd, false, () => 'page_table_lock'),
      pmd: this.addLocks(sizes.mms, RANK.pmd, false, () => 'PMD lock'),
      pte: this.addLocks(sizes.tables, RANK.pte, false, (i) => `PTL ${i}`),
    };
  }

  /** The address of a page, as the steps name it. */
  hex(at: Vpn): string {
    return hex(toBytes(this.geometry, at));
  }

  private addLocks(count: number, rank: number, shared: boolean, name: (i: number) => string): number {
    const first = this.locks.length;
    for (let i = 0; i < count; i++) this.locks.push({ id: first + i, name: name(i), rank, writer: this.layout.cells(1), readers: shared ? this.layout.cells(1) : -1 });
    return first;
  }

  lock(id: number): Lock {
    return this.locks[id] as Lock;
  }

  mmapLock = (mm: number): Lock => this.lock(this.lockOf.mmap + mm);
  vmaLock = (vma: number): Lock => this.lock(this.lockOf.vma + vma);
  folioLock = (frame: number): Lock => this.lock(this.lockOf.folio + frame);
  fileLock = (file: number): Lock => this.lock(this.lockOf.file + file);
  /** The lock of a family stands in its root. */
  anonLock = (root: number): Lock => this.lock(this.lockOf.anon + root);
  pmdLock = (mm: number): Lock => this.lock(this.lockOf.pmd + mm);
  pageTableLock = (mm: number): Lock => this.lock(this.lockOf.page + mm);
  ptl = (table: number): Lock => this.lock(this.lockOf.pte + table);

  // Names for what is too large for a cell -------------------------------------------------------------

  intern(shape: Shape): number {
    const { mm, start, end, pgoff, anonPgoff, file, flags, image } = shape;
    const key = `${mm} ${start} ${end} ${pgoff} ${anonPgoff} ${file} ${flags} ${image}`;
    const known = this.shapeIds.get(key);
    if (known !== undefined) return known;
    this.shapes.push(shape);
    this.shapeIds.set(key, this.shapes.length - 1);
    return this.shapes.length - 1;
  }

  shape(id: number): Shape {
    return this.shapes[id] as Shape;
  }

  numberId(value: number): number {
    const known = this.numberIds.get(value);
    if (known !== undefined) return known;
    this.numbers.push(value);
    this.numberIds.set(value, this.numbers.length - 1);
    return this.numbers.length - 1;
  }

  number(id: number): number {
    return this.numbers[id] as number;
  }

  /** How a call ended, as a number that a register can keep. */
  resultId(result: NonNullable<RaceResult>): number {
    const key = result.kind === 'value' ? `${result.value}` : result.kind === 'errno' ? result.errno : result.signal;
    const known = this.resultIds.get(key);
    if (known !== undefined) return known;
    this.results.push(result);
    this.resultIds.set(key, this.results.length);
    return this.results.length;
  }

  /** 0: the thread has not come so far. */
  result(id: number): RaceResult {
    return this.results[id - 1] ?? null;
  }

  // Cells ---------------------------------------------------------------------------------------------

  frame = (f: number, field: Exclude<keyof typeof FRAME, 'cells'>): number => this.first.frame + f * FRAME.cells + FRAME[field];
  vma = (v: number, field: Exclude<keyof typeof VMA, 'cells'>): number => this.first.vma + v * VMA.cells + VMA[field];
  anon = (a: number, field: Exclude<keyof typeof ANON, 'cells'>): number => this.first.anon + a * ANON.cells + ANON[field];
  mm = (m: number, field: Exclude<keyof typeof MM, 'cells'>): number => this.first.mm + m * MM.cells + MM[field];
  table = (t: number): number => this.first.table + t;
  /** Interrupts are off on that CPU: a flush, or freeing a table, waits for it. */
  irqOff = (cpu: number): number => this.first.irq + cpu;
  /** An RCU read-side section runs on that CPU. */
  rcu = (cpu: number): number => this.first.rcu + cpu;
  /** i_size of a file, in pages: the name of a number. */
  size = (file: number): number => this.first.size + file;
  tlb = (cpu: number, page: number): number => this.first.tlb + cpu * this.pages.length + page;
  pmd = (mm: number, block: number): number => this.first.pmd + mm * this.blockIds.size + block;
  pte = (table: number, offset: number): number => this.first.pte + table * this.offsetIds.size + offset;

  /** Remembers that an invariant was broken, for good. */
  break(c: Cells, name: InvariantName): void {
    c.set(this.broken(name), 1);
  }

  broken = (name: InvariantName): number => this.first.broken + INVARIANT_NUMBER[name];

  get blocks(): number {
    return this.blockIds.size;
  }

  get offsets(): number {
    return this.offsetIds.size;
  }

  /** Which page of the world that is; undefined for one that is not modelled. */
  pageId = (at: Vpn): number | undefined => this.pageIds.get(at);
  /** The cell numbers of a modelled page's PMD entry and of its place within a table. */
  blockOf = (at: Vpn): number => this.blockIds.get(Math.floor(at / this.span)) ?? -1;
  offsetOf = (at: Vpn): number => this.offsetIds.get(at % this.span) ?? -1;

  /** Pages of the world in [from, to). */
  pagesIn(from: Vpn, to: Vpn): readonly Vpn[] {
    return this.pages.filter((p) => p >= from && p < to);
  }

  // Questions that many steps ask ----------------------------------------------------------------------

  /** find_vma(), exactly there; -1 for none. */
  vmaAt(c: Cells, mm: number, at: Vpn): number {
    for (let v = 0; v < this.sizes.vmas; v++) {
      if (c.get(this.vma(v, 'state')) !== LIVE) continue;
      const shape = this.shape(c.get(this.vma(v, 'shape')));
      if (shape.mm === mm && shape.start <= at && at < shape.end) return v;
    }
    return -1;
  }

  /** Whether reverse-map walks find the VMA. */
  isLinked(c: Cells, vma: number): boolean {
    const state = c.get(this.vma(vma, 'state'));
    return state === LIVE || state >= DETACHED;
  }

  shapeOf(c: Cells, vma: number): Shape {
    return this.shape(c.get(this.vma(vma, 'shape')));
  }

  /** Whether a step read an entry of a page table. */
  looksAtEntries(access: Access): boolean {
    const end = this.first.pte + this.sizes.tables * this.offsets;
    for (let cell = this.first.pmd; cell < end; cell++) if (((access[cell >> 5] as number) & (1 << (cell & 31))) !== 0) return true;
    return false;
  }

  /** The PTE that an address has now, without any lock; the cell, or -1 where there is no table. */
  pteCell(c: Cells, mm: number, at: Vpn): number {
    const pmd = c.get(this.pmd(mm, this.blockOf(at)));
    return isTable(pmd) ? this.pte(tableOf(pmd), this.offsetOf(at)) : -1;
  }

  /** What a walk of the page tables comes to, whether a table or a huge entry says it. */
  entryAt(c: Cells, mm: number, at: Vpn): number {
    const pmd = c.get(this.pmd(mm, this.blockOf(at)));
    if (isTable(pmd)) return c.get(this.pte(tableOf(pmd), this.offsetOf(at)));
    if (!isDevmap(pmd)) return NONE;
    const { file, first } = this.daxBlocks[frameOf(pmd)] as { file: number; first: number };
    return this.cachedFrame(c, file, first + (at % this.span)) | PRESENT | (pmd & WRITE);
  }

  /** The huge entry that a DAX mapping has for the block of an address; none where the block is not covered whole, or lies askew in the file. */
  devmapFor({ start, end, pgoff, file, flags }: Shape, at: Vpn): number {
    const from = at - (at % this.span);
    const first = pgoff + (from - start);
    if (!this.dax.has(file) || start > from || end < from + this.span || first % this.span !== 0) return NONE;
    let block = this.daxBlocks.findIndex((b) => b.file === file && b.first === first);
    if (block < 0) block = this.daxBlocks.push({ file, first }) - 1;
    return devmapEntry(block, (flags & VM.WRITE) !== 0);
  }

  /** The frame that a file has at an index; -1 for none. */
  cachedFrame(c: Cells, file: number, index: number): number {
    for (let f = 0; f < this.sizes.frames; f++) {
      if (
        c.get(this.frame(f, 'state')) === LIVE &&
        c.get(this.frame(f, 'cached')) === PAGE_CACHE &&
        c.get(this.frame(f, 'mapping')) === FILE_MAPPING + file &&
        this.number(c.get(this.frame(f, 'index'))) === index
      )
        return f;
    }
    return -1;
  }

  /** Entries of live tables that map a frame. */
  countEntries(c: Cells, frame: number): number {
    let n = 0;
    for (let mm = 0; mm < this.sizes.mms; mm++) {
      for (let b = 0; b < this.blocks; b++) {
        const pmd = c.get(this.pmd(mm, b));
        if (!isTable(pmd)) continue;
        for (let o = 0; o < this.offsets; o++) {
          const entry = c.get(this.pte(tableOf(pmd), o));
          if (mapsFrame(entry) && frameOf(entry) === frame) n++;
        }
      }
    }
    return n;
  }
}
