/** The two rulers of a strip: addresses, and the table boundaries that one side crosses. */
import { levelOf, type Geometry, type Level, type LevelName, type Pages, type Vpn } from '../../machine/index.js';
import type { EdgeLabel } from '../labels.js';
import type { MoveMark, MovePlan } from '../move-marks.js';
import type { PageAxis } from '../page-axis.js';
import { addressText } from '../title.js';

/** More calls or runs than this have no room for addresses of their own. */
const LABELLED = 64;

export interface Ruler {
  readonly level: Level | undefined;
  readonly ticks: { readonly x: number; readonly page: Vpn; readonly level: LevelName }[];
  readonly labels: EdgeLabel[];
}

/** Table boundaries that one side crosses, at the finest level that stays legible. */
export function ruler(g: Geometry, plan: MovePlan, axis: PageAxis, runs: readonly MoveMark[], side: 'old' | 'new'): Ruler {
  const levels = g.levels.filter((l) => l.shift >= levelOf(g, 'pmd').shift);
  const crossings = (span: Pages): number => plan.calls.reduce((n, c) => n + Math.floor((c[side] + c.pages) / span) - Math.ceil(c[side] / span) + 1, 0);
  const level = levels.find((l) => crossings(2 ** l.shift) <= 64);
  const ticks: Ruler['ticks'] = [];
  const labels: EdgeLabel[] = [];
  const label = (at: Pages, page: Vpn, priority: number, lean?: EdgeLabel['lean']): void => {
    labels.push({ x: axis.at(at), text: addressText(g, page), priority, lean });
  };
  for (const c of plan.calls.slice(0, LABELLED)) {
    const next = plan.calls.find((n) => n.from === c.from + c.pages);
    const parted = next !== undefined && next[side] !== c[side] + c.pages;
    const follows = plan.calls.some((p) => p.from + p.pages === c.from && p[side] + p.pages !== c[side]);
    label(c.from, c[side], 5, follows ? 'right' : undefined);
    label(c.from + c.pages, c[side] + c.pages, 4, parted ? 'left' : undefined);
    if (c.realigned > 0) label(c.from + c.realigned, c[side] + c.realigned, 6);
    if (level === undefined) continue;
    const span = 2 ** level.shift;
    for (let page = Math.ceil(c[side] / span) * span; page <= c[side] + c.pages; page += span) {
      const at = c.from + page - c[side];
      ticks.push({ x: axis.at(at), page, level: level.name });
      label(at, page, 1);
    }
  }
  for (const r of runs.slice(0, LABELLED)) label(r.from, r[side], 3);
  return { level, ticks, labels };
}
