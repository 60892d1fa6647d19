/**
 * A strip of a move's steps between two rulers: source addresses above, destination addresses
 * below. A step ends at the next table boundary of either side, so the rulers explain the steps.
 */
import { count, type Geometry, type MoveKind } from '../../machine/index.js';
import { placeLabels, textWidth } from '../labels.js';
import { isRefused, type MoveMark, type MovePlan } from '../move-marks.js';
import { pageAxis, round, type PageAxis } from '../page-axis.js';
import { plane, playedTexts, rects, rules, texts, type Panel, type Row, type Tip } from '../spec.js';
import { INK, KIND_COLOUR, KIND_LABEL, LEVEL_COLOUR, ON_LEVEL, REFUSED_COLOUR, PLANE, SIZE } from '../theme.js';
import { addressText } from '../title.js';
import { pagesSize, plural } from '../totals.js';
import { ruler } from './ruler.js';
import { runLabels, runsOf } from './runs.js';

const ROW = 14;
const TICK = 9;
const BLOCK = 44;
/** Room for the line about the slider's position. */
const CAPTION = 22;
/** More calls than this are not told apart. */
const CALLS_PARTED = 64;

const inkOn = (kind: MoveKind): string => (kind === 'pte' || kind === 'pmd' || kind === 'pud' ? ON_LEVEL[kind] : INK.text);

/** One scale for the whole line, but no run so narrow that its label would not fit. */
function stripAxis(g: Geometry, runs: readonly MoveMark[], plan: MovePlan): PageAxis {
  const roomy = runs.length <= 10;
  const widest = (r: MoveMark): number =>
    Math.max(
      ...runLabels(g, r)
        .slice(-2, -1)
        .map((t) => textWidth(t, SIZE.label)),
      0,
    ) + 10;
  const starts = [...new Set(runs.map((r) => r.from))];
  const first = new Map(runs.map((r) => [r.from, r]));
  const segments = starts.map((from, i) => {
    const run = first.get(from);
    return { start: from, end: starts[i + 1] ?? plan.pages, min: roomy && run !== undefined ? widest(run) : 1.5 };
  });
  return pageAxis(segments, 0, PLANE);
}

const TIP: Tip = [
  ['what', 'moved'],
  ['step', 'step'],
  ['source', 'source'],
  ['destination', 'destination'],
  ['size', 'size'],
];

function block(g: Geometry, axis: PageAxis, m: MoveMark, top: number, fill: string, stroke: string): Row {
  const last = m.step + m.steps - 1;
  return {
    x: axis.at(m.from),
    x2: Math.max(axis.at(m.from + m.room), axis.at(m.from) + 0.75),
    y: round(top + BLOCK * m.share[0]),
    y2: round(top + BLOCK * m.share[1]),
    fill,
    stroke,
    first: m.step,
    last,
    entries: m.entries,
    what: isRefused(m.kind) ? `${plural(m.steps, KIND_LABEL[m.kind], KIND_LABEL[m.kind])}` : (runLabels(g, m)[0] ?? ''),
    step: m.steps > 1 ? `${m.step} to ${last}` : `${m.step}`,
    source: addressText(g, m.old),
    destination: addressText(g, m.new),
    size: pagesSize(g, m.pages),
  };
}

/** @param playing a slider shows the steps one after the other, and a line below says what each did */
export function stripPanel(g: Geometry, plan: MovePlan, title: string, playing = false): Panel {
  const runs = runsOf(plan.marks, plan.steps > 12);
  const axis = stripAxis(g, runs, plan);
  const sides = { old: ruler(g, plan, axis, runs, 'old'), new: ruler(g, plan, axis, runs, 'new') };
  const bounds = [0, PLANE] as const;
  const above = placeLabels(sides.old.labels, bounds, SIZE.label, 2);
  const below = placeLabels(sides.new.labels, bounds, SIZE.label, 2);
  const rowsAbove = Math.max(1, ...above.map((l) => l.row + 1));
  const rowsBelow = Math.max(1, ...below.map((l) => l.row + 1));
  const top = rowsAbove * ROW + TICK;
  const bottom = top + BLOCK;
  const foot = bottom + TICK + rowsBelow * ROW;
  const height = playing ? foot + CAPTION : foot;

  const travelled = plan.marks.filter((m) => !isRefused(m.kind));
  const separate = !plan.binned && PLANE / Math.max(1, travelled.length) > 3;
  const shared = travelled.some((m) => m.room !== m.pages);
  const blocks = (separate || shared || playing ? travelled : runs).map((m) => block(g, axis, m, top, KIND_COLOUR[m.kind], separate ? INK.ground : KIND_COLOUR[m.kind]));
  const refused = plan.marks.filter((m) => isRefused(m.kind)).map((m) => block(g, axis, m, top, 'transparent', REFUSED_COLOUR));
  const tickRows = (['old', 'new'] as const).flatMap((side) =>
    sides[side].ticks.map((t) => {
      const [y, y2] = side === 'old' ? [top - TICK, top] : [bottom, bottom + TICK];
      return { x: t.x, x2: t.x, y, y2, ink: LEVEL_COLOUR[t.level], boundary: `${t.level.toUpperCase()} boundary ${addressText(g, t.page)}` };
    }),
  );
  const leaders = [
    ...above.map((l) => ({ l, near: top, far: top - TICK - l.row * ROW - 1 })),
    ...below.map((l) => ({ l, near: bottom, far: bottom + TICK + l.row * ROW + 1 })),
  ].map(({ l, near, far }) => ({ x: l.x, x2: l.x, y: near, y2: far, ink: INK.line }));
  const realigned = plan.calls.filter((c) => c.realigned > 0);

  const placed = [...above.map((l) => ({ l, y: top - TICK - (l.row + 0.5) * ROW })), ...below.map((l) => ({ l, y: bottom + TICK + (l.row + 0.5) * ROW }))];

  const names = blockTexts(axis, runs, plan, g, (top + bottom) / 2);
  const rows = [
    { y: top - TICK - ROW / 2, text: 'source' },
    { y: bottom + TICK + ROW / 2, text: 'destination' },
  ];
  const layers = [
    rules(leaders, { width: 0.75 }),
    texts(
      placed.map(({ l, y }) => ({ x: l.cx, y, text: l.text, ink: INK.text })),
      { size: SIZE.label },
    ),
    rects(blocks, { framed: true, width: separate ? 1 : 0.5, tip: TIP, played: playing }),
    rects(refused, { framed: true, width: 2, tip: TIP, played: playing }),
    rules(tickRows, { width: 2, tip: [['boundary', 'boundary']] }),
    rects(
      realigned.map((c) => ({ x: axis.at(c.from) + 1, x2: axis.at(c.from + c.realigned), y: top + 1, y2: bottom - 1, fill: 'transparent', stroke: INK.text })),
      { framed: true, width: 2, dash: [5, 3] },
    ),
    rects((separate || playing) && runs.length < travelled.length ? names.map(patch) : []),
    texts(names, { size: SIZE.label }),
    texts(realignTexts(axis, plan, (top + bottom) / 2), { size: SIZE.label }),
    rules(
      plan.calls.slice(1, CALLS_PARTED).map((c) => ({ x: axis.at(c.from), x2: axis.at(c.from), y: top - TICK, y2: bottom + TICK, ink: INK.text })),
      { width: 2 },
    ),
    ...(playing ? [playedTexts(captions(g, plan, foot + CAPTION / 2), SIZE.label)] : []),
  ];
  const levels = [...new Set([sides.old, sides.new].flatMap((s) => (s.level === undefined || s.ticks.length === 0 ? [] : [s.level])))];
  const ticks = levels.map((l) => `${l.name.toUpperCase()} boundaries (${pagesSize(g, 2 ** l.shift)})`).join(' and ');
  const notes = [...(ticks === '' ? [] : [`ticks: ${ticks}`]), ...(axis.toScale ? [] : ['not to one scale'])];
  return plane(height, layers, { title: [title, ...notes].join('; '), rows, zoom: playing ? 'zoom_all' : 'zoom_part' });
}

/** What each step did, for the slider's position; the steps of a bin in one line. */
function captions(g: Geometry, plan: MovePlan, y: number): Row[] {
  const done = plan.marks.map((m) => {
    const what = isRefused(m.kind) ? KIND_LABEL[m.kind] : (runLabels(g, m)[0] ?? '');
    return { first: m.step, last: m.step + m.steps - 1, text: `${what}: ${addressText(g, m.old)} → ${addressText(g, m.new)}` };
  });
  const steps = new Map<number, { first: number; last: number; texts: string[] }>();
  // Kinds that share a bin have steps between each other's: the line is the one of the first of them.
  let end = 0;
  for (const { first, last, text } of done.sort((a, b) => a.first - b.first || a.last - b.last)) {
    if (last <= end) continue;
    steps.set(Math.max(first, end + 1), { first: Math.max(first, end + 1), last, texts: [text] });
    end = last;
  }
  const all = `of ${count(plan.steps)}`;
  const rows = [...steps.values()].map(({ first, last, texts: [text = ''] }): Row => {
    const which = first === last ? `step ${count(first)} ${all}` : `steps ${count(first)} to ${count(last)} ${all}`;
    return { x: PLANE / 2, y, first, last, text: `${which}: ${text}`, ink: INK.text };
  });
  return [{ x: PLANE / 2, y, first: 0, last: 0, text: 'before the first step', ink: INK.quiet }, ...rows];
}

const fitting = (width: number, wordings: readonly string[]): string | undefined => wordings.find((t) => textWidth(t, SIZE.label) + 6 <= width);

type BlockText = { readonly x: number; readonly y: number; readonly text: string; readonly ink: string; readonly fill: string };

/** The label of a realigned run stands beside the part that was not asked for. */
function blockTexts(axis: PageAxis, runs: readonly MoveMark[], plan: MovePlan, g: Geometry, y: number): BlockText[] {
  return runs.flatMap((r) => {
    const call = plan.calls[r.call];
    const extra = call !== undefined && r.from === call.from && call.realigned < r.pages ? call.realigned : 0;
    const [a, b] = [axis.at(r.from + extra), axis.at(r.from + r.pages)];
    const tried = plan.marks.find((m) => isRefused(m.kind) && m.from >= r.from && m.from < r.from + r.pages);
    const prefix = tried === undefined ? '' : `${KIND_LABEL[tried.kind]}: `;
    const text = r.room === r.pages ? fitting(b - a, [...runLabels(g, r).map((t) => prefix + t), ...runLabels(g, r)]) : undefined;
    return text === undefined ? [] : [{ x: (a + b) / 2, y, text, ink: inkOn(r.kind), fill: KIND_COLOUR[r.kind] }];
  });
}

/** Hides the lines between steps behind the name of their run. */
function patch({ x, y, text, fill }: BlockText): Row {
  const half = textWidth(text, SIZE.label) / 2 + 3;
  return { x: x - half, x2: x + half, y: y - 8, y2: y + 8, fill };
}

function realignTexts(axis: PageAxis, plan: MovePlan, y: number): Row[] {
  return plan.calls.flatMap((c) => {
    const [a, b] = [axis.at(c.from), axis.at(c.from + c.realigned)];
    const text = c.realigned === 0 ? undefined : fitting(b - a, ['realigned: below the start asked for', 'below the start asked for', 'realigned']);
    return text === undefined ? [] : [{ x: (a + b) / 2, y, text, ink: ON_LEVEL.pmd }];
  });
}
