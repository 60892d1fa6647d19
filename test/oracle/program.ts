/** A random program while it is made: what it believes to be mapped, and the steps so far. */
import { PAGE, type Profile } from './profile.js';
import type { Random } from './random.js';

/** An address as the recorder writes it: A, T or the result of an earlier step, and pages from there. */
export interface Place {
  readonly base: string;
  readonly page: number;
}

export interface Range extends Place {
  readonly pages: number;
  readonly prot?: string;
}

/** What a program believes to be mapped; the kernel may see it otherwise. */
export class Program {
  readonly ops: string[] = [];
  readonly ranges: Range[] = [];
  /** Where a range was before it moved. */
  readonly origins: { from: Range; now: Range }[] = [];
  readonly files: { name: string; pages: number }[] = [];
  children = 0;
  forks = 0;
  followed = 0;
  tag = 0x1000;
  watched = false;

  constructor(
    readonly random: Random,
    readonly profile: Profile,
  ) {}

  add(range: Range): void {
    this.remove(range);
    this.ranges.push(range);
    if (this.ranges.length > 9) this.ranges.splice(this.random.below(this.ranges.length - 1), 1);
  }

  /** Nothing of the range is mapped any more, or something else is. */
  remove({ base, page, pages }: Range): void {
    for (let i = this.ranges.length - 1; i >= 0; i--) {
      const r = this.ranges[i] as Range;
      const end = r.page + r.pages;
      if (r.base !== base || r.page >= page + pages || end <= page) continue;
      const rest = [
        { ...r, pages: page - r.page },
        { ...r, page: page + pages, pages: end - page - pages },
      ].filter((part) => part.pages > 0);
      this.ranges.splice(i, 1, ...rest);
    }
  }

  /** The range has another protection from now on. */
  protect(range: Range, prot: string): void {
    const hit = this.ranges.some((r) => r.base === range.base && r.page <= range.page && r.page + r.pages >= range.page + range.pages);
    if (hit) this.add({ ...range, prot });
  }

  /** Somewhere in the profile's windows. */
  place(): Place {
    const { random, profile } = this;
    return { base: 'A', page: random.pick(profile.places) + random.pick(profile.scatter) };
  }

  length(): number {
    return this.random.pick(this.profile.lengths);
  }

  known(prot = ''): Range {
    const { random } = this;
    const fit = prot === '' || random.chance(0.1) ? this.ranges : this.ranges.filter((r) => r.prot?.includes(prot) ?? true);
    if (fit.length === 0 || random.chance(0.04)) return { ...this.place(), pages: this.length() };
    // The latest is the most interesting.
    return random.chance(0.4) ? (fit.at(-1) as Range) : random.pick(fit);
  }

  /** A part of something mapped: whole, its head, its tail, from inside, or over its end. */
  part(prot = ''): Range {
    const { random, profile } = this;
    const whole = this.known(prot);
    const cut = random.pick(profile.cuts);
    const second = random.pick(profile.cuts);
    switch (random.weighted({ whole: 8, head: 3, tail: 4, middle: 4, over: 1, before: 0.5, span: 1.2 })) {
      case 'whole':
        return whole;
      case 'head':
        return { ...whole, pages: Math.max(1, cut < whole.pages ? cut : whole.pages - cut) };
      case 'tail': {
        const n = Math.max(1, Math.min(cut, whole.pages));
        return { ...whole, page: whole.page + whole.pages - n, pages: n };
      }
      case 'middle': {
        const from = Math.min(cut, whole.pages - 1);
        return { ...whole, page: whole.page + from, pages: Math.max(1, Math.min(second, whole.pages - from)) };
      }
      case 'over':
        return { ...whole, pages: whole.pages + cut };
      case 'before':
        return { ...whole, page: whole.page - cut, pages: cut + Math.min(second, whole.pages) };
      case 'span': {
        // Up to the end of something else that is mapped.
        const other = this.known();
        if (other.base !== whole.base) return whole;
        const page = Math.min(whole.page, other.page);
        const end = Math.max(whole.page + whole.pages, other.page + other.pages);
        return end - page > 8 * Math.max(...profile.lengths) ? whole : { base: whole.base, page, pages: end - page };
      }
    }
  }

  address({ base, page }: Place): string {
    const { random, profile } = this;
    const odd = random.chance((profile.odd ?? 0) / 3) ? random.pick([1, 8, 0x800, 0xfff, 0x1001]) : 0;
    const bytes = page * PAGE + odd;
    if (base === '') return `0x${Math.max(0, bytes).toString(16)}`;
    return bytes === 0 && base !== 'A' ? base : `${base}${bytes < 0 ? '-' : '+'}0x${Math.abs(bytes).toString(16)}`;
  }

  bytes(pages: number): string {
    const { random, profile } = this;
    const odd = random.chance(profile.odd ?? 0) ? random.pick([-0xfff, -0x800, -1, 1, 0x800]) : 0;
    return `0x${Math.max(0, pages * PAGE + odd).toString(16)}`;
  }

  emit(...words: readonly string[]): void {
    this.ops.push(words.join(' '));
  }

  /** What the step emitted last returned. */
  lastResult(): string {
    return `R${this.ops.length - 1}`;
  }
}
