/**
 * An axis over page numbers that keeps everything visible: pieces are drawn to one scale, those
 * too small to see are widened, and what holds nothing is collapsed to a break.
 */
import type { Pages, Vpn } from '../machine/index.js';

export interface Segment {
  readonly start: Vpn;
  readonly end: Vpn;
  /** The narrowest it may be drawn, in pixels. */
  readonly min: number;
  /** Drawn this wide whatever its length: a break. */
  readonly fixed?: number;
}

export interface Piece {
  readonly start: Vpn;
  readonly end: Vpn;
  readonly x0: number;
  readonly x1: number;
  readonly broken: boolean;
}

export interface PageAxis {
  readonly pieces: readonly Piece[];
  /** True when every piece that is not a break has the same scale. */
  readonly toScale: boolean;
  /** The position of a page's lower edge; clamped to the ends of the axis. */
  at(page: Vpn): number;
}

/** Rounded so that a spec's text does not depend on the last bits of a double. */
export const round = (x: number): number => Math.round(x * 100) / 100;

/** Segments must be ascending and leave no gap. */
export function pageAxis(segments: readonly Segment[], left: number, right: number): PageAxis {
  const widths = shareWidth(segments, right - left);
  const pieces: Piece[] = [];
  let x = left;
  segments.forEach((s, i) => {
    const next = x + (widths[i] ?? 0);
    pieces.push({ start: s.start, end: s.end, x0: x, x1: next, broken: s.fixed !== undefined });
    x = next;
  });
  const scales = pieces.filter((p) => !p.broken).map((p) => (p.x1 - p.x0) / (p.end - p.start));
  return {
    pieces,
    toScale: Math.max(...scales) <= Math.min(...scales) * 1.01,
    at(page) {
      const p = pieces[findPiece(pieces, page)];
      if (p === undefined) return left;
      const part = Math.min(1, Math.max(0, (page - p.start) / (p.end - p.start)));
      return round(p.x0 + part * (p.x1 - p.x0));
    },
  };
}

function findPiece(pieces: readonly Piece[], page: Vpn): number {
  let low = 0;
  let high = pieces.length - 1;
  while (low < high) {
    const mid = (low + high) >> 1;
    const p = pieces[mid];
    if (p !== undefined && page >= p.end) low = mid + 1;
    else high = mid;
  }
  return low;
}

/** Widths in proportion to length, none below its minimum, that fill the room exactly. */
function shareWidth(segments: readonly Segment[], room: number): number[] {
  const fixed = segments.reduce((sum, s) => sum + (s.fixed ?? 0), 0);
  const free = Math.max(1, room - fixed);
  const length = (s: Segment): Pages => s.end - s.start;
  const scaled = segments.filter((s) => s.fixed === undefined);
  const minima = scaled.reduce((sum, s) => sum + s.min, 0);
  const shrink = minima > free * 0.8 ? (free * 0.8) / minima : 1;
  const atMin = new Set<Segment>();
  let scale = 0;
  for (let settled = false; !settled;) {
    const rest = scaled.filter((s) => !atMin.has(s));
    const pages = rest.reduce((sum, s) => sum + length(s), 0);
    const taken = [...atMin].reduce((sum, s) => sum + s.min * shrink, 0);
    scale = pages === 0 ? 0 : (free - taken) / pages;
    const small = rest.filter((s) => length(s) * scale < s.min * shrink);
    settled = small.length === 0 || small.length === rest.length;
    if (!settled) for (const s of small) atMin.add(s);
  }
  return segments.map((s) => s.fixed ?? (atMin.has(s) ? s.min * shrink : length(s) * scale));
}
