/** An address space of a log: its runs, what is known about its pages, who lives in it. */
import { ERRNO, givesAddress, hex, MAP, resultText, u64, type Bytes, type Op, type OpRecord } from '../../machine/index.js';
import { contradiction, placed, type Claimed } from '../running/claim.js';
import { choosesAddress } from '../vocabulary/calls.js';
import type { Bound } from './bound.js';
import { beginsFile, type MappedFile } from './calls.js';
import { assumedMapping, bytesOf, impliesMapped, pageOf, settles } from './effect.js';
import { liftLimits, wasLimited } from './limits.js';
import { Ranges } from './ranges.js';

/** What one run answered to a claim. */
export interface Heard {
  readonly bound: Bound;
  readonly record: OpRecord;
  /** Undefined when the claim holds. */
  readonly wrong?: { readonly claimed: string; readonly answered: string; readonly why?: string };
}

/** What only files on persistent memory can be mapped with; the file made up for a log is none. */
const NEEDS_STORAGE = MAP.MAP_SYNC;

/** How much of the heap below the first break that a log shows is taken to be there. */
const HEAP_BEFORE = 128n << 20n;

export class LogSpace {
  readonly pids = new Set<number>();
  readonly known: Ranges;
  /** The break, once the log has said it. */
  break: Bytes | null = null;
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
    this.break = from?.break ?? null;
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

  /** A run that the log contradicts while another does not. */
  withdraw(bound: Bound): void {
    bound.end();
    this.bounds = this.bounds.filter((b) => b !== bound);
  }

  /** Maps what must have been mapped before the log began; returns how many ranges that were. */
  assume(op: Op): number {
    const range = impliesMapped(op);
    if (range === undefined) return 0;
    const gaps = this.known.gaps(range.start, range.end);
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

  /** Whether the call speaks of pages that nothing is known about. */
  isUnsure(op: Op): boolean {
    const range = impliesMapped(op);
    return range !== undefined && this.known.gaps(range.start, range.end).length > 0;
  }

  /** Carries a call out in every run and holds the claim against each. */
  perform(op: Op, claimed: Claimed, file?: MappedFile): Heard[] {
    const asked = placed(op, claimed);
    const key = file === undefined ? undefined : this.keyOf(op, file);
    const size = file?.size ?? 0n;
    const heard = this.bounds.map((bound) => {
      if (op.name === 'mremap') bound.touch(op.old_address, op.old_size);
      const own = key === undefined || asked.name !== 'mmap' ? asked : { ...asked, fd: bound.file(key, size), flags: asked.flags & ~NEEDS_STORAGE };
      return judge(bound, this.limited(bound, own, claimed), claimed);
    });
    const value = claimed.kind === 'value' ? claimed.value : null;
    if (value === null) return heard;
    for (const { start, end } of settles(op, value)) this.known.add(start, end);
    for (const { bound, wrong } of heard) if (wrong === undefined) touchAfter(bound, op, value);
    return heard;
  }

  /** brk(2). Until the log has said where the heap is, its claim places it. */
  brk(addr: Bytes, claimed: Extract<Claimed, { kind: 'value' }>): Heard[] {
    const { value } = claimed;
    const old = this.break;
    const op: Op = old === null ? { name: 'brk', ...this.firstBreak(addr, value) } : { name: 'brk', addr };
    const heard = this.bounds.map((bound) => judge(bound, this.brkLimited(bound, op, old ?? value, value), claimed));
    this.break = value;
    if (old !== null && value > old) this.known.add(pageOf(old), pageOf(value + 4095n));
    return heard;
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
  private limited(bound: Bound, op: Op, claimed: Claimed): OpRecord {
    const record = bound.perform(op);
    if (claimed.kind !== 'value' || !wasLimited(record)) return record;
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
  return { bound, record, wrong: contradiction(claimed, record) ?? { claimed: claimText(claimed, record.op), answered: resultText(record) } };
}

function claimText(claimed: Claimed, op: Op): string {
  if (claimed.kind === 'errno') return `-1 ${claimed.errno} (${ERRNO[claimed.errno][1]})`;
  return givesAddress(op) ? hex(claimed.value) : claimed.value.toString();
}

/** What the run that touches everything touches at once: all that a call maps, or lets be touched. */
function touchAfter(bound: Bound, op: Op, value: Bytes): void {
  switch (op.name) {
    case 'mmap':
      return bound.touch(value, op.length);
    case 'mremap':
      return bound.touch(value, op.new_size);
    case 'mprotect':
      return bound.touch(op.addr, op.length);
    default:
      return undefined;
  }
}

/** Whether the claim places the mapping, rather than asserts where it is. */
export const isPlaced = (op: Op): boolean => choosesAddress(op);
