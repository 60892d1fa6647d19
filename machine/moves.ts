/** Turns stretches back into the single steps of move_page_tables(). */
import { levelOf, type Geometry } from './geometry.js';
import type { Pages, Vpn } from './number.js';
import type { MoveKind, MoveStretch } from './record.js';

/** One iteration of move_page_tables() (mm/mremap.c): `pages` from page `old` to page `new`, of which `entries` were moved. */
export interface MoveStep {
  readonly kind: MoveKind;
  readonly old: Vpn;
  readonly new: Vpn;
  readonly pages: Pages;
  readonly entries: number;
}

/** How far one step at a level reaches: to the next boundary of either side (get_extent, mm/mremap.c). */
export function extent(old: Vpn, end: Vpn, to: Vpn, span: Pages): Pages {
  return Math.min(span - (old % span), end - old, span - (to % span));
}

/** How many steps of that level cross [old, old+pages) on the way to `to`. */
export function countExtents(old: Vpn, pages: Pages, to: Vpn, span: Pages): number {
  if (pages <= 0) return 0;
  const inside = (a: Vpn): number => Math.ceil((a + pages) / span) - 1 - Math.floor(a / span);
  const mutual = old % span === to % span;
  return 1 + inside(old) + (mutual ? 0 : inside(to));
}

/** The level whose boundaries the steps of a kind stop at. */
export function spanOf(g: Geometry, kind: MoveKind): Pages {
  return 2 ** levelOf(g, kind === 'skip_pud' || kind === 'pud' || kind === 'pud_refused' ? 'pud' : 'pmd').shift;
}

/** The single steps of the stretches, in order; lazily, for there can be half a million. */
export function* expandMoves(g: Geometry, moves: Iterable<MoveStretch>): Generator<MoveStep> {
  for (const m of moves) {
    if (m.steps <= 1 || m.kind === 'start' || m.kind === 'realign') {
      yield { kind: m.kind, old: m.old, new: m.new, pages: m.pages, entries: m.entries };
      continue;
    }
    const span = spanOf(g, m.kind);
    const end = m.old + m.pages;
    for (let old = m.old, to = m.new; old < end;) {
      const pages = extent(old, end, to, span);
      const entries = m.kind === 'pte' ? (m.entries === 0 ? 0 : pages) : m.entries === 0 ? 0 : 1;
      yield { kind: m.kind, old, new: to, pages, entries };
      old += pages;
      to += pages;
    }
  }
}
