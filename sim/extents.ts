/**
 * Ranges, not pages: a map from integers to values that holds one entry for a whole run of keys
 * whose values follow from the first one. Cost grows with the number of distinct runs.
 */
import { OrderedMap } from './ordered-map.js';

/** How a value changes along its run, and when two runs are one. */
export interface RunRule<V> {
  /** The value `by` keys further on. */
  advance(value: V, by: number): V;
  /** Whether `next` is what `advance(value, by)` gives. */
  continues(value: V, by: number, next: V): boolean;
}

export interface Run<V> {
  readonly start: number;
  readonly count: number;
  readonly value: V;
}

/** The result for the many ranges in which nothing lies. */
export const NONE: readonly never[] = Object.freeze([]);

export class Extents<V> {
  constructor(
    private readonly rule: RunRule<V>,
    private readonly runsByStart = new OrderedMap<Run<V>>(),
  ) {}

  clone(): Extents<V> {
    return new Extents(this.rule, this.runsByStart.clone());
  }

  /** See OrderedMap.mark(). */
  mark(): () => void {
    return this.runsByStart.mark();
  }

  /** The number of runs held: what a walk over all of them costs. */
  get runCount(): number {
    return this.runsByStart.size;
  }

  /** The value at a key. */
  get(key: number): V | undefined {
    const run = this.runAt(key);
    return run && this.rule.advance(run.value, key - run.start);
  }

  has(key: number): boolean {
    return this.runAt(key) !== undefined;
  }

  /** The whole run that contains the key. */
  runAt(key: number): Run<V> | undefined {
    const run = this.runsByStart.atOrBelow(key);
    return run === undefined || run.start + run.count <= key ? undefined : run;
  }

  /** The first key at or after `from` that is present. */
  firstFrom(from: number): number | undefined {
    if (this.has(from)) return from;
    return this.runsByStart.above(from)?.start;
  }

  /** The first key at or after `from` that is absent; nobody asks beyond `limit`, so the search ends there. */
  firstAbsentFrom(from: number, limit = Infinity): number {
    let at = from;
    for (let run = this.runAt(at); run !== undefined && at < limit; run = this.runAt(at)) at = run.start + run.count;
    return at;
  }

  /** Runs that intersect [from, to), clipped to it, ascending; while they are asked for, nothing may change. */
  *runs(from = 0, to = Infinity): Generator<Run<V>> {
    if (from >= to) return;
    const cursor = this.runsByStart.fromAtOrBelow(from);
    for (let run = cursor.next(); run !== undefined && run.start < to; run = cursor.next()) if (run.start + run.count > from) yield this.clip(run, from, to);
  }

  /** The same runs as a list, so that the map may change while somebody goes through it. */
  list(from: number, to: number): readonly Run<V>[] {
    if (from >= to) return NONE;
    const cursor = this.runsByStart.fromAtOrBelow(from);
    let run = cursor.next();
    if (run !== undefined && run.start + run.count <= from) run = cursor.next();
    if (run === undefined || run.start >= to) return NONE;
    const found = [this.clip(run, from, to)];
    for (run = cursor.next(); run !== undefined && run.start < to; run = cursor.next()) found.push(this.clip(run, from, to));
    return found;
  }

  /** How many keys of [from, to) are present. */
  countIn(from = 0, to = Infinity): number {
    let n = 0;
    for (const run of this.runs(from, to)) n += run.count;
    return n;
  }

  set(start: number, count: number, value: V): void {
    if (count <= 0) return;
    const end = start + count;
    this.clear(start, end);
    let at = start;
    let length = count;
    let first = value;
    const below = this.runsByStart.below(start);
    if (below !== undefined && below.start + below.count === start && this.rule.continues(below.value, below.count, value)) {
      at = below.start;
      length += below.count;
      first = below.value;
    }
    const above = this.runsByStart.get(end);
    if (above !== undefined && this.rule.continues(value, count, above.value)) {
      this.runsByStart.delete(end);
      length += above.count;
    }
    this.runsByStart.set(at, { start: at, count: length, value: first });
  }

  /** Removes [from, to). */
  clear(from: number, to: number): void {
    if (from >= to) return;
    // What reaches over an end is cut there.
    const last = this.runsByStart.below(to);
    if (last === undefined || last.start + last.count <= from) return;
    const first = last.start <= from ? last : this.runsByStart.below(from);
    this.runsByStart.deleteRange(from, to);
    if (last.start + last.count > to) this.hold(to, last.start + last.count - to, this.rule.advance(last.value, to - last.start));
    if (first !== undefined && first.start < from && first.start + first.count > from) this.hold(first.start, from - first.start, first.value);
  }

  /** Removes [from, to) and returns the runs that stood there. */
  take(from: number, to: number): readonly Run<V>[] {
    const taken = this.list(from, to);
    if (taken.length > 0) this.clear(from, to);
    return taken;
  }

  /** Moves what stands in [from, from+count) to `to`; returns how many keys that were. Where nothing stood, the destination keeps what it has. */
  move(from: number, to: number, count: number): number {
    const taken = this.take(from, from + count);
    let moved = 0;
    let reached = -1;
    taken.forEach(({ start, count: length, value }, i) => {
      const end = start + length;
      const at = start - from + to;
      // Between the neighbours that it had a run stays one of its own.
      if (reached === start && taken[i + 1]?.start === end) {
        this.clear(at, at + length);
        this.hold(at, length, value);
      } else {
        this.set(at, length, value);
      }
      reached = end;
      moved += length;
    });
    return moved;
  }

  private hold(start: number, count: number, value: V): void {
    this.runsByStart.set(start, { start, count, value });
  }

  private clip(run: Run<V>, from: number, to: number): Run<V> {
    if (run.start >= from && run.start + run.count <= to) return run;
    const start = Math.max(run.start, from);
    const end = Math.min(run.start + run.count, to);
    return { start, count: end - start, value: start === run.start ? run.value : this.rule.advance(run.value, start - run.start) };
  }
}
