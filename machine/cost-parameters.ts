/** What the single steps of a call take on a machine. */

/** All times in nanoseconds. */
export interface CostParameters {
  /** A call that moves: entry, VMA copy, munmap, exit. */
  readonly call: number;
  /** A PUD or PMD entry moved, with its locks and its flush. */
  readonly pud: number;
  readonly pmd: number;
  /** A PTE moved, and one found empty on the way. */
  readonly pte: number;
  readonly scan: number;
  /** A table allocated and zeroed. */
  readonly table: number;
  /** A folio given another anon_vma and index: its lock, two stores. Nobody has published a figure; of the order of a PTE move. */
  readonly relocate: number;
  /** A TLB flush here, and what each other CPU that runs the process adds to it. */
  readonly flush: number;
  readonly shootdown: number;
  /** Other CPUs that run the process. */
  readonly cpus: number;
}

/** The parameters of a machine that was calibrated. */
export interface MachineCosts {
  readonly arch: 'x86-64' | 'arm64';
  /** What the machine is called. */
  readonly machine: string;
  readonly costs: CostParameters;
}
