/** The walk to one page: each table on the way, all its entries side by side, opened from the one above. */
import { count, size, toBytes, type AddressSpace, type Vpn } from '../../machine/index.js';
import { textWidth } from '../labels.js';
import { round } from '../page-axis.js';
import { chart, rimmedTexts, plane, rects, ribbons, type Layer, type Row, type VegaLiteSpec } from '../spec.js';
import { entriesBelow } from '../table-fill.js';
import { walkRows, type WalkRow } from '../text/tables.js';
import { INK, LEVEL_COLOUR, PLANE, SIZE } from '../theme.js';
import { addressText } from '../title.js';

const HEIGHT = 26;
const STEP = 78;
const TOP = 22;

export function tableWalk(space: AddressSpace, at: Vpn, model: string): VegaLiteSpec | null {
  const g = space.geometry;
  const walk = walkRows(space, at);
  const last = walk.at(-1);
  if (last === undefined) return null;
  const top = (i: number): number => TOP + i * STEP;
  const layers: Layer[] = walk.flatMap((w, i) => {
    const next = walk[i + 1];
    return [...(next === undefined ? [] : [funnel(w, next, top(i) + HEIGHT, top(i + 1))]), ...tableLayers(space, w, top(i))];
  });
  const outcome = last.state === 'page' ? 'is mapped' : `is not mapped: its ${last.level.name.toUpperCase()} entry is none`;
  const rows = walk.map((w, i) => ({ y: top(i) + HEIGHT / 2, text: `${w.level.name.toUpperCase()} table` }));
  return chart(
    {
      title: `${addressText(g, at)} ${outcome}`,
      subtitle: [`${model}, ${g.name}`, 'One table a row, its entries side by side: filled where set, framed on the way.'],
      description: `The page-table walk to ${addressText(g, at)}, which ${outcome}`,
    },
    [plane(top(walk.length - 1) + HEIGHT + 22, layers, { rows })],
  );
}

const slotX = (w: WalkRow, page: Vpn): number => round(((page - w.start) / w.span) * PLANE);

function slot(w: WalkRow): { x: number; x2: number } {
  const entry = 2 ** w.level.shift;
  return { x: slotX(w, w.start + w.index * entry), x2: slotX(w, w.start + (w.index + 1) * entry) };
}

/** From the entry followed to the two ends of the table it leads to. */
function funnel(w: WalkRow, next: WalkRow, from: number, to: number): Layer {
  const ends = [
    { ...slot(w), y: from, ribbon: 'way' },
    { x: 0, x2: PLANE, y: to, ribbon: 'way' },
  ];
  return ribbons(ends, LEVEL_COLOUR[next.level.name], 0.13);
}

function tableLayers(space: AddressSpace, w: WalkRow, top: number): Layer[] {
  const g = space.geometry;
  const colour = LEVEL_COLOUR[w.level.name];
  const set: { x: number; x2: number; entries: number }[] = [];
  for (const e of entriesBelow(space, w.level, w.start, w.start + w.span)) {
    const [x, x2] = [slotX(w, e.start), slotX(w, e.start + e.pages)];
    const entries = e.pages / 2 ** w.level.shift;
    const last = set.at(-1);
    if (last !== undefined && x - last.x2 < 1) set[set.length - 1] = { x: last.x, x2, entries: last.entries + entries };
    else set.push({ x, x2, entries });
  }
  const here = slot(w);
  const all = 2 ** w.level.bits;
  const frame: Row = { x: 0, x2: PLANE, y: top, y2: top + HEIGHT, fill: INK.ground, stroke: colour };
  const name = `entry ${count(w.index)} ${w.state === 'none' ? 'is none' : ''}`.trim();
  const half = textWidth(name, SIZE.label) / 2;
  const x = Math.min(PLANE - half, Math.max(half, (here.x + here.x2) / 2));
  const filled = w.table?.filled ?? 0;
  const covers = `${addressText(g, w.start)} + ${size(toBytes(g, w.span))}, ${count(filled)} of ${count(all)} entries set, ${size(toBytes(g, 2 ** w.level.shift))} each`;
  const coversHalf = textWidth(covers, SIZE.small) / 2 + 3;
  return [
    rects([frame], { framed: true }),
    rects(
      set.map((s) => ({ x: s.x, x2: Math.max(s.x2, s.x + 1), y: top + 1, y2: top + HEIGHT - 1, fill: colour, entries: count(s.entries) })),
      { tip: [['entries', 'entries set']] },
    ),
    rects([{ x: here.x - 1, x2: here.x2 + 1, y: top - 3, y2: top + HEIGHT + 3, fill: 'transparent', stroke: INK.text }], { framed: true, width: 1.5 }),
    ...rimmedTexts([{ x, y: top - 11, text: name, ink: INK.text }], SIZE.label),
    ...rimmedTexts([{ x: x > PLANE / 2 ? coversHalf : PLANE - coversHalf, y: top - 11, text: covers, ink: INK.quiet }], SIZE.small),
  ];
}
