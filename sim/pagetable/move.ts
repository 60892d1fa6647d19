/**
 * move_page_tables(), mm/mremap.c: re-hangs whole tables where both sides share an alignment and
 * the destination entry is free, and moves entry by entry elsewhere.
 *
 * The kernel takes one step per extent (up to a PUD, else up to a PMD, of either side). Here one
 * stretch stands for all the steps that go alike, so that the cost follows what is distinct: the
 * number of steps, entries, tables and flushes of a stretch follows from its alignment alone.
 * With `stepwise` every stretch is a single step; both ways leave the same record.
 */
import { countExtents, extent, levelOf, toBytes, type Pages, type Range, type Vpn } from '../../machine/index.js';
import { clearWriteProtection, losesUffdWhenMoved } from '../uffd.js';
import { atPage, number, sizeOf } from '../values.js';
import type { Mm } from '../vma/mm.js';
import type { PagetableMove } from '../vma/effects.js';
import type { VmArea } from '../vma/vm-area.js';
import { splitHugePmd } from './split-huge.js';
import { isHugetlb, moveHugetlbPageTables } from './hugetlb.js';
import { isPresent } from './page-tables.js';
import { tryRealign } from './realign.js';

/** Levels of entries, as indices into the geometry: what a step of that level moves at once. */
const PTE = 0;
const PMD = 1;
const PUD = 2;

/** Returns how many of the pages asked for were dealt with: all, unless an allocation failed. */
export function movePageTables(mm: Mm, move: PagetableMove): Pages {
  if (move.pages === 0) return 0;
  const { recorder } = mm;
  // A call can move more than once: what falls short moves back, several mappings one by one.
  const before = recorder.keepsSteps ? { ...recorder.counters } : null;
  recorder.counters.calls += 1;
  if (move.needRmapLocks) recorder.counters.rmap += 1;
  recorder.moveCall(() => ({
    vma: rangeOf(mm, move.src),
    old_addr: toBytes(mm.geometry, move.old),
    new_vma: rangeOf(mm, move.dst),
    new_addr: toBytes(mm.geometry, move.new),
    len: toBytes(mm.geometry, move.pages),
  }));
  recorder.step(
    mm.functions.movePageTables,
    'done',
    'move_tables.start',
    move.needRmapLocks
      ? 'starts to move page tables, with the locks of the reverse map held for every entry: its walks could come by the copy first'
      : 'starts to move page tables',
    () => [atPage(mm, 'old_addr', move.old), atPage(mm, 'new_addr', move.new), sizeOf(mm, 'len', move.pages)],
  );
  recorder.move('start', move.old, move.new, move.pages, 1, move.needRmapLocks ? 1 : 0);
  if (isHugetlb(move.src)) return mm.effects.moveTables(move, 0);

  const down = tryRealign(mm, move);
  if (down > 0) {
    recorder.counters.realign += 1;
    recorder.counters.realign_bytes += toBytes(mm.geometry, down);
    recorder.move('realign', move.old, move.new, down, 1, 0);
  }
  const moved = mm.effects.moveTables(move, down);
  const { counters } = recorder;
  recorder.step(
    mm.functions.movePageTables,
    'done',
    moved < move.pages ? 'move_tables.broke_off' : 'move_tables.done',
    moved < move.pages ? 'broke off: this much has moved' : 'moved the page tables',
    () => [
      number('PUD entries', counters.pud - (before?.pud ?? 0)),
      number('PMD entries', counters.pmd - (before?.pmd ?? 0)),
      number('PTEs', counters.pte - (before?.pte ?? 0)),
      number('steps', counters.iter - (before?.iter ?? 0)),
      number('TLB flushes', counters.flush - (before?.flush ?? 0)),
    ],
  );
  return moved;
}

/** The loop, over runs of entries. */
export function moveExtents(mm: Mm, move: PagetableMove, down: Pages, stepwise: boolean): Pages {
  if (isHugetlb(move.src)) {
    moveHugetlbPageTables(mm, move.old, move.new, move.pages);
    return move.pages;
  }
  // With fault injection every allocation counts, so the steps are taken one by one.
  const single = stepwise || mm.kernel.failures.armed('page_table_alloc');
  const dropsProtection = losesUffdWhenMoved(move.src) && mm.behaviours.uffd_table_moves !== 'moved';
  const cursor = new Cursor(mm, move.old - down, move.new - down, move.old + move.pages, move.old, single, dropsProtection);
  while (cursor.old < cursor.end && !cursor.outOfMemory) cursor.step();
  return Math.max(0, cursor.old - move.old);
}

/** WARN_ON_ONCE() of move_normal_pmd() and move_normal_pud() */
const occupied = (level: 'pmd' | 'pud'): string => `WARNING: at mm/mremap.c move_normal_${level}: the destination ${level.toUpperCase()} entry is not empty`;

const rangeOf = (mm: Mm, { start, end }: VmArea): Range => ({ start: toBytes(mm.geometry, start), end: toBytes(mm.geometry, end) });

/** Where a move has got to. Every `step` goes on to the next stretch. */
class Cursor {
  private readonly pmd: Pages;
  private readonly pud: Pages;
  /** A table at the destination could not be allocated: the move ends here. */
  outOfMemory = false;

  constructor(
    private readonly mm: Mm,
    public old: Vpn,
    private to: Vpn,
    readonly end: Vpn,
    /** Where the caller asked the move to start. */
    private readonly requested: Vpn,
    private readonly stepwise: boolean,
    /** Whether entries lose a userfaultfd's write protection when they move. */
    private readonly dropsProtection: boolean,
  ) {
    this.pmd = mm.pageTables.tableSpan(PTE);
    // Where a machine folds the PUD it has the span of the level above.
    this.pud = 2 ** levelOf(mm.geometry, 'pud').shift;
  }

  step(): void {
    const { pageTables } = this.mm;
    const byPud = this.mm.behaviours.pud_moves === 'yes';
    if (byPud && !pageTables.hasTable(PMD, this.old)) {
      this.skip('skip_pud', this.pud, pageTables.firstCovered(PMD, this.old));
      return;
    }
    if (byPud && pageTables.depth > 1 && this.extent(this.pud) === this.pud && this.mayMoveTables('pud') && this.moveNormalPuds()) return;

    const limit = byPud ? this.pmdLimit() : this.end;
    if (pageTables.hugeAt(this.old) !== undefined) {
      this.moveHugePmds(limit);
      return;
    }
    if (!pageTables.hasTable(PTE, this.old)) {
      const stop = Math.min(limit, pageTables.firstCovered(PTE, this.old), pageTables.firstHuge(this.old));
      if (byPud && !this.allocAtDestination(PUD, this.stretch(stop, this.pmd))) return;
      this.skip('skip_pmd', this.pmd, stop);
      return;
    }
    if (this.extent(this.pmd) === this.pmd && this.mayMoveTables('pmd') && this.moveNormalPmds(limit)) return;
    this.movePtes(limit);
  }

  /**
   * Entries of memory that a userfaultfd watches lose their write protection on the way, unless its
   * monitor hears of moves: such tables cannot be moved whole. Most kernels find out inside.
   */
  private mayMoveTables(level: 'pmd' | 'pud'): boolean {
    if (!this.dropsProtection) return true;
    const { pageTables, kernel, recorder, behaviours } = this.mm;
    if (behaviours.uffd_table_moves === 'not_tried') return false;
    if (behaviours.uffd_table_moves === 'refused') {
      // The kernel first looks whether the place is taken, and warns. That happens on the way back, where tables of the way out are left.
      const taken = level === 'pmd' ? pageTables.hasTable(PTE, this.to) || pageTables.hugeAt(this.to) !== undefined : pageTables.hasTable(PMD, this.to);
      if (taken) kernel.once(recorder, `move_normal_${level}`, occupied(level));
    }
    recorder.counters[level === 'pmd' ? 'pmd_fail' : 'pud_fail'] += 1;
    recorder.move(level === 'pmd' ? 'pmd_refused' : 'pud_refused', this.old, this.to, level === 'pmd' ? this.pmd : this.pud, 1, 0);
    return false;
  }

  private extent(span: Pages): Pages {
    return extent(this.old, this.end, this.to, span);
  }

  /** How far steps at the PMD level may go before a PUD has to be looked at again. */
  private pmdLimit(): Vpn {
    const mutual = this.old % this.pud === this.to % this.pud;
    const next = mutual ? this.old + this.pud - (this.old % this.pud) : this.mm.pageTables.firstUncovered(PMD, this.old, this.end);
    return Math.min(this.end, next);
  }

  /** The end of the stretch that starts here, if steps of `span` may go on to `limit`. */
  private stretch(limit: Vpn, span: Pages): Vpn {
    return this.stepwise ? Math.min(limit, this.old + this.extent(span)) : limit;
  }

  /** The source has no entry here. */
  private skip(kind: 'skip_pud' | 'skip_pmd', span: Pages, limit: Vpn): void {
    const stop = this.stretch(Math.min(this.end, limit), span);
    const steps = this.note(kind, stop, span, 0);
    this.mm.recorder.counters[kind] += steps;
    this.advance(stop);
  }

  /** move_normal_pud(): whole PMD tables. False if the destination entry is taken. */
  private moveNormalPuds(): boolean {
    const { pageTables, recorder } = this.mm;
    if (!this.allocAtDestination(PUD, this.old + this.pud)) return true;
    if (pageTables.hasTable(PMD, this.to)) {
      this.refuseTable('pud_refused', this.pud);
      recorder.counters.pud_fail += 1;
      return false;
    }
    const stop = this.wholeTables(PMD, this.pud, this.end);
    this.allocAtDestination(PUD, stop);
    this.rehang(PUD, 'pud', this.pud, stop);
    return true;
  }

  /** move_normal_pmd(): whole PTE tables. False if the destination entry is taken. */
  private moveNormalPmds(limit: Vpn): boolean {
    const { pageTables, recorder } = this.mm;
    if (!this.allocAtDestination(PMD, this.old + this.pmd)) return true;
    if (pageTables.hasTable(PTE, this.to) || pageTables.hugeAt(this.to) !== undefined) {
      this.refuseTable('pmd_refused', this.pmd);
      recorder.counters.pmd_fail += 1;
      return false;
    }
    const stop = this.wholeTables(PTE, this.pmd, limit);
    this.allocAtDestination(PMD, stop);
    this.rehang(PMD, 'pmd', this.pmd, stop);
    return true;
  }

  /** How far whole tables of entries of level k follow one another here, with their places at the destination free. */
  private wholeTables(k: number, span: Pages, limit: Vpn): Vpn {
    const { pageTables } = this.mm;
    const shift = this.to - this.old;
    const taken = Math.min(pageTables.firstCovered(k, this.to), k === PTE ? pageTables.firstHuge(this.to) : Infinity);
    const stop = Math.min(limit, pageTables.firstUncovered(k, this.old, limit), taken - shift);
    return this.stretch(this.old + Math.floor((stop - this.old) / span) * span, span);
  }

  /** move_huge_pmd() where the extent is a whole block and its place is free; else the entry is split and its pages move one by one. */
  private moveHugePmds(limit: Vpn): void {
    const { pageTables, recorder } = this.mm;
    const whole = this.extent(this.pmd) === this.pmd;
    if (!this.allocAtDestination(PMD, this.old + this.extent(this.pmd))) return;
    const taken = pageTables.hasTable(PTE, this.to) || pageTables.hugeAt(this.to) !== undefined;
    if (whole && !taken) {
      const shift = this.to - this.old;
      const free = Math.min(pageTables.firstCovered(PTE, this.to), pageTables.firstHuge(this.to)) - shift;
      const reach = Math.min(limit, pageTables.firstNotHuge(this.old, limit), free);
      const stop = this.stretch(this.old + Math.floor((reach - this.old) / this.pmd) * this.pmd, this.pmd);
      this.allocAtDestination(PMD, stop);
      const blocks = pageTables.moveHuge(this.old, this.to, stop - this.old);
      const steps = this.note('huge_pmd', stop, this.pmd, blocks);
      recorder.counters.huge_pmd += steps;
      recorder.counters.huge_flush += steps;
      this.advance(stop);
      return;
    }
    const extent = this.extent(this.pmd);
    if (whole) {
      recorder.counters.huge_pmd_fail += 1;
      recorder.move('huge_pmd_refused', this.old, this.to, extent, 1, 0);
    }
    recorder.counters.split += 1;
    recorder.move('split', this.old, this.to, extent, 1, 0);
    splitHugePmd(this.mm.pageTables, this.old);
    this.movePtes(this.old + extent);
  }

  private rehang(k: number, kind: 'pmd' | 'pud', span: Pages, stop: Vpn): void {
    const { pageTables, recorder, geometry } = this.mm;
    const pages = stop - this.old;
    this.noteStrays(stop);
    pageTables.rehang(k, this.old, this.to, pages);
    const steps = this.note(kind, stop, span, pages / span);
    recorder.counters[kind] += steps;
    recorder.counters.flush += steps;
    recorder.counters.flush_bytes += toBytes(geometry, pages);
    this.advance(stop);
  }

  private refuseTable(kind: 'pmd_refused' | 'pud_refused', span: Pages): void {
    const { recorder } = this.mm;
    const level = kind === 'pmd_refused' ? 'pmd' : 'pud';
    recorder.move(kind, this.old, this.to, span, 1, 0);
    this.mm.kernel.once(recorder, `move_normal_${level}`, occupied(level));
    recorder.step(
      level === 'pmd' ? this.mm.functions.moveNormalPmd : this.mm.functions.moveNormalPud,
      'refused',
      `move_tables.${level}_taken`,
      `the destination ${level.toUpperCase()} entry is taken: going on one level below`,
      () => [atPage(this.mm, 'old_addr', this.old), atPage(this.mm, 'new_addr', this.to), sizeOf(this.mm, 'extent', span)],
    );
  }

  /** move_ptes(), extent by extent. */
  private movePtes(limit: Vpn): void {
    const { pageTables, recorder, geometry } = this.mm;
    const stop = this.likePtes(limit);
    if (!this.allocAtDestination(PTE, stop)) return;
    const present = pageTables.entries.list(this.old, stop).some((run) => isPresent(run.value));
    this.noteStrays(stop);
    const moved = pageTables.moveEntries(this.old, this.to, stop - this.old);
    if (this.dropsProtection) clearWriteProtection(this.mm, this.to, this.to + (stop - this.old));
    const steps = this.note('pte', stop, this.pmd, moved);
    recorder.counters.move_ptes += steps;
    recorder.counters.pte += moved;
    // Markers move like pages, but no TLB can hold them.
    if (present) {
      recorder.counters.flush += steps;
      recorder.counters.flush_bytes += toBytes(geometry, stop - this.old);
    }
    this.advance(stop);
  }

  /** Where the extents end that are, like the first one, all full or all empty; else where that one ends. */
  private likePtes(limit: Vpn): Vpn {
    const { pageTables } = this.mm;
    const one = this.old + this.extent(this.pmd);
    const mutual = this.old % this.pmd === this.to % this.pmd;
    if (mutual || this.stepwise) return one;
    const reach = Math.min(limit, pageTables.firstUncovered(PTE, this.old, limit));
    const run = pageTables.entries.runAt(this.old);
    const alike = Math.min(reach, run === undefined ? (pageTables.entries.firstFrom(this.old) ?? Infinity) : run.start + run.count);
    return Math.max(one, alike === reach ? reach : this.lastBoundary(alike));
  }

  /** The last place at or below `at` where an extent of PMD size ends, on either side. */
  private lastBoundary(at: Vpn): Vpn {
    const shift = this.to - this.old;
    return Math.max(at - (at % this.pmd), at - ((at + shift) % this.pmd));
  }

  /** alloc_new_pud(), alloc_new_pmd(), pte_alloc(): the tables of entries of level k and above, up to the step at `stop`. */
  private allocAtDestination(k: number, stop: Vpn): boolean {
    const { pageTables, recorder } = this.mm;
    const end = this.to + (stop - this.old);
    for (let level = pageTables.depth - 1; level >= k; level--) {
      if (!pageTables.hasTable(level, this.to) && this.mm.kernel.failures.fails('page_table_alloc')) {
        this.outOfMemory = true;
        recorder.step(
          this.mm.functions.movePageTables,
          'refused',
          'move_tables.no_memory',
          `no memory for a table of ${pageTables.levelName(level).toUpperCase()} entries at the destination`,
          () => [atPage(this.mm, 'new_addr', this.to)],
        );
        return false;
      }
      const added = pageTables.alloc(level, this.to, end);
      if (added === 0) continue;
      recorder.tablesAllocated(pageTables.levelName(level), added);
      if (level <= PUD) recorder.counters[level === PTE ? 'alloc_pte' : level === PMD ? 'alloc_pmd' : 'alloc_pud'] += added;
    }
    return true;
  }

  /** Entries below the range asked for come along when the start was rounded down: there should be none. */
  private noteStrays(stop: Vpn): void {
    const end = Math.min(stop, this.requested);
    if (this.old >= end) return;
    const { entries } = this.mm.pageTables;
    const found = entries.countIn(this.old, end);
    if (found === 0) return;
    const overwritten = entries.countIn(this.to, this.to + (end - this.old));
    this.mm.recorder.strays.push({ from: this.old, to: this.to, pages: end - this.old, entries: found, overwritten });
    this.mm.recorder.step(this.mm.functions.movePageTables, 'done', 'move_tables.strays', 'pages that nobody asked to move went along', () => [
      atPage(this.mm, 'from', this.old),
      atPage(this.mm, 'to', this.to),
      number('pages', found),
      number('overwritten', overwritten),
    ]);
  }

  private note(kind: 'skip_pud' | 'skip_pmd' | 'pte' | 'pmd' | 'pud' | 'huge_pmd', stop: Vpn, span: Pages, entries: number): number {
    const pages = stop - this.old;
    const steps = countExtents(this.old, pages, this.to, span);
    this.mm.recorder.counters.iter += steps;
    this.mm.recorder.move(kind, this.old, this.to, pages, steps, entries);
    return steps;
  }

  private advance(stop: Vpn): void {
    this.to += stop - this.old;
    this.old = stop;
  }
}
