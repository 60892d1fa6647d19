/** From a machine in some state to the scene of a race: what its operations touch, and nothing else. */
import { SetupError, type Op, type Race, type Vpn } from '../../machine/index.js';
import { byteAt, ZEROES } from '../pagetable/content.js';
import { isFrame as ownsFrame, isPresent as isResident, PTE, type Pte } from '../pagetable/page-tables.js';
import type { SharedObject } from '../pagetable/shared-object.js';
import type { Mm } from '../vma/mm.js';
import { STACK_FLAGS } from '../exec-stack.js';
import { isPrivateFile, pagesOf as pagesOfVma, type VmArea } from '../vma/vm-area.js';
import { frameAt, rmapWalk } from '../rmap/walk.js';
import { VM } from '../vma/vm-flags.js';
import { Cells } from './cells.js';
import { DIRTY, EXCLUSIVE, isTable, MARKER, NONE, PRESENT, SWAP, tableEntry, tableOf, WRITE, ZERO_FRAME } from './entries.js';
import { decides, images, namedPages, needs, planOf, rangeOf, runsInProcess, write, type Plan } from './plan.js';
import { Assembler, placeActor, type Actor, type Kind, type Pool, type Program, type Register } from './program.js';
import { Lifter, type Backdrop } from './lift.js';
import { Room } from './room.js';
import type { Scene } from './stepper.js';
import { FILE_MAPPING, FREED, KSM_MAPPING, LIVE, PAGE_CACHE, World, type Shape } from './world.js';

const MOST_PAGES = 32;
const MOST_ANON_VMAS = 16;
const MOST_THREADS = 8;

export interface Projected {
  readonly scene: Scene;
  /** By thread, by operation: where its result is. */
  readonly results: readonly (readonly Register[])[];
}

/** @throws NotEnough from steps of the scene, when it was cut out too small: then once more, with more room */
export function project(mm: Mm, race: Race, room = new Room()): Projected {
  const g = mm.geometry;
  if (race.threads.length > MOST_THREADS) throw new SetupError(`a race of ${race.threads.length} threads`, `at most ${MOST_THREADS} are modelled`);
  const mms = [mm, ...[...mm.kernel.mms].filter((other) => other !== mm)];
  let forks = 0;
  const plans = race.threads.map((t) => t.ops.map((op) => planOf(g, op, () => mms.length + forks++)));
  const all = plans.flat();
  if (plans.some((ps) => ps.length > 1 && ps.some((p) => p.kind === 'exec_stack')))
    throw new SetupError('exec_stack beside other operations of its thread', 'the stack is there when a race begins: let a thread do nothing else');
  const span = mm.pageTables.tableSpan(0);
  const stacks = all.filter((p) => p.kind === 'exec_stack');
  if (mm.kernel.failures.armed('vma_alloc') || mm.kernel.failures.armed('page_table_alloc'))
    throw new SetupError('allocations that fail are not modelled in races', 'take the fault injection back before the race');
  const pages = pagesOf(mm, all, room.pages);
  if (pages.length > MOST_PAGES) throw new SetupError(`the race touches ${pages.length} pages`, `at most ${MOST_PAGES} are modelled: name fewer`);
  const from = new Source(mms, pages, span, stacks, room.vmas);
  if (from.files.some((f) => f.dax) && !all.every(knowsDax))
    throw new SetupError('a race beside a DAX mapping', 'there a thread may do mremap without growth, munmap, madvise(MADV_DONTNEED), peek, poke, memset and touch');
  const world = new World(
    mm.behaviours,
    sizesOf(from, all, plans, mms.length + forks, room),
    pages,
    span,
    plans.map((ps) => (ps.every(runsInProcess) ? 0 : -1)),
    g,
    new Set(from.files.flatMap((f, id) => (f.dax ? [id] : []))),
  );
  const pools = poolsOf(from, plans, world.blocks, room);
  const backdrop: Backdrop = { mm, files: from.files, rest: from.rest };
  const lifter = new Lifter(world, backdrop);
  world.anyLocked = from.parts.some(({ vma }) => (vma.flags & VM.LOCKED) !== 0);
  const fileOf = (fd: number) => {
    const object = mm.files.get(fd);
    if (object === undefined) throw new SetupError(`file descriptor ${fd} is not open`, 'open the file before the race');
    return { file: from.fileId(object), indices: from.indicesOf(object) };
  };
  const blockOfFile = (at: Vpn) => {
    const vma = mm.lookup(at);
    if (vma === undefined || vma.file === null) return null;
    const index = vma.pgoff + (at - vma.start);
    const first = index - (index % span);
    return { file: from.fileId(vma.file), first, indices: from.indicesOf(vma.file).filter((i) => i >= first && i < first + span) };
  };
  const programs = plans.map((ps, thread): { program: Program; results: Register[] } => {
    const b = new Assembler();
    const results = ps.map(() => b.reg());
    const scratch = { first: 0, limit: 0 };
    ps.forEach((plan, i) => write({ b, w: world, mm: 0, result: results[i] as Register, op: race.threads[thread]?.ops[i] as Op }, plan, { lifter, scratch }, fileOf, blockOfFile));
    scratch.first = b.registers;
    scratch.limit = b.registers + (ps.some(decides) ? room.registers : 0);
    return { program: b.finish(scratch.limit - scratch.first), results };
  });
  const actors = programs.map(({ program }, i): Actor =>
    placeActor(world.layout, { index: i, name: race.threads[i]?.name ?? '', mm: world.cpus[i] ?? 0, program, pool: pools[i] as Pool }),
  );
  const c = new Cells(world.layout.size);
  from.fill(world, c);
  const results = programs.map((p) => p.results);
  return { scene: { world, actors, start: c.state, backdrop, results: results.map((r) => new Set(r)) }, results };
}

/** The pages that the operations name, and of ranges without any the first and the last that are there; those that are pinned; with all places they move to. */
function pagesOf(mm: Mm, plans: readonly Plan[], more: ReadonlySet<Vpn>): Vpn[] {
  const pages = new Set([...plans.flatMap(namedPages), ...more]);
  const spread = (): void => {
    for (let before = -1; before !== pages.size;) {
      before = pages.size;
      for (const at of [...pages]) for (const plan of plans) for (const image of images(plan, at)) pages.add(image);
      if (pages.size > MOST_PAGES) break;
    }
  };
  for (const plan of plans) for (const at of pinnedIn(mm, rangeOf(plan))) pages.add(at);
  spread();
  for (const range of plans.flatMap((plan) => rangesOf(mm, plan))) {
    if ([...pages].some((p) => p >= range.from && p < range.to)) continue;
    const there = [...mm.pageTables.entries.runs(range.from, range.to)];
    const [first, last] = [there[0], there.at(-1)];
    if (first !== undefined && last !== undefined) for (const at of new Set([first.start, last.start + last.count - 1]).values()) pages.add(at);
    else pages.add(range.from);
    spread();
  }
  // A page is mapped wherever else its frame is: what maps it counts, and a walk of the reverse map comes by.
  for (const at of [...pages]) for (const other of mappedToo(mm, at)) pages.add(other);
  spread();
  return [...pages].sort((a, b) => a - b);
}

/** Where the frame of a page is mapped, in any address space. */
function mappedToo(mm: Mm, at: Vpn): Vpn[] {
  const frame = frameAt(mm, at);
  return frame === undefined ? [] : rmapWalk(mm.kernel, frame.value.pfn).filter((v) => v.found).map((v) => v.at); // prettier-ignore
}

/** Pages that somebody pinned before the race began decide what becomes of a range. */
function pinnedIn(mm: Mm, range: { readonly from: Vpn; readonly to: Vpn } | null): Vpn[] {
  if (range === null) return [];
  return [...mm.pageTables.entries.runs(range.from, range.to)].flatMap((run) =>
    ownsFrame(run.value) && run.value.flags === undefined
      ? mm.memory
          .runs(run.value.pfn, run.count)
          .flatMap((f) => (f.value.pins === undefined ? [] : Array.from({ length: f.count }, (_, i) => run.start + (f.start - run.value.pfn) + i)))
      : [],
  );
}

/** The ranges that an operation concerns; of a file that is cut off, wherever it is mapped. */
function rangesOf(mm: Mm, plan: Plan): readonly { readonly from: Vpn; readonly to: Vpn }[] {
  const range = rangeOf(plan);
  if (range !== null) return [range];
  const file = plan.kind === 'truncate' ? mm.files.get(plan.fd) : undefined;
  if (file === undefined || plan.kind !== 'truncate') return [];
  return [...mm.vmas.values()].filter((v) => v.file === file).map((v) => ({ from: Math.max(v.start, v.start + plan.pages - v.pgoff), to: v.end })).filter((r) => r.from < r.to); // prettier-ignore
}

/** The huge entries of DAX mappings found so far. */
const knowsDax = (plan: Plan): boolean => ['access', 'munmap', 'dontneed'].includes(plan.kind) || (plan.kind === 'mremap' && plan.newPages <= plan.oldPages);

type StackPlan = Extract<Plan, { kind: 'exec_stack' }>;

interface Part {
  readonly mm: number;
  readonly vma: VmArea;
}

/** The parts of the machine that are taken over, numbered anew. */
class Source {
  readonly parts: Part[] = [];
  readonly frames: { readonly pfn: number; readonly object: SharedObject | null; readonly index: number }[] = [];
  readonly anonIds: number[] = [];
  readonly files: SharedObject[] = [];
  readonly tables: { readonly mm: number; readonly block: number }[] = [];
  private readonly far: VmArea[] = [];

  constructor(
    readonly mms: readonly Mm[],
    readonly pages: readonly Vpn[],
    readonly span: number,
    stacks: readonly StackPlan[],
    wanted: ReadonlySet<Vpn>,
  ) {
    const blocks = new Set(pages.map((p) => Math.floor(p / span)));
    const near = (v: VmArea): boolean => [...blocks].some((b) => v.start <= (b + 1) * span && v.end >= b * span) || pages.some((p) => v.start <= p + 1 && v.end >= p);
    mms.forEach((mm, id) => {
      for (const vma of mm.vmas.values()) {
        if (near(vma) || (id === 0 && wanted.has(vma.start))) this.parts.push({ mm: id, vma });
        else if (id === 0) this.far.push(vma);
      }
      for (const block of blocks) {
        if (mm.pageTables.hugeAt(block * span) !== undefined) throw new SetupError('a race among huge pages is not modelled', 'keep them away with set thp = never');
        if (mm.pageTables.hasTable(0, block * span)) this.tables.push({ mm: id, block });
      }
    });
    for (const { start, end, builds } of stacks) if (builds && this.mms[0]?.intersection(start, end) === undefined) this.buildStack(start, end);
    for (const { vma } of this.parts) {
      if (vma.uffd !== null) throw new SetupError('memory that a userfaultfd watches is not modelled in races', 'unregister it before the race');
      if (vma.flags & VM.HUGETLB) throw new SetupError('hugetlb memory is not modelled in races', 'use memory of ordinary pages');
      if (vma.file !== null) this.fileId(vma.file);
      for (const id of vma.chain) this.anonId(id);
    }
    for (const id of [...this.anonIds]) this.anonId(this.rootOf(id));
    for (const mm of mms) for (const at of pages) this.frameAt(mm, at);
    for (const object of this.files) {
      for (const index of this.indicesOf(object)) {
        const cached = object.cache.get(index);
        if (cached !== undefined && !this.frames.some((f) => f.pfn === cached.pfn)) this.frames.push({ pfn: cached.pfn, object, index });
      }
    }
  }

  /** What setup_arg_pages() finds: the stack of a new program, written, as `exec_stack` would build it. */
  private readonly stack: { vma: VmArea; pages: Vpn[] }[] = [];
  private buildStack(start: Vpn, end: Vpn): void {
    const id = -1 - this.stack.length;
    const vma: VmArea = { start, end, pgoff: start, anonPgoff: start, flags: STACK_FLAGS, file: null, anonVma: id, chain: [id], uffd: null, image: false };
    this.parts.push({ mm: 0, vma });
    const pages = this.pages.filter((p) => p >= start && p < end);
    this.stack.push({ vma, pages });
    for (const block of new Set(pages.map((p) => Math.floor(p / this.span)))) if (!this.tables.some((t) => t.mm === 0 && t.block === block)) this.tables.push({ mm: 0, block });
    pages.forEach((at) => this.frames.push({ pfn: -at, object: null, index: at }));
  }

  /** The VMAs of the process that nobody is thought to touch, with anon_vmas by the numbers of the race; those that it does not know have others. */
  get rest(): VmArea[] {
    const known = (id: number): number => (this.anonIds.includes(id) ? this.anonIds.indexOf(id) : -1 - id);
    return this.far.map((vma) => ({ ...vma, anonVma: vma.anonVma === null ? null : known(vma.anonVma), chain: vma.chain.map(known) }));
  }

  private rootOf(id: number): number {
    return this.mms[0]?.anonVmas.get(id)?.root ?? id;
  }

  fileId(object: SharedObject): number {
    if (!this.files.includes(object)) this.files.push(object);
    return this.files.indexOf(object);
  }

  anonId(id: number): number {
    if (!this.anonIds.includes(id)) this.anonIds.push(id);
    return this.anonIds.indexOf(id);
  }

  /** Page offsets of a file that modelled pages have. */
  indicesOf(object: SharedObject): number[] {
    const found = new Set<number>();
    for (const { vma } of this.parts) {
      if (vma.file !== object) continue;
      for (const at of this.pages) if (at >= vma.start && at < vma.end) found.add(vma.pgoff + (at - vma.start));
    }
    return [...found].sort((a, b) => a - b);
  }

  private frameAt(mm: Mm, at: Vpn): void {
    const pte = mm.pageTables.get(at);
    if (pte === undefined || !ownsFrame(pte) || this.frames.some((f) => f.pfn === pte.pfn)) return;
    this.frames.push({ pfn: pte.pfn, object: null, index: mm.memory.folio(pte.pfn)?.index ?? 0 });
  }

  frameId = (pfn: number): number => this.frames.findIndex((f) => f.pfn === pfn);

  fill(w: World, c: Cells): void {
    const zero = w.numberId(0);
    this.mms.forEach((_, id) => c.set(w.mm(id, 'state'), LIVE));
    for (let id = 0; id < w.sizes.mms; id++) for (const field of ['totalVm', 'lockedVm', 'committed', 'leaked', 'lockedLeaked'] as const) c.set(w.mm(id, field), zero);
    this.files.forEach((file, id) => c.set(w.size(id), w.numberId(file.pages)));
    this.frames.forEach((f, id) => this.fillFrame(w, c, f, id));
    this.anonIds.forEach((id, a) => {
      const info = this.mms[0]?.anonVmas.get(id);
      c.set(w.anon(a, 'state'), LIVE);
      c.set(w.anon(a, 'root'), this.anonId(info?.root ?? id));
      c.set(w.anon(a, 'parent'), this.anonId(this.mms[0]?.anonVmas.parentOf(id) ?? id));
      c.set(w.anon(a, 'children'), info?.numChildren ?? 1);
    });
    this.parts.forEach((part, v) => this.fillVma(w, c, part, v));
    this.fillFigures(w, c);
    this.tables.forEach(({ mm, block }, t) => {
      c.set(w.table(t), LIVE);
      c.set(w.pmd(mm, w.blockOf(this.pages.find((p) => Math.floor(p / this.span) === block) ?? 0)), tableEntry(t));
    });
    // A block of a DAX mapping that anybody has touched is mapped by one entry.
    this.parts.forEach(({ mm }, v) => {
      const shape = w.shapeOf(c, v);
      for (const at of this.pages) {
        const cell = w.pmd(mm, w.blockOf(at));
        const huge = at >= shape.start && at < shape.end && isTable(c.get(cell)) ? w.devmapFor(shape, at) : NONE;
        if (huge === NONE) continue;
        c.set(w.table(tableOf(c.get(cell))), FREED);
        c.set(cell, huge);
      }
    });
    this.mms.forEach((mm, id) => {
      for (const at of this.pages) {
        const pte = mm.pageTables.get(at);
        const cell = w.pteCell(c, id, at);
        if (pte !== undefined && cell >= 0) c.set(cell, this.entry(mm, at, pte));
      }
    });
    for (const { pages } of this.stack) for (const at of pages) c.set(w.pteCell(c, 0, at), this.frameId(-at) | PRESENT | WRITE | DIRTY);
    this.frames.forEach((f, id) => c.set(w.frame(id, 'mapcount'), f.object === null || c.get(w.frame(id, 'state')) === LIVE ? w.countEntries(c, id) : 0));
  }

  private fillFrame(w: World, c: Cells, f: Source['frames'][number], id: number): void {
    const mm = this.mms[0];
    const folio = mm?.memory.folio(f.pfn);
    const mapping = folio?.mapping;
    c.set(w.frame(id, 'state'), LIVE);
    c.set(w.frame(id, 'index'), w.numberId(folio?.index ?? f.index));
    c.set(w.frame(id, 'pins'), folio?.pins ?? 0);
    c.set(w.frame(id, 'lazy'), folio?.lazyFree === true ? 1 : 0);
    c.set(w.frame(id, 'data'), folio === undefined ? 0 : byteAt(folio.content, 0));
    const stack = this.stack.find((s) => s.pages.includes(-f.pfn));
    if (stack !== undefined) c.set(w.frame(id, 'mapping'), this.anonId(stack.vma.anonVma ?? 0) + 1);
    if (mapping === undefined) return;
    c.set(w.frame(id, 'exclusive'), 'anonVma' in mapping && folio?.shared !== true ? 1 : 0);
    if ('anonVma' in mapping) c.set(w.frame(id, 'mapping'), this.anonIds.includes(mapping.anonVma) ? this.anonId(mapping.anonVma) + 1 : 0);
    else if ('object' in mapping) {
      const file = this.files.findIndex((o) => o.id === mapping.object);
      c.set(w.frame(id, 'mapping'), FILE_MAPPING + file);
      c.set(w.frame(id, 'cached'), PAGE_CACHE);
    } else if ('ksm' in mapping) c.set(w.frame(id, 'mapping'), KSM_MAPPING);
  }

  private fillVma(w: World, c: Cells, { mm, vma }: Part, v: number): void {
    if (isPrivateFile(vma) && vma.anonVma !== null && vma.anonPgoff !== vma.pgoff)
      throw new SetupError(
        'a race beside a written private mapping of a file',
        'since 7.3 its pages have page offsets of their own, which races do not have: map the file MAP_SHARED',
      );
    const { start, end, pgoff, anonPgoff, flags, image } = vma;
    const shape: Shape = { mm, start, end, pgoff, anonPgoff, file: vma.file === null ? -1 : this.fileId(vma.file), flags, image };
    c.set(w.vma(v, 'state'), LIVE);
    c.set(w.vma(v, 'shape'), w.intern(shape));
    c.set(w.vma(v, 'order'), 1000 + v);
    c.set(w.vma(v, 'anonVma'), vma.anonVma === null ? 0 : this.anonId(vma.anonVma) + 1);
    c.set(w.vma(v, 'chain'), vma.chain.reduce((chain, id) => chain | (1 << this.anonId(id)), 0)); // prettier-ignore
    if (vma.anonVma !== null) c.add(w.anon(this.anonId(vma.anonVma), 'active'), 1);
  }

  /** What each address space counts; the stack of a new program among it, which is not there yet. */
  private fillFigures(w: World, c: Cells): void {
    w.beside = this.mms.map((mm, id) => {
      const stack = id === 0 ? this.stack.reduce((n, { vma }) => n + pagesOfVma(vma), 0) : 0; // prettier-ignore
      const vmas = id === 0 ? this.stack.length : 0;
      const figures = { mapCount: mm.mapCount + vmas, totalVm: mm.totalVm + stack, lockedVm: mm.lockedVm, committed: mm.committed + stack };
      c.set(w.mm(id, 'mapCount'), figures.mapCount);
      for (const field of ['totalVm', 'lockedVm', 'committed'] as const) c.set(w.mm(id, field), w.numberId(figures[field]));
      c.set(w.mm(id, 'leaked'), w.numberId(mm.chargedForNothing));
      c.set(w.mm(id, 'lockedLeaked'), w.numberId(mm.lockedForNothing));
      for (const { vma } of this.parts.filter((p) => p.mm === id)) {
        figures.mapCount--;
        figures.totalVm -= pagesOfVma(vma);
        if (vma.flags & VM.LOCKED) figures.lockedVm -= pagesOfVma(vma);
        if (vma.flags & VM.ACCOUNT) figures.committed -= pagesOfVma(vma);
      }
      figures.committed -= mm.chargedForNothing;
      figures.lockedVm -= mm.lockedForNothing;
      return figures;
    });
  }

  private entry(mm: Mm, at: Vpn, pte: Pte): number {
    if (!ownsFrame(pte)) return isResident(pte) ? ZERO_FRAME | PRESENT : MARKER;
    const frame = this.frameId(pte.pfn);
    if (pte.flags === PTE.SWAP) return frame | SWAP | EXCLUSIVE;
    const vma = mm.lookup(at);
    const folio = mm.memory.folio(pte.pfn);
    const anonymous = folio !== undefined && 'anonVma' in folio.mapping;
    // Fork write-protected what it shared out, and a private mapping of a file may not write the file's own page.
    const shared = anonymous ? folio.mapcount > 1 || folio.shared === true : ((vma?.flags ?? 0) & VM.SHARED) === 0;
    const writable = !shared && pte.flags === undefined && ((vma?.flags ?? 0) & VM.WRITE) !== 0;
    // The machine keeps no dirty bit: the page of a file that holds nothing was only read.
    const dirty = anonymous ? folio.lazyFree !== true : byteAt(folio?.content ?? ZEROES, 0) !== 0;
    return frame | PRESENT | (writable ? WRITE | (dirty ? DIRTY : 0) : 0);
  }
}

function sizesOf(from: Source, all: readonly Plan[], plans: readonly (readonly Plan[])[], mms: number, { spare }: Room): World['sizes'] {
  const blocks = new Set(from.pages.map((p) => Math.floor(p / from.span))).size;
  const vmas = mostVmas(from, all, blocks);
  const room = { pages: from.pages.length, blocks, vmas, moves: movesIn(all) };
  const extra = (kind: Kind): number => all.reduce((n, plan) => n + needs(plan, room)[kind], plans.length * spare[kind]);
  const anonVmas = from.anonIds.length + extra('anonVma');
  if (anonVmas > MOST_ANON_VMAS) throw new SetupError(`the race needs ${anonVmas} anon_vmas`, `at most ${MOST_ANON_VMAS} are modelled: let fewer threads fault`);
  if (plans.length === 0) throw new SetupError('a race without threads', 'write thread NAME { ... } inside it');
  return {
    mms,
    vmas: from.parts.length + extra('vma'),
    anonVmas,
    frames: from.frames.length + extra('frame'),
    tables: from.tables.length + extra('table'),
    files: from.files.length,
  };
}

/** How many VMAs there can be when a fork copies them. */
const mostVmas = (from: Source, all: readonly Plan[], blocks: number): number =>
  all.filter((plan) => plan.kind !== 'fork').reduce((n, plan) => n + needs(plan, { pages: 0, blocks, vmas: 0, moves: 0 }).vma, from.parts.length);

const movesIn = (all: readonly Plan[]): number => all.filter((plan) => plan.kind === 'mremap').length;

/** Each thread allocates from lists of its own. */
function poolsOf(from: Source, plans: readonly (readonly Plan[])[], blocks: number, { spare }: Room): Pool[] {
  const next: Record<Kind, number> = { frame: from.frames.length, vma: from.parts.length, anonVma: from.anonIds.length, table: from.tables.length };
  const room = { pages: from.pages.length, blocks, vmas: mostVmas(from, plans.flat(), blocks), moves: movesIn(plans.flat()) };
  return plans.map((ps) => {
    const take = (kind: Kind): { from: number; count: number } => {
      const count = ps.reduce((n, plan) => n + needs(plan, room)[kind], spare[kind]);
      const first = next[kind];
      next[kind] += count;
      return { from: first, count };
    };
    return { frame: take('frame'), vma: take('vma'), anonVma: take('anonVma'), table: take('table') };
  });
}
