/**
 * The one interface between those who ask (the language, `conform`, tests) and those who answer:
 * the modelled kernel (`sim/`) and, behind the same words, a real one.
 */
import type { MachineCosts } from './cost-parameters.js';
import type { Geometry, MachineSpec } from './geometry.js';
import type { Vpn } from './number.js';
import type { MergeExplanation } from './merge.js';
import type { Op } from './op.js';
import type { Exploration, Race, RaceInvariant, RaceLimits } from './race.js';
import type { OpRecord } from './record.js';
import type { FolioInfo, RmapVisit } from './rmap.js';
import type { AddressSpace } from './space.js';

/** One process on one kernel: operations go in, records come out. */
export interface Machine {
  readonly model: ModelInfo;
  readonly geometry: Geometry;
  /** Carries one operation out. A refusal or a signal is a result, never an exception. */
  perform(op: Op): OpRecord | Promise<OpRecord>;
  /** The address space as it is now. A lean machine keeps no past: what it returns shows the address space at the moment it is read. */
  space(): AddressSpace;
  /** The folio of the page that is present there, as it is now. */
  folio?(at: Vpn): FolioInfo | undefined;
  /** The VMAs that a walk of that page's reverse map looks at, in order; undefined where no page is present. */
  rmapWalk?(at: Vpn): readonly RmapVisit[] | undefined;
  /**
   * What the kernel's merge would say if the VMA at `changed` were made, moved or given its flags now:
   * whether it joins the VMA at `neighbour`, check by check. Nothing is changed.
   * @param changed any page of the one VMA
   * @param neighbour any page of the other
   * @returns undefined where nothing is mapped, or both pages lie in one VMA
   */
  explainMerge?(changed: Vpn, neighbour: Vpn): MergeExplanation | undefined;
  /** Forks the process: a machine for the child, on the same kernel. From then on each takes operations of its own. */
  child?(): Machine;
  /** Ends the process and frees what it held. */
  exit?(): void;
  /**
   * Remembers the state: what is returned takes that operation back once it has been performed. For a
   * call that turns out not to have happened.
   */
  mark?(op: Op): () => void;
  /**
   * A second machine in the same state, or in the state before an operation, for trying things out.
   * Absent where a machine cannot be copied, such as a real kernel.
   * @param before the `seq` of that operation
   */
  clone?(before?: number): Machine;
  /**
   * Tries operations at the same time, in every order of their steps, from the machine's state, which does not
   * change. Each turn of the generator tells how far it has come; not asking for the next one stops it.
   * @throws SetupError for an operation that is not modelled in races
   */
  explore?(race: Race, limits?: Partial<RaceLimits>): Exploration;
}

/** Names a kernel: what follows `kernel` in the language. */
export interface ModelSpec {
  /** `6.12`, `6.12.117` */
  readonly release: string;
  /** Behaviours switched away from the release's own value: `{ realign: 'none' }`. */
  readonly behaviours?: Readonly<Record<string, string>>;
}

/** The kernel that a machine has: a release and its behaviours. */
export interface ModelInfo {
  /** As the user named it, canonical: `6.12 with realign=none`. */
  readonly name: string;
  /** The name as it is shown: with `(derived)` where nobody recorded the release. */
  readonly title: string;
  /** The release whose behaviours these are: `6.12.117`. */
  readonly release: string;
  /** True when no recording of that release exists. */
  readonly derived: boolean;
  readonly behaviours: Readonly<Record<string, string>>;
}

/** A release that can be asked for. */
export interface ReleaseInfo {
  /** `6.12` */
  readonly name: string;
  /** The point release that was recorded: `6.12.117`. */
  readonly recorded: string | null;
}

/** A kernel that people know by its distribution. */
export interface AliasInfo {
  /** `ubuntu-24.04` */
  readonly name: string;
  /** The release that models it: `6.8`. */
  readonly release: string;
  /** What there is to say of it: `Ubuntu 24.04: 6.8`. */
  readonly sentence: string;
}

/** One named thing in which kernels differ, and that can be switched. */
export interface BehaviourInfo {
  readonly name: string;
  readonly values: readonly string[];
  /** The value `without NAME` gives, if the behaviour can be switched off. */
  readonly off: string | null;
  readonly summary: string;
}

/** Memory that the process has before the scenario begins, in pages. */
export interface ImageRange {
  readonly start: Vpn;
  readonly end: Vpn;
  /** Whether it has page tables already. */
  readonly faulted: boolean;
  /** Shared memory that nobody may touch, as reserves address space; otherwise private. */
  readonly shared?: boolean;
  /** A mapping of the kernel's own, such as `[vdso]`: it may be moved as a whole, and nothing else. */
  readonly special?: string;
}

/** Where a process's own program, libraries and stack lie: needed to compare with a recorded process. */
export interface ProcessLayout {
  /** Upper end of top-down placement. */
  readonly mmapBase: Vpn;
  /** Ranges that are mapped before the scenario starts and merge with nothing. */
  readonly image: readonly ImageRange[];
}

/** How a machine is to be: all of it may be left out. */
export interface MachineOptions {
  /** Record the path through every call (`OpRecord.steps`). Default true. */
  readonly steps?: boolean;
  /**
   * `lean`, for long logs: nothing is kept between operations. The `before` and `after` of a record
   * are then the address space as it is when they are looked at. Default `full`.
   */
  readonly records?: 'full' | 'lean';
  /** Default: x86-64 with 4 levels. */
  readonly machine?: MachineSpec;
  readonly layout?: ProcessLayout;
  /** How long the steps of a move take, for the architecture they were measured on; default: published figures. */
  readonly costs?: MachineCosts;
  /** Whether the process has the capabilities of root. Default false. */
  readonly privileged?: boolean;
}

/** A source of machines, each a fresh process on a kernel of its own. */
export interface Machines {
  readonly releases: readonly ReleaseInfo[];
  /** Names of distributions' kernels. */
  readonly aliases?: readonly AliasInfo[];
  readonly behaviours: readonly BehaviourInfo[];
  /** The rules that every race is checked against. */
  readonly invariants?: readonly RaceInvariant[];
  /** The model used where a scenario names none. */
  readonly defaultModel: ModelSpec;
  /** @throws SetupError when the release or a behaviour is unknown. */
  open(spec: ModelSpec, options?: MachineOptions): Machine;
}
