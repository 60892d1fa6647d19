/** Page tables, level by level from the root: of everything mapped, of what a call worked on, or along the walk to one page. */
import type { AddressSpace, OpRecord, Vpn } from '../../machine/index.js';
import type { VegaLiteSpec } from '../spec.js';
import { tableOverview } from './table-overview.js';
import { tableWalk } from './table-walk.js';

export function tablesChart(space: AddressSpace, at: Vpn | undefined, model: string, record?: OpRecord): VegaLiteSpec | null {
  return at === undefined ? tableOverview(space, model, record) : tableWalk(space, at, model);
}
