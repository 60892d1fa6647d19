/**
 * Where addresses lie on the width of a chart: everything mapped in view, each island out to its
 * table boundaries, and the holes between them collapsed.
 */
import { levelOf, type Geometry, type Level, type Pages } from '../../machine/index.js';
import { pageAxis, type PageAxis, type Segment } from '../page-axis.js';
import { subtract, union, type Range } from '../ranges.js';
import { PLANE } from '../theme.js';

const BREAK = 64;
/** The least width, in pixels, at which a mapping shows its frame and its permissions. */
const NARROW = 34;

/** `marks` are positions that must be tellable apart: edges of mappings and of what the call named. */
export function addressScale(g: Geometry, mapped: readonly Range[], right: number = PLANE): PageAxis {
  const span = 2 ** levelOf(g, 'pmd').shift;
  const solid = union(mapped);
  const total = solid.reduce((n, r) => n + r.end - r.start, 0);
  const islands = union(solid.map((r) => withMargin(r, span)));
  const [first, last] = [islands[0], islands.at(-1)];
  if (first === undefined || last === undefined) return pageAxis([{ start: 0, end: 1, min: 0 }], 0, right);
  const whole = { start: first.start, end: last.end };
  const edges = [...new Set([...mapped.flatMap((r) => [r.start, r.end]), ...islands.flatMap((r) => [r.start, r.end])])].sort((a, b) => a - b);
  const breaks = subtract([whole], islands).filter((h) => h.end - h.start > total / 3);
  const breakWidth = Math.min(BREAK, (right * 0.4) / Math.max(1, breaks.length));
  const narrow = Math.min(NARROW, (right * 0.5) / Math.max(1, edges.length));
  const segments: Segment[] = [];
  edges.forEach((start, i) => {
    const end = edges[i + 1];
    if (end === undefined) return;
    const isBreak = breaks.some((b) => b.start <= start && end <= b.end);
    const isSolid = solid.some((r) => r.start <= start && end <= r.end);
    segments.push(isBreak ? { start, end, min: 0, fixed: breakWidth } : { start, end, min: isSolid ? narrow : narrow / 3 });
  });
  return pageAxis(segments, 0, right);
}

/** Out to the table boundaries around it, unless they are too near to be seen or outside user space. */
function withMargin(r: Range, span: Pages): Range {
  const start = Math.floor(r.start / span) * span;
  const end = Math.ceil(r.end / span) * span;
  const seen = (gap: Pages): boolean => gap > 0 && gap >= (r.end - r.start) / 100;
  return { start: seen(r.start - start) ? start : r.start, end: seen(end - r.end) ? end : r.end };
}

export interface Grid {
  readonly level: Level;
  readonly lines: readonly { readonly page: number; readonly x: number }[];
}

/** Boundaries of the finest level, from PMD up, that leaves lines far enough apart. */
export function boundaries(g: Geometry, axis: PageAxis): Grid | null {
  for (const level of g.levels.filter((l) => l.shift >= levelOf(g, 'pmd').shift)) {
    const span = 2 ** level.shift;
    const shown = axis.pieces.filter((p) => !p.broken);
    const number = shown.reduce((n, p) => n + Math.floor(p.end / span) - Math.ceil(p.start / span) + 1, 0);
    if (number > 100) continue;
    const pages = new Set<number>();
    for (const p of shown) for (let page = Math.ceil(p.start / span) * span; page <= p.end; page += span) pages.add(page);
    const lines = [...pages].sort((a, b) => a - b).map((page) => ({ page, x: axis.at(page) }));
    return lines.length === 0 ? null : { level, lines };
  }
  return null;
}
