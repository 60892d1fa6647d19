/** The modelled kernel behind the Machine interface: a fresh process on a release and its behaviours. */
import {
  InvariantViolation,
  isAccess,
  toBytes,
  toVpn,
  isOthers,
  isReclaim,
  isSetting,
  RACE_LIMITS,
  type AddressSpace,
  type Capability,
  type Exploration,
  type FolioInfo,
  type Geometry,
  type ImageRange,
  type Machine,
  type MachineOptions,
  type Machines,
  type MergeExplanation,
  type ModelInfo,
  type ModelSpec,
  type Op,
  type OpRecord,
  type Race,
  type RaceLimits,
  type Result,
  type RmapVisit,
  type Vpn,
} from '../machine/index.js';
import { access } from './access.js';
import { call } from './call.js';
import { geometryOf, X86_64_4_LEVELS } from './arch/geometries.js';
import { untagOp } from './arch/untag.js';
import { BEHAVIOURS } from './models/behaviours/index.js';
import { resolveModel } from './models/model.js';
import { DISTRIBUTIONS } from './models/aliases.js';
import { DEFAULT_RELEASE, RELEASES } from './models/releases.js';
import { explore } from './explore/explore.js';
import { INVARIANTS } from './explore/invariants.js';
import { dupMmap, exitMmap } from './fork.js';
import { Kernel } from './kernel.js';
import { LeanRecord } from './lean-record.js';
import { ExtentEffects } from './pagetable/effects.js';
import { allocPath } from './pagetable/map.js';
import { SharedObject } from './pagetable/shared-object.js';
import { others } from './others.js';
import { reclaim } from './reclaim.js';
import { folioInfo } from './rmap/folio-info.js';
import { frameAt, rmapWalk } from './rmap/walk.js';
import { Recorder } from './recorder.js';
import { resultOf } from './refusal.js';
import { liveSpace, shownVma, snapshot } from './space.js';
import { Mm } from './vma/mm.js';
import { explainMerge } from './vma/explain-merge.js';
import { defaultLimits } from './vma/process-limits.js';
import { applySetting } from './setting.js';
import { VM } from './vma/vm-flags.js';

/**
 * What a process has on x86-64 with address space randomisation off: the mmap area starts 128 MiB,
 * the least room for the stack, below the end of user space (mmap_base(), arch/x86/mm/mmap.c).
 * Nothing is mapped: the program itself, its libraries and its stack are not part of a scenario.
 */
const stackRoom = (g: Geometry): number => 2 ** (27 - g.pageShift);

const CAPABILITIES: readonly Capability[] = ['CAP_IPC_LOCK', 'CAP_SYS_RAWIO', 'CAP_SYS_ADMIN'];

/** Where a heap starts when nothing else says so: above a small static program. */
const START_BRK = 0x600;

/** One process on the modelled kernel. `createMachines()` is the usual way to one. */
export class SimulatedMachine implements Machine {
  readonly model: ModelInfo;
  readonly geometry: Geometry;
  private mm: Mm;
  /** The latest child of each process that has one, and the parent of each child. */
  private readonly children = new Map<Mm, Mm>();
  private readonly parents = new Map<Mm, Mm>();
  /** What brought the machine here, for a clone to do again. */
  private readonly performed: Op[] = [];
  private readonly keepsSteps: boolean;
  private readonly lean: boolean;
  private seq = 0;
  /** The address space as it is; null while nobody has looked since the last operation. */
  private now: AddressSpace | null;

  /** @throws SetupError for an unknown release or behaviour */
  constructor(
    private readonly spec: ModelSpec,
    private readonly options: MachineOptions = {},
  ) {
    const model = resolveModel(spec);
    this.model = model.info;
    const geometry = options.machine === undefined ? X86_64_4_LEVELS : geometryOf(options.machine);
    this.geometry = options.costs === undefined ? geometry : { ...geometry, costs: options.costs };
    this.keepsSteps = options.steps ?? true;
    this.lean = options.records === 'lean';
    const kernel = new Kernel<Mm>(this.geometry, model.behaviours, model.functions);
    this.mm = new Mm(kernel, {
      limits: { ...defaultLimits(this.geometry, options.machine?.memory), capabilities: new Set(options.privileged === true ? CAPABILITIES : []) },
      mmapBase: options.layout?.mmapBase ?? this.geometry.mapWindow - stackRoom(this.geometry),
      startBrk: START_BRK,
      effects: (mm) => new ExtentEffects(mm),
    });
    for (const range of options.layout?.image ?? []) mapImage(this.mm, range);
    this.now = null;
  }

  space(): AddressSpace {
    return (this.now ??= this.lean ? liveSpace(this.mm) : snapshot(this.mm));
  }

  /** The operations again, on a fresh machine: the model decides nothing by chance. */
  clone(before = Infinity): SimulatedMachine {
    if (this.lean) throw new InvariantViolation('a lean machine keeps no account of what brought it here');
    const copy = new SimulatedMachine(this.spec, this.options);
    for (const op of this.performed.slice(0, before - 1)) copy.perform(op);
    return copy;
  }

  perform(op: Op): OpRecord {
    const recorder = new Recorder(this.keepsSteps);
    this.mm.recorder = recorder;
    const before = this.lean ? null : this.space();
    const result = this.carryOut(this.geometry.arch === 'arm64' ? untagOp(op) : op);
    this.now = null;
    if (before === null) return new LeanRecord(op, ++this.seq, result, recorder, this);
    this.performed.push(op);
    return { op, seq: ++this.seq, result, ...recorder.record(), before, after: this.space() };
  }

  mark(op: Op): () => void {
    const { mm, seq } = this;
    const { length } = this.performed;
    const undo = mm.mark();
    const caches = objectsOf(mm, op).map((object) => object.cache.mark());
    return () => {
      undo();
      for (const back of caches) back();
      this.seq = seq;
      this.performed.length = length;
      this.now = null;
    };
  }

  explore(race: Race, limits: Partial<RaceLimits> = {}): Exploration {
    return explore(this.mm, race, { ...RACE_LIMITS, ...limits }, this.model.name);
  }

  child(): SimulatedMachine {
    const machine = new SimulatedMachine(this.spec, { ...this.options, layout: undefined });
    machine.mm.kernel.mms.delete(machine.mm);
    machine.mm = dupMmap(this.mm);
    machine.now = null;
    return machine;
  }

  exit(): void {
    exitMmap(this.mm);
    this.now = null;
  }

  folio(at: Vpn): FolioInfo | undefined {
    const frame = frameAt(this.mm, at);
    return frame && folioInfo(this.mm.kernel, frame.value.pfn);
  }

  rmapWalk(at: Vpn): readonly RmapVisit[] | undefined {
    const frame = frameAt(this.mm, at);
    return frame && rmapWalk(this.mm.kernel, frame.value.pfn);
  }

  explainMerge(changed: Vpn, neighbour: Vpn): MergeExplanation | undefined {
    return explainMerge(this.mm, changed, neighbour, shownVma(this.mm));
  }

  private carryOut(op: Op): Result {
    if (isAccess(op)) return access(this.mm, op);
    if (isSetting(op)) return applySetting(this.mm, op);
    if (isReclaim(op)) return reclaim(this.mm, op);
    if (isOthers(op)) return resultOf(others(this.mm, op));
    if (op.name === 'fork') return this.fork(op.follow);
    if (op.name === 'reap') return this.reap();
    if (op.name === 'switch') return this.switchTo(op.to);
    return resultOf(call(this.mm, op));
  }

  /** The process that is not followed stays as it is, and keeps what it shares. */
  private fork(follow: 'parent' | 'child'): Result {
    const child = dupMmap(this.mm);
    this.children.set(this.mm, child);
    this.parents.set(child, this.mm);
    if (follow === 'child') this.mm = child;
    return { kind: 'value', value: 0n };
  }

  /** The process whose operations follow; both stay alive. */
  private switchTo(to: 'parent' | 'child'): Result {
    const other = (to === 'child' ? this.children : this.parents).get(this.mm);
    if (other === undefined) {
      const why = to === 'child' ? 'the process has no child: it has not forked, or the child was waited for' : 'the process has no parent here';
      return { kind: 'errno', errno: 'EINVAL', refusal: { check: `switch.no_${to}`, fn: 'switch', why, values: [] } };
    }
    this.mm = other;
    return { kind: 'value', value: 0n };
  }

  private reap(): Result {
    const child = this.children.get(this.mm);
    if (child !== undefined) this.end(child);
    this.children.delete(this.mm);
    return { kind: 'value', value: 0n };
  }

  /** A process ends; what it forked goes on without it. */
  private end(process: Mm): void {
    exitMmap(process);
    const orphan = this.children.get(process);
    if (orphan !== undefined) this.parents.delete(orphan);
    this.children.delete(process);
    this.parents.delete(process);
  }

  /** @throws InvariantViolation when the model broke one of its own rules */
  check(): void {
    this.mm.kernel.check();
  }
}

/** A part of the process's own image, with its page tables as far as it has been used. */
function mapImage(mm: Mm, { start, end, faulted, special, shared }: ImageRange): void {
  const pages = end - start;
  const may = VM.MAYREAD | VM.MAYWRITE | VM.MAYEXEC;
  const [flags, file] =
    special !== undefined
      ? [VM.READ | VM.EXEC | may | VM.DONTEXPAND, new SharedObject(mm.kernel.objectId(), special, pages, true)]
      : shared === true
        ? [may | VM.SHARED | VM.MAYSHARE | VM.NORESERVE, new SharedObject(mm.kernel.objectId(), 'shm', pages)]
        : [VM.MAYREAD, null];
  mm.insert({ start, end, pgoff: file === null ? start : 0, anonPgoff: start, flags, file, anonVma: null, chain: [], uffd: null, image: true });
  mm.account(flags, pages);
  if (faulted) allocPath(mm, 0, start, end);
  else allocPath(mm, Math.max(0, mm.pageTables.depth - 1), start, end);
}

/** The files and shared memory that a call can reach. */
function objectsOf(mm: Mm, op: Op): SharedObject[] {
  const [at, length] =
    op.name === 'mremap' ? [op.old_address, op.old_size] : 'addr' in op && 'length' in op ? [op.addr, op.length] : [0n, toBytes(mm.geometry, mm.geometry.taskPages)];
  const objects = new Set(op.name === 'mmap' && mm.files.has(op.fd) ? [mm.files.get(op.fd)] : []);
  for (const vma of mm.range(toVpn(mm.geometry, at), toVpn(mm.geometry, at + length) + 1)) if (vma.file !== null) objects.add(vma.file);
  return [...objects].filter((object) => object !== undefined);
}

/** Machines of every modelled release. */
export function createMachines(): Machines {
  return {
    releases: RELEASES.map(({ name, recorded }) => ({ name, recorded })),
    aliases: DISTRIBUTIONS.map(({ name, series, sentence }) => ({ name, release: series, sentence })),
    behaviours: Object.entries(BEHAVIOURS).map(([name, { values, off, summary }]) => ({ name, values, off, summary })),
    invariants: INVARIANTS,
    defaultModel: { release: DEFAULT_RELEASE },
    open: (spec, options) => new SimulatedMachine(spec, options),
  };
}
