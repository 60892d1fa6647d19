/** The mappings that a band of address space shows, and what of them is present. */
import type { AddressSpace, Pages, Vma, Vpn } from '../../machine/index.js';
import type { PageAxis } from '../page-axis.js';
import type { Range } from '../ranges.js';

/** One mapping, or neighbours drawn as one because there are too many. */
export interface Band extends Range {
  readonly vmas: readonly Vma[];
  /** Without the holes between them. */
  readonly mapped: Pages;
}

/**
 * At most `limit` bands, unless `walls` forbid it: neighbours within the shortest distance that
 * suffices are drawn as one, but none across a wall.
 */
export function groupVmas(vmas: readonly Vma[], limit: number, walls: readonly Range[] = []): Band[] {
  const alone = grouped(vmas, 0, walls);
  if (alone.length <= limit) return alone;
  let [low, high] = [0, (vmas.at(-1)?.end ?? 0) - (vmas[0]?.start ?? 0)];
  while (low + 1 < high) {
    const reach = Math.floor((low + high) / 2);
    if (grouped(vmas, reach, walls).length <= limit) high = reach;
    else low = reach;
  }
  return grouped(vmas, high, walls);
}

function grouped(vmas: readonly Vma[], reach: Pages, walls: readonly Range[]): Band[] {
  const bands: { start: Vpn; end: Vpn; vmas: Vma[]; mapped: Pages }[] = [];
  let wall = 0;
  for (const v of vmas) {
    const last = bands.at(-1);
    while ((walls[wall]?.end ?? Infinity) <= (last?.end ?? 0)) wall++;
    const walled = (walls[wall]?.start ?? Infinity) < v.start;
    if (last === undefined || walled || v.end - last.start > reach) {
      bands.push({ start: v.start, end: v.end, vmas: [v], mapped: v.end - v.start });
    } else {
      last.vmas.push(v);
      last.end = v.end;
      last.mapped += v.end - v.start;
    }
  }
  return bands;
}

export const ownVmas = (space: AddressSpace): Vma[] => [...space.vmas()].filter((v) => !v.background);

export interface PresentSpan {
  readonly start: Vpn;
  readonly end: Vpn;
  readonly x: number;
  readonly x2: number;
  readonly pages: Pages;
  readonly zero: boolean;
}

/** Present pages as spans on an axis; runs nearer than can be seen apart become one. */
export function presentSpans(space: AddressSpace, range: Range, axis: PageAxis): PresentSpan[] {
  const spans: PresentSpan[] = [];
  for (const run of space.pages(range.start, range.end)) {
    const start = Math.max(run.start, range.start);
    const end = Math.min(run.start + run.count, range.end);
    const x = axis.at(start);
    const x2 = Math.max(axis.at(end), x + 1);
    const zero = run.kind === 'z';
    const last = spans.at(-1);
    const pages = end - start;
    if (last !== undefined && last.zero === zero && x - last.x2 < 2) spans[spans.length - 1] = { ...last, end, x2: Math.max(x2, last.x2), pages: last.pages + pages };
    else spans.push({ start, end, x, x2, pages, zero });
  }
  return spans;
}
