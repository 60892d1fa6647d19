/**
 * Ranges, not pages: a map from integers to values that holds one entry for a whole run of keys
 * whose values follow from the first one. Cost grows with the number of distinct runs.
 */
import { orderedMap, type OrderedMap } from './ordered-map.js';

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

interface Held<V> {
  readonly count: number;
  readonly value: V;
}

export class Extents<V> {
  constructor(
    private readonly rule: RunRule<V>,
    private readonly runsByStart: OrderedMap<Held<V>> = orderedMap<Held<V>>(),
  ) {}

  clone(): Extents<V> {
    return new Extents(this.rule, this.runsByStart.clone());
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
    const pair = this.runsByStart.getPairOrNextLower(key);
    if (pair === undefined || pair[0] + pair[1].count <= key) return undefined;
    return { start: pair[0], count: pair[1].count, value: pair[1].value };
  }

  /** The first key at or after `from` that is present. */
  firstFrom(from: number): number | undefined {
    if (this.has(from)) return from;
    return this.runsByStart.nextHigherPair(from)?.[0];
  }

  /** The first key at or after `from` that is absent. */
  firstAbsentFrom(from: number): number {
    let at = from;
    for (let run = this.runAt(at); run !== undefined; run = this.runAt(at)) at = run.start + run.count;
    return at;
  }

  /** Runs that intersect [from, to), clipped to it, ascending. */
  *runs(from = 0, to = Infinity): Generator<Run<V>> {
    const first = this.runAt(from);
    if (first !== undefined && first.start < from && from < to) yield this.clip(first, from, to);
    for (const [start, held] of this.runsByStart.entries(from)) {
      if (start >= to) return;
      yield this.clip({ start, count: held.count, value: held.value }, from, to);
    }
  }

  /** How many keys of [from, to) are present. */
  countIn(from = 0, to = Infinity): number {
    let n = 0;
    for (const run of this.runs(from, to)) n += run.count;
    return n;
  }

  set(start: number, count: number, value: V): void {
    if (count <= 0) return;
    this.clear(start, start + count);
    let at = start;
    let length = count;
    let first = value;
    const below = this.runsByStart.nextLowerPair(start);
    if (below !== undefined && below[0] + below[1].count === start && this.rule.continues(below[1].value, below[1].count, value)) {
      at = below[0];
      length += below[1].count;
      first = below[1].value;
    }
    const above = this.runsByStart.get(start + count);
    if (above !== undefined && this.rule.continues(value, count, above.value)) {
      this.runsByStart.delete(start + count);
      length += above.count;
    }
    this.runsByStart.set(at, { count: length, value: first });
  }

  /** Removes [from, to). */
  clear(from: number, to: number): void {
    if (from >= to) return;
    const first = this.runAt(from);
    if (first !== undefined && first.start < from) {
      this.runsByStart.set(first.start, { count: from - first.start, value: first.value });
      const end = first.start + first.count;
      if (end > to) {
        this.runsByStart.set(to, { count: end - to, value: this.rule.advance(first.value, to - first.start) });
        return;
      }
    }
    for (let pair = this.runsByStart.getPairOrNextHigher(from); pair !== undefined && pair[0] < to; pair = this.runsByStart.getPairOrNextHigher(from)) {
      const [start, held] = pair;
      this.runsByStart.delete(start);
      if (start + held.count > to) {
        this.runsByStart.set(to, { count: start + held.count - to, value: this.rule.advance(held.value, to - start) });
        return;
      }
    }
  }

  /** Removes [from, to) and returns the runs that stood there. */
  take(from: number, to: number): Run<V>[] {
    const taken = [...this.runs(from, to)];
    if (taken.length > 0) this.clear(from, to);
    return taken;
  }

  private clip(run: Run<V>, from: number, to: number): Run<V> {
    const start = Math.max(run.start, from);
    const end = Math.min(run.start + run.count, to);
    if (start === run.start && end === run.start + run.count) return run;
    return { start, count: end - start, value: start === run.start ? run.value : this.rule.advance(run.value, start - run.start) };
  }
}
