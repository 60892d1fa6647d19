/** An address space of a log: its runs, what is known about its pages, who lives in it. */
import {
  callOf, choosesAddress, ERRNO, givesAddress, hex, MAP, resultText, toBytes, toVpn, u64, type Bytes, type Geometry, type Op, type OpRecord, type Refusal, type Resource, type SetrlimitCall,
} from '../../machine/index.js'; // prettier-ignore
import { contradiction, placed, type Claimed } from '../evaluating/claim.js';
import type { Bound } from './bound.js';
import { beginsFile, type MappedFile } from './calls.js';
import type { Moment } from './causes.js';
import { concede } from './concede.js';
import { assumedMapping, bytesOf, impliesMapped, mayPassOver, pageOf, pagesOf, settles, type PageRange } from './effect.js';
import { liftLimits, wasLimited } from './limits.js';
import { Ranges } from './ranges.js';

/** What one run answered to a claim. */
export interface Heard {
  readonly bound: Bound;
  readonly record: OpRecord;
  /** Undefined when the claim holds. */
  readonly wrong?: { readonly claimed: string; readonly answered: string; readonly why?: string; readonly check?: string };
}

/** A flag that only files on persistent memory can be mapped with, which files made up for a log are not. */
const NEEDS_STORAGE = MAP.MAP_SYNC;

/** How much of the heap is assumed to exist below the first break that a log shows. */
const HEAP_BEFORE = 128n << 20n;

const DEFAULT_MAX_MAP_COUNT = 65530;

export class LogSpace {
  readonly pids = new Set<number>();
  readonly known: Ranges;
  /** The break, once the log has said it. */
  break: Bytes | null = null;
  /** Limits that the log shows being set. */
  private readonly limits: Map<Resource, Bytes | null>;
  /** Which file stands behind a descriptor, where the log gives no paths. */
  private readonly descriptors: Map<string, string>;
  /** Whether the process has been found to be allowed more than one is by default. */
  private lifted = false;

  constructor(
    public bounds: readonly Bound[],
    from?: LogSpace,
  ) {
    this.known = from?.known.clone() ?? new Ranges();
    this.descriptors = new Map(from?.descriptors);
    this.limits = new Map(from?.limits);
    this.break = from?.break ?? null;
  }

  get geometry(): Geometry | undefined {
    return this.bounds[0]?.geometry;
  }

  /** What is mapped already, somebody has set up. */
  knowMapped(): void {
    const space = this.bounds[0]?.space();
    if (space === undefined) return;
    for (const vma of space.vmas()) {
      const { start, end } = pagesOf(toBytes(space.geometry, vma.start), toBytes(space.geometry, vma.end - vma.start));
      this.known.add(start, end);
    }
  }

  /** fork(2) */
  child(): LogSpace {
    return new LogSpace(
      this.bounds.map((b) => b.child()),
      this,
    );
  }

  end(): void {
    for (const bound of this.bounds) bound.end();
  }

  /** Drops a run that the log contradicts while the other agrees. */
  withdraw(bound: Bound): void {
    bound.end();
    this.bounds = this.bounds.filter((b) => b !== bound);
  }

  /** setrlimit(2) */
  limit(op: SetrlimitCall): void {
    this.limits.set(op.resource, op.limit);
    for (const bound of this.bounds) bound.perform(op);
  }

  /** Maps what must have been mapped before the log began; returns how many ranges that were. */
  assume(op: Op): number {
    const gaps = this.unknown(op);
    if (gaps.length === 0) return 0;
    const { prot, flags } = assumedMapping(op);
    const grown = op.name === 'mremap' && op.old_size === 0n ? op.new_size : 0n;
    for (const { start, end } of gaps) {
      const length = grown > 0n ? grown : bytesOf(end - start);
      for (const bound of this.bounds) {
        bound.perform({ name: 'mmap', addr: bytesOf(start), length, prot, flags, fd: -1, offset: 0n });
        bound.touch(bytesOf(start), length);
      }
      this.known.add(start, end);
    }
    return gaps.length;
  }

  /** The pages that the call, if it succeeded, shows to have been mapped, and that nothing is known about. */
  private unknown(op: Op): readonly PageRange[] {
    const range = impliesMapped(op);
    if (range === undefined) return [];
    const gaps = this.known.gaps(range.start, range.end);
    // What it passes over may be holes: only where it begins something must be mapped.
    return this.bounds[0]?.passesHoles === true && mayPassOver(op) ? gaps.filter((gap) => gap.start === range.start) : gaps;
  }

  /** Whether the call speaks of pages that nothing is known about. */
  isUnsure(range: PageRange | undefined): boolean {
    return range !== undefined && this.known.gaps(range.start, range.end).length > 0;
  }

  /** Carries a call out in every run and holds its success against each. */
  perform(op: Op, claimed: Extract<Claimed, { kind: 'value' }>, file?: MappedFile): Heard[] {
    const heard = this.bounds.map((bound) => {
      if (op.name === 'mremap') bound.touch(op.old_address, op.old_size);
      return judge(bound, this.limited(bound, this.asked(bound, op, claimed, file)), claimed);
    });
    this.settle(op, claimed.value);
    for (const { bound, wrong } of heard) if (wrong === undefined) touchAfter(bound, op, claimed.value);
    return heard;
  }

  /** The kernel refused: each run is asked, and one that would have allowed it, or refused it otherwise, stays as it was. */
  refuse(op: Op, claimed: Extract<Claimed, { kind: 'errno' }>, file?: MappedFile): Heard[] {
    return this.bounds.map((bound) => {
      const { record, undo } = bound.attempt(this.asked(bound, op, claimed, file));
      const heard = judge(bound, record, claimed);
      if (heard.wrong !== undefined) undo();
      return heard;
    });
  }

  /** Makes every run what the success implies, whatever it objects to. */
  concede(op: Op, claimed: Extract<Claimed, { kind: 'value' }>, heard: readonly Heard[], file?: MappedFile): Heard[] {
    const after = heard.map(({ bound, record }) => judge(bound, concede(bound, this.asked(bound, op, claimed, file), claimed.value, record), claimed));
    for (const { bound } of after) touchAfter(bound, op, claimed.value);
    return after;
  }

  private asked(bound: Bound, op: Op, claimed: Claimed, file: MappedFile | undefined): Op {
    const asked = placed(op, claimed);
    if (file === undefined || asked.name !== 'mmap') return asked;
    return { ...asked, fd: bound.file(this.keyOf(op, file), file.size), flags: asked.flags & ~NEEDS_STORAGE };
  }

  private settle(op: Op, value: Bytes): void {
    const passed = this.bounds[0]?.passesHoles === true && mayPassOver(op) && op.name === 'mremap' ? op : undefined;
    const { start, end } = passed === undefined ? { start: 0, end: 0 } : pagesOf(passed.old_address, passed.old_size);
    const gaps = passed === undefined ? [] : this.known.gaps(start, end);
    for (const range of settles(op, value)) this.known.add(range.start, range.end);
    // Where nothing is known of the source, nothing is of the destination.
    for (const gap of gaps) this.known.remove(pageOf(value) + gap.start - start, pageOf(value) + gap.end - start);
  }

  /** brk(2). Until the log has said where the heap is, its claim places it. */
  brk(addr: Bytes, claimed: Extract<Claimed, { kind: 'value' }>): Heard[] {
    const { value } = claimed;
    const old = this.break;
    const op: Op = old === null ? { name: 'brk', ...this.firstBreak(addr, value) } : { name: 'brk', addr };
    const heard = this.bounds.map((bound) => judge(bound, this.brkLimited(bound, op, old ?? value, value), claimed));
    this.settleBreak(value);
    return heard;
  }

  /** brk(2) that left the break where it was, which is how it refuses. */
  brkRefused(addr: Bytes, claimed: Extract<Claimed, { kind: 'value' }>): Heard[] {
    return this.bounds.map((bound) => {
      const { record, undo } = bound.attempt({ name: 'brk', addr });
      const heard = judge(bound, record, claimed);
      if (heard.wrong !== undefined) undo();
      return heard;
    });
  }

  /** The break is somewhere that no run can bring it to by that call: what lies there goes. */
  brkConcede(value: Bytes, from: Bytes | null): void {
    for (const bound of this.bounds) {
      const old = from ?? value;
      if (value > old) bound.perform({ name: 'munmap', addr: bytesOf(pageOf(old + 4095n)), length: bytesOf(pageOf(value + 4095n) - pageOf(old + 4095n) + 1) });
      bound.brk({ name: 'brk', addr: value }, old, value);
    }
    this.settleBreak(value);
  }

  private settleBreak(value: Bytes): void {
    const old = this.break;
    this.break = value;
    if (old !== null && value > old) this.known.add(pageOf(old), pageOf(value + 4095n));
  }

  /** A log that begins in the middle shows a break that has grown from somewhere above what else is known. */
  private firstBreak(addr: Bytes, value: Bytes): { readonly addr: Bytes; readonly place: Bytes } {
    if (addr !== value) return { addr: 0n, place: value };
    const floor = bytesOf(this.known.endBelow(pageOf(value)));
    const lowest = value > HEAP_BEFORE ? value - HEAP_BEFORE : 4096n;
    return { addr, place: floor > lowest ? floor : lowest };
  }

  private brkLimited(bound: Bound, op: Op, from: Bytes, to: Bytes): OpRecord {
    const record = bound.brk(op, from, to);
    if (this.lifted || op.name !== 'brk' || record.result.kind !== 'value' || record.result.value === to || op.addr !== to) return record;
    this.lift();
    return bound.brk(op, from, to);
  }

  /** Performs; a success that only a limit stood against tells that there was none. */
  private limited(bound: Bound, op: Op): OpRecord {
    const record = bound.perform(op);
    if (!wasLimited(record)) return record;
    this.lift();
    return bound.perform(op);
  }

  private lift(): void {
    this.lifted = true;
    for (const bound of this.bounds) liftLimits(bound);
  }

  get isLifted(): boolean {
    return this.lifted;
  }

  /** What is known when a call has been refused. */
  moment(op: Op, refusal: Refusal | undefined, unknown: boolean, file: string | undefined): Moment {
    const space = this.bounds[0]?.space();
    const g = space?.geometry;
    const range = impliesMapped(op);
    const bytes = (pages: number | undefined): Bytes => (g === undefined ? 0n : toBytes(g, pages ?? 0));
    return {
      mapCount: space?.mapCount ?? 0,
      maxMapCount: DEFAULT_MAX_MAP_COUNT,
      totalVm: bytes(space?.usage.totalVm),
      dataVm: bytes(space?.usage.dataVm),
      lockedVm: bytes(space?.usage.lockedVm),
      committed: bytes(space?.usage.committed),
      limits: this.limits,
      vmas: g === undefined || space === undefined || range === undefined ? [] : [...space.vmas(toVpn(g, bytesOf(range.start)), toVpn(g, bytesOf(range.end)))].slice(0, 64),
      unknown,
      refusal,
      file,
    };
  }

  /** Without paths a descriptor is all there is, and it is used again: with each new beginning for another file. */
  private keyOf(op: Op, { key }: MappedFile): string {
    if (op.name !== 'mmap' || !key.startsWith('fd ')) return key;
    const known = this.descriptors.get(key);
    if (known !== undefined && !beginsFile(op)) return known;
    const own = `${key}, first mapped with ${op.length}`;
    this.descriptors.set(key, own);
    return own;
  }
}

function judge(bound: Bound, record: OpRecord, claimed: Claimed): Heard {
  const { result } = record;
  const holds = claimed.kind === 'value' ? result.kind === 'value' && result.value === u64(claimed.value) : result.kind === 'errno' && result.errno === claimed.errno;
  if (holds) return { bound, record };
  const wrong = contradiction(claimed, record) ?? { claimed: claimText(claimed, record.op), answered: resultText(record) };
  return { bound, record, wrong: result.kind === 'errno' ? { ...wrong, check: result.refusal.check } : wrong };
}

function claimText(claimed: Claimed, op: Op): string {
  if (claimed.kind === 'errno') return `-1 ${claimed.errno} (${ERRNO[claimed.errno][1]})`;
  return givesAddress(op) ? hex(claimed.value) : claimed.value.toString();
}

/** What the run that touches everything touches at once: all that a call maps, or lets be touched. */
function touchAfter(bound: Bound, op: Op, value: Bytes): void {
  const opened = callOf(op)?.opens?.(op, value);
  if (opened !== undefined) bound.touch(opened.addr, opened.length);
}

/** Whether the claim places the mapping, rather than asserts where it is. */
export const isPlaced = (op: Op): boolean => choosesAddress(op);
