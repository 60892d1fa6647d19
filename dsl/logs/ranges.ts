/** A set of pages, kept as ranges: what an address space is known to have mapped or unmapped. */
export class Ranges {
  private readonly starts: number[] = [];
  private readonly ends: number[] = [];

  clone(): Ranges {
    const copy = new Ranges();
    copy.starts.push(...this.starts);
    copy.ends.push(...this.ends);
    return copy;
  }

  /** The first range that ends above `at`. */
  private find(at: number): number {
    let low = 0;
    let high = this.ends.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.ends[middle] ?? Infinity) > at) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  has(at: number): boolean {
    return (this.starts[this.find(at)] ?? Infinity) <= at;
  }

  /** How far the nearest page of the set is. */
  distance(at: number): number {
    const i = this.find(at);
    const above = Math.max(0, (this.starts[i] ?? Infinity) - at);
    return i === 0 ? above : Math.min(above, at - (this.ends[i - 1] ?? -Infinity) + 1);
  }

  /** The end of the last range that begins below `at`, no further than `at`. */
  endBelow(at: number): number {
    const i = this.find(at);
    if ((this.starts[i] ?? Infinity) < at) return at;
    return i === 0 ? 0 : (this.ends[i - 1] ?? 0);
  }

  add(start: number, end: number): void {
    if (start >= end) return;
    let from = this.find(start);
    // A range that ends where this one starts grows with it.
    if (from > 0 && this.ends[from - 1] === start) from--;
    let to = from;
    let first = start;
    let last = end;
    for (; (this.starts[to] ?? Infinity) <= end; to++) {
      first = Math.min(first, this.starts[to] ?? first);
      last = Math.max(last, this.ends[to] ?? last);
    }
    if (to === from + 1) {
      this.starts[from] = first;
      this.ends[from] = last;
      return;
    }
    this.starts.splice(from, to - from, first);
    this.ends.splice(from, to - from, last);
  }

  remove(start: number, end: number): void {
    for (let i = this.find(start); (this.starts[i] ?? Infinity) < end; i++) {
      const [first, last] = [this.starts[i] ?? start, this.ends[i] ?? end];
      const left = [...(first < start ? [[first, start] as const] : []), ...(last > end ? [[end, last] as const] : [])];
      this.starts.splice(i, 1, ...left.map(([from]) => from));
      this.ends.splice(i, 1, ...left.map(([, to]) => to));
      i += left.length - 1;
    }
  }

  /** The parts of [start, end) that are not in the set. */
  gaps(start: number, end: number): { start: number; end: number }[] {
    const gaps: { start: number; end: number }[] = [];
    let at = start;
    for (let i = this.find(start); at < end; i++) {
      const next = Math.min(end, this.starts[i] ?? Infinity);
      if (next > at) gaps.push({ start: at, end: next });
      at = Math.max(at, this.ends[i] ?? Infinity);
    }
    return gaps;
  }
}
