/** What a call cost beside the same call on other releases: a row each, with its counts and its time as a bar of parts. */
import { count, duration, type CostBeside, type CostParameters, type OpRecord } from '../../machine/index.js';
import { COUNTS, costRows, PART_COLOUR, PART_TEXT, type CostRow } from '../cost-rows.js';
import { textWidth, wrap } from '../labels.js';
import { round } from '../page-axis.js';
import { chart, plane, rects, rules, texts, type Layer, type Row, type Tip, type VegaLiteSpec } from '../spec.js';
import { INK, PLANE, REFUSED_COLOUR, SIZE, VMA_COLOUR } from '../theme.js';
import { outcomeText, shortCallText } from '../title.js';
import { KEY, keyLayers, type KeyItem } from './key.js';

const ROW = 26;
const BAR = 14;
const HEAD = 22;
const COLUMN = 74;
const NAMES = 110;
/** Where the bars begin, and the room behind the longest for its label. */
const BARS = NAMES + COUNTS.length * COLUMN + 18;
const LABEL = 62;

const TIP: Tip = [
  ['model', 'on'],
  ['part', 'part'],
  ['times', 'times'],
  ['time', 'modelled time'],
];

export function costChart(record: OpRecord, model: string, others: readonly CostBeside[]): VegaLiteSpec {
  const rows = costRows(record, model, others);
  const longest = Math.max(...rows.map((r) => (r.instead === null ? r.nanoseconds : 0)), 1);
  const at = (nanoseconds: number): number => round(BARS + (nanoseconds / longest) * (PLANE - BARS - LABEL));
  const top = (i: number): number => HEAD + i * ROW;
  const bottom = top(rows.length);
  const used = KINDS.filter((k) => rows.some((r) => r.parts.some((p) => p.what === k)));
  const key = used.map((k): KeyItem => ({ text: PART_TEXT[k], fill: PART_COLOUR[k] }));
  const layers: Layer[] = [
    rects(rows.flatMap((r, i) => (r.own ? [{ x: 0, x2: PLANE, y: top(i), y2: top(i + 1), fill: VMA_COLOUR.body }] : []))),
    rules(rows.map((_, i) => ({ x: 0, x2: PLANE, y: top(i), y2: top(i), ink: INK.grid }))),
    texts(headTexts(), { size: SIZE.small, align: 'right' }),
    texts(
      [
        { x: 6, y: HEAD / 2, text: 'kernel', ink: INK.quiet },
        { x: BARS, y: HEAD / 2, text: 'modelled time', ink: INK.quiet },
      ],
      { size: SIZE.small, align: 'left' },
    ),
    texts(
      rows.map((r, i) => nameRow(r, top(i))),
      { size: SIZE.label, align: 'left' },
    ),
    ...[false, true].map((bold) =>
      texts(
        rows.flatMap((r, i) => numberRows(r, rows[0], top(i), bold)),
        { size: SIZE.label, align: 'right', bold },
      ),
    ),
    rects(
      rows.flatMap((r, i) => (r.instead === null ? barRows(r, top(i), at) : [])),
      { tip: TIP },
    ),
    texts(
      rows.flatMap((r, i) => (r.instead === null ? [{ x: at(r.nanoseconds) + 6, y: top(i) + ROW / 2, text: duration(r.nanoseconds), ink: INK.text }] : [])),
      { size: SIZE.label, align: 'left' },
    ),
    texts(
      rows.flatMap((r, i) => insteadRows(r, top(i))),
      { size: SIZE.label, align: 'left', tip: [['why', 'instead']] },
    ),
    ...keyLayers(key, bottom + 8),
  ];
  const own = rows[0];
  const title = `${outcomeText(record)}: about ${duration(own?.nanoseconds ?? 0)}`;
  const subtitle = [
    `${model}: ${shortCallText(record)}`,
    'Counts are exact, the time is modelled and rough; locked: page-table locks taken.',
    ...(rows.length > 1 ? ['Below: the same call after the same history on other releases; bold where they differ.'] : []),
  ];
  const heading = { title: wrap(title, 70), subtitle: subtitle.flatMap((s) => wrap(s, 88)), description: title };
  return chart(heading, [plane(bottom + 8 + KEY, layers, { rows: [] })]);
}

const KINDS: readonly (keyof CostParameters)[] = ['call', 'pte', 'scan', 'pmd', 'pud', 'table', 'flush', 'shootdown'];

const columnEnd = (i: number): number => NAMES + (i + 1) * COLUMN;

const headTexts = (): Row[] => COUNTS.map((text, i) => ({ x: columnEnd(i), y: HEAD / 2, text, ink: INK.quiet }));

function nameRow(r: CostRow, y: number): Row {
  const room = columnEnd(0) - textWidth(count(r.instead === null ? (r.counts[0] ?? 0) : 0), SIZE.label) - 16;
  const letters = [...r.model];
  while (letters.length > 4 && textWidth(letters.join(''), SIZE.label) > room) letters.pop();
  const text = letters.length === [...r.model].length ? r.model : `${letters.slice(0, -1).join('')}…`;
  return { x: 6, y: y + ROW / 2, text, ink: INK.text };
}

function numberRows(r: CostRow, own: CostRow | undefined, y: number, bold: boolean): Row[] {
  if (r.instead !== null) return [];
  return r.counts.flatMap((n, i) => ((n !== own?.counts[i]) === bold ? [{ x: columnEnd(i), y: y + ROW / 2, text: count(n), ink: n === 0 && !bold ? INK.quiet : INK.text }] : []));
}

function barRows(r: CostRow, y: number, at: (nanoseconds: number) => number): Row[] {
  let done = 0;
  return KINDS.flatMap((k) => r.parts.filter((p) => p.what === k)).map((p) => {
    const from = done;
    done += p.nanoseconds;
    return {
      x: at(from),
      x2: Math.max(at(done), at(from) + 0.5),
      y: y + (ROW - BAR) / 2,
      y2: y + (ROW + BAR) / 2,
      fill: PART_COLOUR[p.what],
      model: r.model,
      part: PART_TEXT[p.what],
      times: count(p.count),
      time: duration(p.nanoseconds),
    };
  });
}

/** A call that comes to something else has no cost to compare. */
function insteadRows(r: CostRow, y: number): Row[] {
  if (r.instead === null) return [];
  const [line = ''] = wrap(r.instead, 84);
  return [{ x: columnEnd(0) - 40, y: y + ROW / 2, text: line === r.instead ? line : `${line} …`, ink: REFUSED_COLOUR, why: r.instead }];
}
