/**
 * Patterns of `*`, `?` and `[...]`, as SQLite's GLOB, which other kernels search with, reads them. Nothing is tried twice:
 * what stands between two stars is looked for from the left, and its first place is as good as any later one.
 */

/** One character: itself, any, or one of a set. */
type One = string | undefined | { readonly negated: boolean; has(c: string): boolean };

/** As long as SQLite's may be. */
const LONGEST_PATTERN = 50_000;
/** Comparisons of characters in all searches with one pattern. Searching goes on with what the plain parts of it say. */
const MOST_COMPARISONS = 50_000_000;

export class Glob {
  /** What stands between stars. */
  private readonly parts: readonly (readonly One[])[];
  private left = MOST_COMPARISONS;

  constructor(pattern: string) {
    const parts: One[][] = [[]];
    const chars = [...pattern.slice(0, LONGEST_PATTERN)];
    for (let i = 0; i < chars.length; i++) {
      const c = chars[i] ?? '';
      const set = c === '[' ? readSet(chars, i) : undefined;
      if (c === '*') parts.push([]);
      else if (set === undefined) parts.at(-1)?.push(c === '?' ? undefined : c);
      else {
        parts.at(-1)?.push(set.one);
        i = set.end;
      }
    }
    this.parts = parts.filter((part, i) => part.length > 0 || i === 0 || i === parts.length - 1);
  }

  matches(text: string): boolean {
    const chars = [...text];
    const [first = [], ...rest] = this.parts;
    const last = rest.pop();
    if (last === undefined) return chars.length === first.length && this.at(chars, 0, first);
    if (first.length + last.length > chars.length || !this.at(chars, 0, first)) return false;
    const end = chars.length - last.length;
    if (!this.at(chars, end, last)) return false;
    let from = first.length;
    for (const part of rest) {
      while (from + part.length <= end && !this.at(chars, from, part)) from++;
      if (from + part.length > end) return false;
      from += part.length;
    }
    return true;
  }

  private at(chars: readonly string[], from: number, part: readonly One[]): boolean {
    for (const [i, one] of part.entries()) {
      if (--this.left < 0) return false;
      const c = chars[from + i] ?? '';
      if (typeof one === 'string' ? one !== c : one !== undefined && one.has(c) === one.negated) return false;
    }
    return true;
  }
}

/** `[a-z]`, `[^abc]`, `[]]`; undefined where the bracket is one. */
function readSet(chars: readonly string[], open: number): { readonly one: One; readonly end: number } | undefined {
  const negated = chars[open + 1] === '^';
  const start = open + (negated ? 2 : 1);
  const end = chars.indexOf(']', start + 1);
  if (end < 0) return undefined;
  const single = new Set<string>();
  const ranges: (readonly [string, string])[] = [];
  for (let i = start; i < end; i++) {
    const [c = '', dash, to = ''] = chars.slice(i, i + 3);
    if (dash === '-' && i + 2 < end) {
      ranges.push([c, to]);
      i += 2;
    } else single.add(c);
  }
  return { one: { negated, has: (c) => single.has(c) || ranges.some(([from, to]) => from <= c && c <= to) }, end };
}
