/** struct mm_struct: one address space with its VMAs, page tables and counters. */
import { InvariantViolation, toBytes, type Bytes, type Geometry, type Pages, type Vpn } from '../../machine/index.js';
import type { Kernel } from '../kernel.js';
import type { Behaviours } from '../models/behaviours/index.js';
import type { KernelFunctions } from '../models/kernel-functions.js';
import { NONE } from '../extents.js';
import { OrderedMap } from '../ordered-map.js';
import { isFrame, isResident, PageTables, PTE } from '../pagetable/page-tables.js';
import type { SharedObject } from '../pagetable/shared-object.js';
import { splitAtBorders } from '../pagetable/split-huge.js';
import { Recorder } from '../recorder.js';
import type { AnonVmas } from '../rmap/anon-vma.js';
import type { Memory } from '../rmap/folio.js';
import type { Uffd } from '../uffd-ctx.js';
import type { Effects } from './effects.js';
import type { Limits } from './process-limits.js';
import { anonPgoffAt, inQueue, isAccounted, isDataMapping, pagesOf, type VmArea } from './vm-area.js';
import { VM } from './vm-flags.js';

export interface MmSetup {
  readonly limits: Limits;
  /** Upper end of top-down placement. */
  readonly mmapBase: Vpn;
  /** Where the heap starts. */
  readonly startBrk: Vpn;
  /** How its operations act on what others can see. */
  readonly effects: (mm: Mm) => Effects<Mm>;
}

export class Mm {
  readonly id: number;
  readonly geometry: Geometry;
  readonly behaviours: Behaviours;
  /** What the release calls the functions that the model follows. */
  readonly functions: KernelFunctions;
  readonly limits: Limits;
  readonly mmapBase: Vpn;
  readonly pageTables: PageTables;
  readonly effects: Effects<Mm>;
  readonly anonVmas: AnonVmas;
  readonly memory: Memory;
  /** Open files. */
  readonly files = new Map<number, SharedObject>();
  readonly vmas = new OrderedMap<VmArea>();
  /** mm->total_vm, mm->data_vm, mm->locked_vm: pages of all VMAs, of the writable private and of the locked ones. */
  totalVm = 0;
  dataVm = 0;
  lockedVm = 0;
  /** mm->def_flags: what mlockall(MCL_FUTURE) gives to every new mapping. */
  defFlags = 0;
  /** mm->start_brk, in pages, and mm->brk. */
  startBrk: Vpn;
  brk: Bytes;
  /** The userfaultfd that is open. */
  uffd: Uffd | null = null;
  /** MADV_HUGEPAGE was given at least once. */
  advisedHuge = false;
  /** MMF_HAS_PINNED, and what is pinned through this address space: where it was mapped then, and its frames. */
  hasPinned = false;
  readonly pins: { readonly start: Vpn; readonly count: Pages; readonly pfn: number }[] = [];
  /** Pages that failed moves were charged for and that nothing gives back. */
  chargedForNothing = 0;
  /** Pages counted as locked that DONTUNMAP unlocked without taking them off. */
  lockedForNothing = 0;
  /** Whether a merge has left pages where their VMA does not have their anon_vma or page offset: the reverse map does not find them any more. */
  rmapBroken = false;
  /** Pages charged against the commit limit. */
  committed = 0;
  /** Pages present (RssAnon + RssShmem; the zero page does not count). */
  rss = 0;
  /** The recorder of the operation that runs now. */
  recorder = new Recorder(false);

  constructor(
    readonly kernel: Kernel<Mm>,
    readonly setup: MmSetup,
  ) {
    kernel.mms.add(this);
    this.id = kernel.processId();
    this.geometry = kernel.geometry;
    this.behaviours = kernel.behaviours;
    this.functions = kernel.functions;
    this.anonVmas = kernel.anonVmas;
    this.memory = kernel.memory;
    this.limits = setup.limits;
    this.mmapBase = setup.mmapBase;
    this.startBrk = setup.startBrk;
    this.brk = toBytes(kernel.geometry, setup.startBrk);
    this.pageTables = new PageTables(kernel.geometry);
    this.effects = setup.effects(this);
  }

  get mapCount(): number {
    return this.vmas.size;
  }

  /** Remembers the address space as a call finds it; what is returned puts it back, once. */
  mark(): () => void {
    const { totalVm, dataVm, lockedVm, defFlags, startBrk, brk, uffd, advisedHuge, hasPinned, chargedForNothing, committed, rss } = this;
    const files = [...this.files];
    const undo = [this.kernel.mark(), this.vmas.mark(), this.pageTables.mark()];
    return () => {
      for (const back of undo) back();
      Object.assign(this, { totalVm, dataVm, lockedVm, defFlags, startBrk, brk, uffd, advisedHuge, hasPinned, chargedForNothing, committed, rss });
      this.files.clear();
      for (const [fd, file] of files) this.files.set(fd, file);
    };
  }

  /** find_vma(): the first VMA that ends above `at`. */
  findVma(at: Vpn): VmArea | undefined {
    const below = this.vmas.atOrBelow(at);
    if (below !== undefined && below.end > at) return below;
    return this.vmas.above(at);
  }

  /** vma_lookup(): the VMA that contains `at`. */
  lookup(at: Vpn): VmArea | undefined {
    const vma = this.vmas.atOrBelow(at);
    return vma !== undefined && vma.end > at ? vma : undefined;
  }

  /** find_vma_intersection(): the first VMA that overlaps [from, to). */
  intersection(from: Vpn, to: Vpn): VmArea | undefined {
    const vma = this.findVma(from);
    return vma !== undefined && vma.start < to ? vma : undefined;
  }

  /** The last VMA that starts below `at`. */
  previous(at: Vpn): VmArea | undefined {
    return this.vmas.below(at);
  }

  /** The first VMA that starts at or above `at`. */
  next(at: Vpn): VmArea | undefined {
    return this.vmas.atOrAbove(at);
  }

  /** VMAs that intersect [from, to), ascending, as they are now. */
  range(from: Vpn, to: Vpn): readonly VmArea[] {
    const found: VmArea[] = [];
    const cursor = this.vmas.fromAtOrBelow(from);
    for (let vma = cursor.next(); vma !== undefined && vma.start < to; vma = cursor.next()) if (vma.end > from) found.push(vma);
    return found;
  }

  insert(vma: VmArea): void {
    this.anonVmas.link(vma);
    this.vmas.set(vma.start, this.queued(vma));
    this.effects.vmasChanged(NONE, [vma]);
  }

  /** As it goes into the interval trees of the reverse map: behind all that begin at the same page offset. */
  private queued(vma: VmArea): VmArea {
    if (vma.chain.length > 0 || vma.file !== null) return inQueue(vma, this.kernel.nextInQueue());
    return vma.queue === undefined ? vma : inQueue(vma, undefined);
  }

  remove(vma: VmArea): void {
    this.removeAll([vma]);
  }

  /** Takes out VMAs that follow one another: all that lie between the first and the last of them. */
  removeAll(vmas: readonly VmArea[]): void {
    const [first, last] = [vmas[0], vmas.at(-1)];
    if (first === undefined || last === undefined) return;
    const gone = this.vmas.deleteRange(first.start, last.end);
    if (gone !== vmas.length) throw new InvariantViolation(`no VMA starts at page ${vmas.map((v) => v.start).join(' or ')}, or others lie between`);
    for (const vma of vmas) this.anonVmas.unlink(vma);
    this.effects.vmasChanged(vmas, NONE);
  }

  /** Puts the changed VMAs in the place of the old ones; what both link stays alive meanwhile. */
  replace(old: readonly VmArea[], changed: readonly VmArea[]): void {
    const alike = linkAlike(old, changed);
    if (alike === null) for (const vma of changed) this.anonVmas.link(vma);
    let gone = 0;
    for (const vma of changed) {
      const stays = old.some((o) => o.start === vma.start && o.end === vma.end) && (alike !== null || vma.queue !== undefined);
      if (!this.vmas.set(vma.start, stays ? vma : this.queued(vma))) gone++;
      if (this.pageTables.holdsHuge) splitAtBorders(this.pageTables, vma);
    }
    for (const vma of old) if (!changed.some((v) => v.start === vma.start) && this.vmas.delete(vma.start)) gone++;
    if (gone !== old.length) throw new InvariantViolation(`no VMA starts at page ${old.map((v) => v.start).join(' or ')}`);
    if (alike === null) for (const vma of old) this.anonVmas.unlink(vma);
    else if (changed.length > old.length) this.anonVmas.link(alike, changed.length - old.length);
    else if (changed.length < old.length) this.anonVmas.unlink(alike, old.length - changed.length);
    this.effects.vmasChanged(old, changed);
  }

  /** Whether any fault here could map a huge page: a shortcut for those that ask block by block. */
  get mayHaveHugePages(): boolean {
    return this.limits.thp === 'always' || (this.limits.thp === 'madvise' && this.advisedHuge);
  }

  /** vm_stat_account() */
  account(flags: number, pages: Pages): void {
    this.totalVm += pages;
    if (isDataMapping(flags)) this.dataVm += pages;
  }

  /** What the counters and the trees must agree on after every operation. */
  check(): void {
    let end = 0;
    let total = 0;
    let data = 0;
    let committed = 0;
    let locked = 0;
    for (const vma of this.vmas.values()) {
      const { start } = vma;
      if (this.vmas.get(start) !== vma || start < end || vma.end <= start) throw new InvariantViolation(`VMAs overlap or are out of order at page ${start}`);
      end = vma.end;
      if (vma.anonVma !== null && !vma.chain.includes(vma.anonVma)) throw new InvariantViolation(`VMA at page ${start}: anon_vma is not in its chain`);
      if (vma.anonVma !== null && this.anonVmas.get(vma.anonVma) === undefined) throw new InvariantViolation(`VMA at page ${start}: anon_vma was freed`);
      total += pagesOf(vma);
      if (isDataMapping(vma.flags)) data += pagesOf(vma);
      if (isAccounted(vma)) committed += pagesOf(vma);
      if (vma.flags & VM.LOCKED) locked += pagesOf(vma);
    }
    if (locked + this.lockedForNothing !== this.lockedVm) throw new InvariantViolation(`locked_vm is ${this.lockedVm}, the VMAs hold ${locked} locked pages`);
    if (total !== this.totalVm) throw new InvariantViolation(`total_vm is ${this.totalVm}, the VMAs hold ${total} pages`);
    if (data !== this.dataVm) throw new InvariantViolation(`data_vm is ${this.dataVm}, the VMAs hold ${data} pages`);
    if (committed + this.chargedForNothing !== this.committed) throw new InvariantViolation(`${this.committed} pages are charged, the VMAs hold ${committed}`);
    this.pageTables.check();
    this.checkEntries();
  }

  /** Every entry lies in a VMA, and the reverse map finds every anonymous page where it is (I1). */
  private checkEntries(): void {
    let present = 0;
    for (const run of this.pageTables.leafRuns()) {
      let covered = run.start;
      for (const vma of this.range(run.start, run.start + run.count)) {
        if (vma.start > covered) break;
        covered = vma.end;
      }
      if (covered < run.start + run.count) throw new InvariantViolation(`page ${covered} is present outside every VMA`);
      if (!isFrame(run.value)) continue;
      if (isResident(run.value)) present += run.count;
      if (run.value.flags === PTE.KSM || this.rmapBroken) continue;
      for (const folios of this.memory.runs(run.value.pfn, run.count)) {
        const { mapping, index } = folios.value;
        let at = run.start + (folios.start - run.value.pfn);
        const end = at + folios.count;
        if (!('anonVma' in mapping)) continue;
        for (let vma = this.lookup(at); vma !== undefined && at < end; vma = this.lookup(at)) {
          const expected = anonPgoffAt(vma, at);
          const found = index + (at - run.start - (folios.start - run.value.pfn));
          if (!vma.chain.includes(mapping.anonVma) || expected !== found) {
            throw new InvariantViolation(`the reverse map does not find page ${at}: index ${found}, the VMA says ${expected}`);
          }
          at = Math.min(vma.end, end);
        }
      }
    }
    if (present !== this.rss) throw new InvariantViolation(`rss is ${this.rss}, ${present} pages are present`);
  }
}

/** One of the VMAs, if all link the same anon_vmas; then the counts change only by how many VMAs there are. */
function linkAlike(old: readonly VmArea[], changed: readonly VmArea[]): VmArea | null {
  const first = old[0];
  if (first === undefined) return null;
  for (const vma of old) if (!linksAs(first, vma)) return null;
  for (const vma of changed) if (!linksAs(first, vma)) return null;
  return first;
}

/** An anon_vma is in the chain of each VMA that has it. */
const linksAs = (a: VmArea, b: VmArea): boolean =>
  a.anonVma === b.anonVma && (a.chain === b.chain || (a.chain.length === b.chain.length && (a.chain.length === 0 || (a.chain.length === 1 && a.anonVma !== null))));
