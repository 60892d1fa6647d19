/** Every page table over the addresses it maps, each as full as its entries are. */
import { count, hex, toBytes, type AddressSpace, type Geometry, type Level } from '../../machine/index.js';
import { textWidth, type EdgeLabel } from '../labels.js';
import { round, type PageAxis } from '../page-axis.js';
import { union } from '../ranges.js';
import { chart, plane, rects, rules, texts, type Layer, type Row, type Tip, type VegaLiteSpec } from '../spec.js';
import { filledTables, type FilledTables } from '../table-fill.js';
import { INK, LEVEL_COLOUR, SIZE } from '../theme.js';
import { addressText } from '../title.js';
import { pagesSize, plural } from '../totals.js';
import { addressScale } from './address-scale.js';
import { edgeLabelLayers, edgeLabels } from './edge-labels.js';

const ROW_HEIGHT = 40;
const GAP = 18;

/** Neighbouring tables, drawn as one box: `least` to `most` of their entries are set. */
interface Box {
  readonly start: number;
  readonly end: number;
  readonly tables: number;
  readonly entries: number;
  readonly least: number;
  readonly most: number;
  readonly empty: number;
}

const TIP: Tip = [
  ['range', 'covers'],
  ['tables', 'tables'],
  ['set', 'entries set'],
  ['empty', 'empty tables'],
];

export function tableOverview(space: AddressSpace, model: string): VegaLiteSpec | null {
  const g = space.geometry;
  const levels = [...g.levels].reverse();
  const filled = levels.map((l) => ({ level: l, tables: filledTables(space, l) }));
  const lowest = filled.findLast((f) => f.tables.length > 0 && f.level !== levels[0]);
  if (lowest === undefined) return null;
  const leaves = union(lowest.tables.map((t) => ({ start: t.start, end: t.start + t.count * t.span })));
  const axis = addressScale(g, leaves);
  const edges = edgeLabels(
    leaves.flatMap((r): EdgeLabel[] => [
      { x: axis.at(r.start), text: addressText(g, r.start), priority: 2 },
      { x: axis.at(r.end), text: addressText(g, r.end), priority: 1 },
    ]),
    2,
  );
  const rowTop = (i: number): number => edges.height + 4 + i * (ROW_HEIGHT + GAP);
  const rows = filled.map(({ level }, i) => ({ y: rowTop(i) + ROW_HEIGHT / 2, text: `${level.name.toUpperCase()} tables` }));
  const bottom = rowTop(filled.length - 1) + ROW_HEIGHT;
  const layers: Layer[] = [
    rules(
      axis.pieces.filter((p) => p.broken).flatMap((p) => [p.x0, p.x1].map((x) => ({ x: round(x), x2: round(x), y: edges.height, y2: bottom, ink: INK.grid }))),
      { dash: [2, 3] },
    ),
    ...edgeLabelLayers(edges, edges.height, -1),
    ...filled.flatMap(({ level, tables }, i) => levelLayers(g, level, tables, axis, rowTop(i))),
  ];
  const sums = filled.map(({ level, tables }) => plural(tables.reduce((n, t) => n + t.count, 0), `${level.name.toUpperCase()} table`));
  const empty = filled.reduce((n, f) => n + f.tables.reduce((m, t) => m + (t.filled === 0 ? t.count : 0), 0), 0);
  const subtitle = [`${model}, ${g.name}`, `A table is filled as high as its entries are set.${axis.toScale ? '' : ' Not to one scale: what is narrow is widened to be seen.'}`];
  if (empty > 0) subtitle.push(`${plural(empty, 'table')} left empty`);
  return chart({ title: sums.join(', '), subtitle, description: `Page tables: ${sums.join(', ')}` }, [plane(bottom + GAP, layers, { rows, zoom: 'zoom' })]);
}

/** Tables nearer than can be seen apart become one box; so do those that are filled alike. */
function boxes(tables: readonly FilledTables[], axis: PageAxis): Box[] {
  const out: Box[] = [];
  for (const t of tables.flatMap((run) => apart(run, axis))) {
    const end = t.start + t.count * t.span;
    const last = out.at(-1);
    const narrow = last !== undefined && axis.at(end) - axis.at(last.start) < 6;
    if (last !== undefined && narrow) {
      out[out.length - 1] = {
        start: last.start,
        end,
        tables: last.tables + t.count,
        entries: last.entries + t.count * t.filled,
        least: Math.min(last.least, t.filled),
        most: Math.max(last.most, t.filled),
        empty: last.empty + (t.filled === 0 ? t.count : 0),
      };
    } else {
      out.push({ start: t.start, end, tables: t.count, entries: t.count * t.filled, least: t.filled, most: t.filled, empty: t.filled === 0 ? t.count : 0 });
    }
  }
  return out;
}

/** The tables of a run one by one, where each has room for a frame of its own. */
function apart(run: FilledTables, axis: PageAxis): FilledTables[] {
  const width = axis.at(run.start + run.count * run.span) - axis.at(run.start);
  if (run.count === 1 || width / run.count < 8) return [run];
  return Array.from({ length: run.count }, (_, i) => ({ ...run, start: run.start + i * run.span, count: 1 }));
}

function levelLayers(g: Geometry, level: Level, tables: readonly FilledTables[], axis: PageAxis, top: number): Layer[] {
  const all = 2 ** level.bits;
  const found = boxes(tables, axis).map((b) => ({ b, x: axis.at(b.start), x2: Math.max(axis.at(b.end), axis.at(b.start) + 2) }));
  const colour = LEVEL_COLOUR[level.name];
  const frames: Row[] = found.map(({ b, x, x2 }) => ({
    x,
    x2,
    y: top,
    y2: top + ROW_HEIGHT,
    fill: INK.ground,
    stroke: colour,
    range: `${addressText(g, b.start)} to ${hex(toBytes(g, b.end))}`,
    tables: `${plural(b.tables, 'table')} of ${pagesSize(g, 2 ** (level.shift + level.bits))} each`,
    set: setText(b, all),
    empty: count(b.empty),
  }));
  const fills: Row[] = found
    .filter(({ b }) => b.entries > 0)
    .map(({ b, x, x2 }) => {
      const part = b.entries / (b.tables * all);
      return { x: x + 1, x2: Math.max(x2 - 1, x + 1.5), y: round(top + ROW_HEIGHT - Math.max(2, part * ROW_HEIGHT)), y2: top + ROW_HEIGHT, fill: colour };
    });
  const words: Row[] = found.flatMap(({ b, x, x2 }) => {
    const wordings = b.tables === 1 ? [`${setText(b, all)} entries`, setText(b, all)] : [`${plural(b.tables, 'table')}, ${setText(b, all)} entries each`, plural(b.tables, 'table')];
    const text = wordings.find((t) => textWidth(t, SIZE.label) + 8 <= x2 - x);
    return text === undefined ? [] : [{ x: (x + x2) / 2, y: top + ROW_HEIGHT + 8, text, ink: INK.text }];
  });
  return [rects(frames, { framed: true, tip: TIP }), rects(fills, { opacity: 0.8 }), texts(words, { size: SIZE.small })];
}

function setText(b: Box, all: number): string {
  if (b.empty === b.tables) return `0 of ${count(all)}`;
  return b.least === b.most ? `${count(b.least)} of ${count(all)}` : `${count(b.least)} to ${count(b.most)} of ${count(all)}`;
}
