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

/** At most `limit` bands: the nearest neighbours are drawn as one first. */
export function groupVmas(vmas: readonly Vma[], limit: number): Band[] {
  const gaps = vmas.slice(1).map((v, i) => v.start - (vmas[i]?.end ?? 0));
  const widest = [...gaps].sort((a, b) => b - a).slice(0, Math.max(0, limit - 1));
  const keep = vmas.length <= limit ? -1 : (widest.at(-1) ?? 0);
  let cuts = limit - 1;
  const bands: Band[] = [];
  vmas.forEach((v, i) => {
    const gap = gaps[i - 1];
    const last = bands.at(-1);
    const apart = keep === -1 || (gap !== undefined && gap >= keep && cuts > 0);
    if (last === undefined || apart) {
      if (last !== undefined) cuts--;
      bands.push({ start: v.start, end: v.end, vmas: [v], mapped: v.end - v.start });
    } else {
      bands[bands.length - 1] = { start: last.start, end: v.end, vmas: [...last.vmas, v], mapped: last.mapped + v.end - v.start };
    }
  });
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
