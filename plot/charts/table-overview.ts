/**
 * Every page table over the addresses it maps, each as full as its entries are: of a whole address
 * space, or of what a call worked on, with what it allocated, freed and hung elsewhere.
 */
import { count, hex, toBytes, type AddressSpace, type Geometry, type Level, type OpRecord } from '../../machine/index.js';
import { textWidth, wrap, type EdgeLabel } from '../labels.js';
import { round, type PageAxis } from '../page-axis.js';
import { callRanges, union, type Range } from '../ranges.js';
import { chart, plane, rects, rimmedTexts, rules, texts, type Layer, type Row, type Tip, type VegaLiteSpec } from '../spec.js';
import { allTableMoves, tableMovesText, type TableMove } from '../table-change.js';
import { filledTables, hugeEntriesOf } from '../table-fill.js';
import { INK, LEVEL_COLOUR, ROLE_COLOUR, SIZE } from '../theme.js';
import { addressText, shortCallText } from '../title.js';
import { pagesSize, plural, tableCount } from '../totals.js';
import { addressScale } from './address-scale.js';
import { edgeLabelLayers, edgeLabels } from './edge-labels.js';
import { KEY, keyLayers, type KeyItem } from './key.js';
import { tableBoxes, type BoxState, type TableBox } from './table-boxes.js';

const ROW_HEIGHT = 38;
const GAP = 26;

const TIP: Tip = [
  ['range', 'covers'],
  ['tables', 'tables'],
  ['set', 'entries set'],
  ['state', 'this call'],
  ['shared', 'serving several mappings'],
  ['empty', 'empty tables'],
];

const STATE: Readonly<Record<BoxState, { readonly text: string; readonly tip: string; readonly colour?: string }>> = {
  kept: { text: '', tip: 'left it where it was' },
  allocated: { text: 'allocated', tip: 'allocated it', colour: ROLE_COLOUR.new },
  rehung: { text: 're-hung: the table with all it leads to is here now', tip: 'hung it here', colour: ROLE_COLOUR.moved },
  left: { text: 'where it hung before', tip: 'hung it elsewhere', colour: ROLE_COLOUR.moved },
  freed: { text: 'freed', tip: 'freed it', colour: ROLE_COLOUR.unmapped },
};

export function tableOverview(space: AddressSpace, model: string, record?: OpRecord): VegaLiteSpec | null {
  const g = space.geometry;
  const before = record?.before;
  const levels = [...g.levels].reverse();
  const leaves = leavesOf([...(before === undefined ? [] : [before]), space], record);
  const [first, last] = [leaves[0], leaves.at(-1)];
  if (first === undefined || last === undefined) return null;
  const axis = addressScale(g, leaves);
  const edges = edgeLabels(
    leaves.flatMap((r): EdgeLabel[] => [
      { x: axis.at(r.start), text: addressText(g, r.start), priority: 2 },
      { x: axis.at(r.end), text: addressText(g, r.end), priority: 1 },
    ]),
    2,
  );
  const shown = levels.map((level) => ({ level, ...tableBoxes(level, space, before, axis, { start: first.start, end: last.end }) }));
  const rowTop = (i: number): number => edges.height + 4 + i * (ROW_HEIGHT + GAP);
  const rows = levels.map((level, i) => ({ y: rowTop(i) + ROW_HEIGHT / 2, text: `${level.name.toUpperCase()} tables` }));
  const bottom = rowTop(levels.length - 1) + ROW_HEIGHT;
  const key = keyOf(shown.flatMap((s) => s.boxes));
  const layers: Layer[] = [
    rules(
      axis.pieces.filter((p) => p.broken).flatMap((p) => [p.x0, p.x1].map((x) => ({ x: round(x), x2: round(x), y: edges.height, y2: bottom, ink: INK.grid }))),
      { dash: [2, 3] },
    ),
    ...edgeLabelLayers(edges, edges.height, -1),
    ...shown.flatMap(({ boxes }, i) => (i === 0 ? [] : branches(boxes, axis, rowTop(i)))),
    ...shown.flatMap(({ level, boxes }, i) => levelLayers(g, level, boxes, axis, rowTop(i))),
    ...shown.flatMap(({ moves }, i) => rehangLayers(moves, axis, rowTop(i))),
    ...(key.length === 0 ? [] : keyLayers(key, bottom + 10)),
  ];
  const height = bottom + (key.length === 0 ? 6 : 10 + KEY);
  return chart(headingOf(space, model, record, axis), [plane(height, layers, { rows, zoom: 'zoom' })]);
}

/** The addresses at which the tree ends: PTE tables, huge pages, tables without an entry; of a call, those near what it named. */
function leavesOf(spaces: readonly AddressSpace[], record: OpRecord | undefined): Range[] {
  const all = union(spaces.flatMap(endsOf));
  if (record === undefined) return all;
  const { source, destination } = callRanges(record);
  const named = [source, destination].filter((r) => r !== null);
  const near = all.filter((r) => named.some((n) => n.start < r.end && r.start < n.end));
  return near.length === 0 ? all : near;
}

function endsOf(space: AddressSpace): Range[] {
  const [pte, ...upper] = space.geometry.levels;
  if (pte === undefined) return [];
  const span = 2 ** (pte.shift + pte.bits);
  const ends = [...filledTables(space, pte), ...upper.slice(0, -1).flatMap((l) => filledTables(space, l).filter((t) => t.filled === 0))];
  const pages = [...space.pages()].map((p) => ({ start: Math.floor(p.start / span) * span, end: Math.ceil((p.start + p.count) / span) * span }));
  return union([...ends.map((t) => ({ start: t.start, end: t.start + t.count * t.span })), ...pages]);
}

function headingOf(space: AddressSpace, model: string, record: OpRecord | undefined, axis: PageAxis): { title: string[]; subtitle: string[]; description: string } {
  const levels = [...space.geometry.levels].reverse();
  const sums = levels
    .map((l) =>
      plural(
        filledTables(space, l).reduce((n, t) => n + t.count, 0),
        `${l.name.toUpperCase()} table`,
      ),
    )
    .join(', ');
  const title = record === undefined ? sums : tableMovesText(allTableMoves(record));
  const subtitle = record === undefined ? [`${model}, ${space.geometry.name}`] : [`${model}: ${shortCallText(record)}`, `Now ${sums}.`];
  subtitle.push(`A table is filled as high as its entries are set.${axis.toScale ? '' : ' Not to one scale: what is narrow is widened to be seen.'}`);
  const huge = levels.map((l) => ({ l, n: hugeEntriesOf(space, l) })).filter(({ n }) => n > 0);
  for (const { l, n } of huge)
    subtitle.push(
      `${plural(n, `${l.name.toUpperCase()} entry`, `${l.name.toUpperCase()} entries`)} of ${pagesSize(space.geometry, 2 ** l.shift)} map huge pages and lead to no table.`,
    );
  const hung = levels.slice(1).reduce((n, l) => n + filledTables(space, l).reduce((m, t) => m + t.count, 0), 0);
  const aside = tableCount(space) - hung;
  if (huge.length > 0 && aside > 0) subtitle.push(`${plural(aside, 'more table')} put aside for the day those are split.`);
  const empty = levels.reduce((n, l) => n + filledTables(space, l).reduce((m, t) => m + (t.filled === 0 ? t.count : 0), 0), 0);
  if (empty > 0) subtitle.push(`${plural(empty, 'table')} left over, without an entry.`);
  return { title: wrap(title, 70), subtitle: subtitle.flatMap((s) => wrap(s, 88)), description: `Page tables: ${title}` };
}

const isGone = (b: TableBox): boolean => b.state === 'freed' || b.state === 'left';
const width = (b: TableBox, axis: PageAxis): { x: number; x2: number } => ({ x: axis.at(b.start), x2: Math.max(axis.at(b.end), axis.at(b.start) + 2) });

/** From each table up to the one whose entry leads to it. */
function branches(boxes: readonly TableBox[], axis: PageAxis, top: number): Layer[] {
  const lines = boxes
    .filter((b) => !isGone(b))
    .map((b) => {
      const { x, x2 } = width(b, axis);
      return { x: round((x + x2) / 2), x2: round((x + x2) / 2), y: top - GAP, y2: top, ink: INK.line };
    });
  return [rules(lines, { width: 0.75 })];
}

function levelLayers(g: Geometry, level: Level, boxes: readonly TableBox[], axis: PageAxis, top: number): Layer[] {
  const all = 2 ** level.bits;
  const colour = LEVEL_COLOUR[level.name];
  const row = (b: TableBox): Row => ({
    ...width(b, axis),
    y: top,
    y2: top + ROW_HEIGHT,
    fill: isGone(b) ? 'transparent' : INK.ground,
    stroke: STATE[b.state].colour ?? colour,
    range: `${addressText(g, b.start)} to ${hex(toBytes(g, b.end))}`,
    tables: `${plural(b.tables, 'table')} of ${pagesSize(g, 2 ** (level.shift + level.bits))} each`,
    set: setText(b, all),
    state: STATE[b.state].tip,
    shared: count(b.shared),
    empty: count(b.empty),
  });
  const here = boxes.filter((b) => !isGone(b));
  const fills: Row[] = here
    .filter((b) => b.entries > 0)
    .map((b) => {
      const { x, x2 } = width(b, axis);
      const part = b.entries / (b.tables * all);
      return { x: x + 1, x2: Math.max(x2 - 1, x + 1.5), y: round(top + ROW_HEIGHT - Math.max(2, part * ROW_HEIGHT)), y2: top + ROW_HEIGHT, fill: colour };
    });
  const words: Row[] = boxes.flatMap((b) => {
    const { x, x2 } = width(b, axis);
    const wordings = wordingsOf(b, all);
    // If a table stands where another was removed, the label is about the one that is there now.
    if (isGone(b) && here.some((h) => h.start < b.end && b.start < h.end)) return [];
    const text = wordings.find((t) => textWidth(t, SIZE.small) + 10 <= x2 - x);
    return text === undefined ? [] : [{ x: round((x + x2) / 2), y: top + ROW_HEIGHT / 2, text, ink: isGone(b) ? INK.quiet : INK.text }];
  });
  const marks: Row[] = here.flatMap((b) => {
    const { x, x2 } = width(b, axis);
    return b.shared > 0 && x2 - x >= 12 ? [{ x: x + 7, y: top + 7, text: SHARED, ink: INK.text }] : [];
  });
  const plain = (b: TableBox): boolean => b.state === 'kept' && b.empty < b.tables;
  return [
    rects(here.filter(plain).map(row), { framed: true, tip: TIP }),
    rects(here.filter((b) => b.state === 'kept' && !plain(b)).map(row), { framed: true, width: 1.5, dash: [2, 2], tip: TIP }),
    rects(here.filter((b) => b.state !== 'kept').map(row), { framed: true, width: 2.5, tip: TIP }),
    rects(fills, { opacity: 0.8 }),
    rects(boxes.filter(isGone).map(row), { framed: true, width: 1.5, dash: [5, 3], tip: TIP }),
    ...rimmedTexts(words, SIZE.small),
    texts(marks, { size: SIZE.small }),
  ];
}

const SHARED = '◆';

function wordingsOf(b: TableBox, all: number): string[] {
  const set = setText(b, all);
  if (b.state === 'freed') return b.tables === 1 ? ['freed'] : [`${plural(b.tables, 'table')} freed`, 'freed'];
  if (b.state === 'left') return b.tables === 1 ? ['hung here before', 'before'] : [`${plural(b.tables, 'table')} hung here before`, 'before'];
  const fate = b.state === 'allocated' ? 'new' : b.state === 'rehung' ? 're-hung' : '';
  const base = b.tables === 1 ? [`${set} entries`, set] : [`${plural(b.tables, 'table')}, ${set} entries each`, plural(b.tables, 'table')];
  return fate === '' ? base : [...base.map((t) => `${fate}: ${t}`), ...base, fate];
}

/** An arrow from where tables hung to where they hang now, above their row. */
function rehangLayers(moves: readonly TableMove[], axis: PageAxis, top: number): Layer[] {
  const middle = (start: number, m: TableMove): number => round((axis.at(start) + axis.at(start + m.count * m.span)) / 2);
  const arrows = moves.flatMap((m) => (m.from === null || m.to === null ? [] : [{ from: middle(m.from, m), to: middle(m.to, m) }])).filter((a) => Math.abs(a.to - a.from) > 8);
  const y = top - 8;
  const ink = ROLE_COLOUR.moved;
  return [
    rules(
      arrows.slice(0, 24).flatMap(({ from, to }) => [
        { x: from, x2: to, y, y2: y, ink },
        { x: from, x2: from, y, y2: top, ink },
        { x: to, x2: to, y, y2: top - 1, ink },
        { x: to, x2: to - 4, y: top - 1, y2: top - 6, ink },
        { x: to, x2: to + 4, y: top - 1, y2: top - 6, ink },
      ]),
      { width: 1.5 },
    ),
  ];
}

function keyOf(boxes: readonly TableBox[]): KeyItem[] {
  const states = new Set(boxes.map((b) => b.state));
  const items = (['allocated', 'rehung', 'left', 'freed'] as const)
    .filter((s) => states.has(s))
    .map((s): KeyItem => ({ text: STATE[s].text, fill: STATE[s].colour ?? INK.line, as: s === 'left' || s === 'freed' ? 'frame' : 'outline' }));
  if (boxes.some((b) => b.shared > 0 && !isGone(b))) items.push({ text: 'serves several mappings', fill: INK.text, as: 'sign', sign: SHARED });
  if (boxes.some((b) => b.empty === b.tables && b.state === 'kept')) items.push({ text: 'left over, empty', fill: INK.quiet, as: 'dots' });
  return items;
}

function setText(b: TableBox, all: number): string {
  if (b.empty === b.tables) return `0 of ${count(all)}`;
  return b.least === b.most ? `${count(b.least)} of ${count(all)}` : `${count(b.least)} to ${count(b.most)} of ${count(all)}`;
}
