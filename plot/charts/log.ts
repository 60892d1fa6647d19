/** The dearest moves of a log as bars: how many entries of which level each moved, at most and at least. */
import { count, size, type LogMove, type LogSummary } from '../../machine/index.js';
import { wrap } from '../labels.js';
import { costText, entries, LOG_LEVELS, logTexts, moveText, rangeOf, toldCost } from '../log-cost.js';
import { round } from '../page-axis.js';
import { chart, plane, rects, rules, texts, type Row, type Tip, type VegaLiteSpec } from '../spec.js';
import { INK, LEVEL_COLOUR, PLANE, SIZE } from '../theme.js';
import { KEY, keyLayers } from './key.js';

const ROW = 22;
const BAR = 14;
/** Room behind the longest bar for its label. */
const LABELS = 230;
const LINE = 88;

const TIP: Tip = [
  ['call', 'call'],
  ['level', 'level'],
  ['entries', 'entries'],
];

export function logChart(log: LogSummary, model: string): VegaLiteSpec | null {
  const { dearest } = log;
  const [first] = dearest;
  if (first === undefined) return null;
  const longest = Math.max(...dearest.map((m) => entries(toldCost(m))));
  const at = (n: number): number => round((n / longest) * (PLANE - LABELS));
  const rows = dearest.map((m, i) => ({ m, top: i * ROW + (ROW - BAR) / 2 }));
  const height = dearest.length * ROW;
  const bars = rows.flatMap(({ m, top }) => barOf(m, top, at));
  const labels = rows.map(({ m, top }) => ({ x: at(entries(toldCost(m))) + 6, y: top + BAR / 2, text: labelOf(m), ink: INK.text }));
  const least = rows.flatMap(({ m, top }) =>
    m.least === null || m.most === null ? [] : [{ x: at(entries(m.least)), x2: at(entries(m.least)), y: top - 2, y2: top + BAR + 2, ink: INK.text }],
  );
  const levels = LOG_LEVELS.filter((l) => dearest.some((m) => toldCost(m)[l] > 0));
  const key = [
    ...levels.map((l) => ({ text: `${l.toUpperCase()} entries`, fill: LEVEL_COLOUR[l] })),
    ...(least.length > 0 ? [{ text: 'with nothing touched', fill: INK.text, as: 'line' as const }] : []),
  ];
  const layers = [rects(bars, { tip: TIP }), rules(least, { width: 1.5 }), texts(labels, { size: SIZE.label, align: 'left' }), ...keyLayers(key, height + 4)];
  const title = `${count(log.mremaps)} mremap${log.mremaps === 1 ? '' : 's'}, the dearest moved ${least.length > 0 ? 'up to ' : ''}${costText(toldCost(first))}`;
  return chart({ title, subtitle: [model, ...logTexts(log)].flatMap((t) => wrap(t, LINE)), description: `What a log came to: ${title}` }, [
    plane(height + 4 + KEY, layers, { rows: rows.map(({ m, top }) => ({ y: top + BAR / 2, text: `line ${m.line}` })) }),
  ]);
}

/** The levels of one move, side by side. */
function barOf(m: LogMove, top: number, at: (n: number) => number): Row[] {
  const cost = toldCost(m);
  let from = 0;
  return LOG_LEVELS.filter((l) => cost[l] > 0).map((l) => {
    const start = from;
    from += cost[l];
    return { x: at(start), x2: Math.max(at(from), at(start) + 1), y: top, y2: top + BAR, fill: LEVEL_COLOUR[l], call: moveText(m), level: l.toUpperCase(), entries: rangeOf(m, l) };
  });
}

const labelOf = (m: LogMove): string => `${size(m.size)}: ${costText(toldCost(m))}`;
