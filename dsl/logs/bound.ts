/**
 * One of the two runs of a log. Logs do not say which pages were touched: one run touches none, the
 * other every page as soon as it can be, and what a move cost lies between the two.
 */
import {
  InvariantViolation, toBytes, toVpn, type AddressSpace, type Bytes, type Geometry, type Machine, type Op, type OpRecord, type Vma,
} from '../../machine/index.js'; // prettier-ignore

/** Which pages the program is taken to have touched: a log does not say, so the truth lies between the two. */
export type Touched = 'none' | 'all';

/** Faults that stop at a page nobody can touch are taken up behind it, but not for ever. */
const MOST_STOPS = 64;

export class Bound {
  /** The file behind each key, and how long it is. */
  private readonly files = new Map<string, { readonly fd: number; size: Bytes }>();
  /**
   * The end of the part of the heap that has grown and was not touched yet, in bytes. Touching it is put off until a call
   * other than `brk` could tell: some logs grow and shrink the heap hundreds of thousands of times.
   */
  private grown = { start: 0, end: 0 };

  constructor(
    readonly touched: Touched,
    private readonly machine: Machine,
  ) {}

  get model(): string {
    return this.machine.model.title;
  }

  /** The run of a forked child, which shares pages and files with this one. */
  child(): Bound {
    this.settle();
    if (this.machine.child === undefined) throw new InvariantViolation('the machine cannot fork');
    const child = new Bound(this.touched, this.machine.child());
    for (const [key, file] of this.files) child.files.set(key, { ...file });
    return child;
  }

  end(): void {
    this.machine.exit?.();
  }

  space(): AddressSpace {
    this.settle();
    return this.machine.space();
  }

  perform(op: Op): OpRecord {
    this.settle();
    return this.ask(op);
  }

  /** Carries a call out that may turn out not to have happened; `undo` takes it back. */
  attempt(op: Op): { readonly record: OpRecord; readonly undo: () => void } {
    this.settle();
    if (this.machine.mark === undefined) throw new InvariantViolation('the machine cannot take a call back');
    const undo = this.machine.mark(op);
    return { record: this.ask(op), undo };
  }

  get geometry(): Geometry {
    return this.machine.geometry;
  }

  /** Whether a FIXED move that does not resize takes VMA by VMA and passes over holes (6.17 and later). */
  get passesHoles(): boolean {
    return this.machine.model.behaviours['multi_vma_move'] === 'yes';
  }

  /** brk(2), after which the heap is touched when somebody looks. */
  brk(op: Op, from: Bytes, to: Bytes): OpRecord {
    const record = this.ask(op);
    if (this.touched === 'all' && record.result.kind === 'value' && record.result.value === to) this.grow(Number(from), Number(to));
    return record;
  }

  private grow(from: number, to: number): void {
    const { grown } = this;
    if (to > from) {
      if (grown.start >= grown.end) grown.start = from;
      grown.end = to;
    } else if (to < grown.end) {
      grown.end = to;
    }
  }

  /** Touches what the heap has grown by. */
  private settle(): void {
    const { start, end } = this.grown;
    if (start >= end) return;
    this.grown = { start: 0, end: 0 };
    this.ask({ name: 'touch', addr: BigInt(start), length: BigInt(end - start) });
  }

  /** A descriptor of a file at least that long: what a log maps is not at hand, so it is made up. */
  file(key: string, size: Bytes): number {
    const known = this.files.get(key);
    if (known === undefined) {
      const { result } = this.perform({ name: 'memfd', file: key, size });
      const fd = result.kind === 'value' ? Number(result.value) : -1;
      this.files.set(key, { fd, size });
      return fd;
    }
    if (known.size < size) {
      this.perform({ name: 'ftruncate', fd: known.fd, length: size });
      known.size = size;
    }
    return known.fd;
  }

  /** Touches every page of [at, at+length) that can be, as the run has it. */
  touch(at: Bytes, length: Bytes): void {
    if (this.touched === 'none' || length === 0n) return;
    const space = this.space();
    const g = space.geometry;
    const from = toVpn(g, at);
    const to = toVpn(g, at + length - 1n) + 1;
    for (const vma of [...space.vmas(from, to)]) {
      this.touchVma(vma, toBytes(g, Math.max(from, vma.start)), toBytes(g, Math.min(to, vma.end)), toBytes(g, 1));
    }
  }

  private touchVma({ perms }: Vma, start: Bytes, end: Bytes, page: Bytes): void {
    if (perms.startsWith('---')) return;
    let at = start;
    for (let stops = 0; at < end && stops < MOST_STOPS; stops++) {
      const length = end - at;
      const { result } = this.ask(perms[1] === 'w' ? { name: 'touch', addr: at, length } : { name: 'load_words', addr: at, length, stride: page });
      if (result.kind !== 'signal') return;
      at = result.at - (result.at % page) + page;
    }
  }

  private ask(op: Op): OpRecord {
    const record = this.machine.perform(op);
    if (record instanceof Promise) throw new InvariantViolation('logs are replayed on machines that answer at once');
    return record;
  }
}
