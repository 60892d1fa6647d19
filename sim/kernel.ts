/** What all processes of one machine share: the kernel's behaviours, the page frames, the anon_vmas, the files. */
import { InvariantViolation, type Geometry } from '../machine/index.js';
import type { Behaviours } from './models/behaviours/index.js';
import { Failures } from './failures.js';
import type { KernelFunctions } from './models/kernel-functions.js';
import { isFrame, PTE, type PageTables } from './pagetable/page-tables.js';
import type { Recorder } from './recorder.js';
import { AnonVmas } from './rmap/anon-vma.js';
import { Memory } from './rmap/folio.js';

/** What the kernel itself asks of an address space: the rest is between the address space and who works on it. */
interface Process {
  readonly pageTables: PageTables;
  check(): void;
}

/** @typeParam M an address space: `Mm`, which holds its kernel and so cannot be named here */
export class Kernel<M extends Process = Process> {
  readonly anonVmas = new AnonVmas();
  readonly memory = new Memory();
  /** Every address space alive, in order of birth. */
  readonly mms = new Set<M>();
  /** vm.nr_hugepages: pages of the hugetlb pool, and how many mappings have reserved. */
  hugePool = 0;
  hugeReserved = 0;
  readonly failures = new Failures();
  /** Whether any page may be shared by a fork. */
  forked = false;
  private nextObject = 1;
  private nextProcess = 1;
  private nextQueued = 1;

  constructor(
    readonly geometry: Geometry,
    readonly behaviours: Behaviours,
    /** What the release calls the functions that the model follows. */
    readonly functions: KernelFunctions,
  ) {}

  /** Warnings that this kernel has given since it booted and gives only once. */
  private readonly said = new Set<string>();

  /** WARN_ON_ONCE(), pr_warn_once(): a line for the kernel log, the first time only. */
  once(recorder: Recorder, what: string, line: string): void {
    if (this.said.has(what)) return;
    this.said.add(what);
    recorder.log.push(line);
  }

  /** Remembers what a call of one process may change here; what is returned puts it back, once. */
  mark(): () => void {
    const { hugePool, hugeReserved, forked, nextObject, nextQueued } = this;
    const undo = [this.anonVmas.mark(), this.memory.mark()];
    return () => {
      for (const back of undo) back();
      Object.assign(this, { hugePool, hugeReserved, forked, nextObject, nextQueued });
    };
  }

  objectId(): number {
    return this.nextObject++;
  }

  nextInQueue(): number {
    return this.nextQueued++;
  }

  /** Processes are numbered in order of birth. */
  processId(): number {
    return this.nextProcess++;
  }

  /** What must hold over all processes together, and in each of them. */
  check(): void {
    for (const mm of this.mms) mm.check();
    const mapped = new Map<number, number>();
    for (const mm of this.mms) {
      for (const run of mm.pageTables.leafRuns()) {
        if (!isFrame(run.value)) continue;
        if (run.value.flags === PTE.KSM) {
          const n = this.memory.folio(run.value.pfn)?.mapcount ?? 0;
          mapped.set(n, (mapped.get(n) ?? 0) + run.count);
          continue;
        }
        for (const folios of this.memory.runs(run.value.pfn, run.count)) mapped.set(folios.value.mapcount, (mapped.get(folios.value.mapcount) ?? 0) + folios.count);
      }
    }
    // Each frame that counts n mappings must be found in n entries.
    for (const [mapcount, entries] of mapped) {
      const frames = this.memory.countMapped(mapcount);
      if (entries !== frames * mapcount) throw new InvariantViolation(`${frames} frames say that they are mapped ${mapcount} times, ${entries} entries map such frames`);
    }
  }
}
