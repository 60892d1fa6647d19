/** The path of a call as a flow, function by function, with the numbers each check compared; and what it carried, through time. */
import type { OpRecord, Step } from '../../machine/index.js';
import { textWidth, wrap } from '../labels.js';
import { round } from '../page-axis.js';
import { chart, plane, rects, rules, slider, texts, type Layer, type Panel, type Row, type VegaLiteSpec } from '../spec.js';
import { INK, PLANE, REFUSED_COLOUR, SIZE, VMA_COLOUR } from '../theme.js';
import { outcomeText, shortCallText } from '../title.js';
import { plural } from '../totals.js';
import { vrmTable } from '../vrm-table.js';
import { flowRows, type FlowRow } from './flow-rows.js';
import { vrmPanel } from './vrm-panel.js';

const LINE = 14;
const PAD = 5;
/** Where the numbers end, the spine runs, function names begin and texts begin. */
const NUMBERS = 22;
const SPINE = 34;
const NAMES = 46;
const TEXTS = 240;

const SIGN: Readonly<Record<Step['verdict'], string>> = { passed: '✓', done: '●', refused: '✗' };

interface Placed {
  readonly row: FlowRow;
  readonly y: number;
  readonly height: number;
  /** The function, where it is another than above. */
  readonly enters: string | null;
  /** Whether the numbers stand behind the sentence, in its line. */
  readonly beside: boolean;
}

export function stepsChart(record: OpRecord, model: string): VegaLiteSpec | null {
  const { steps } = record;
  if (steps.length === 0) return null;
  const placed = place(flowRows(steps));
  const last = placed.at(-1);
  const height = last === undefined ? 0 : last.y + last.height;
  const flow = plane(height, flowLayers(placed), { title: 'The path, function by function: ✓ a check passed, ✗ it refused, ● something was done', rows: [], clip: true });
  const table = vrmTable(steps);
  const panels: Panel[] = table === null ? [flow] : [flow, vrmPanel(table)];
  return chart({ ...headingOf(record, model), params: [slider('steps of the call', steps.length)] }, panels);
}

function headingOf(record: OpRecord, model: string): { title: string[]; subtitle: string[]; description: string } {
  const { steps, result } = record;
  const of = (verdict: Step['verdict']): number => steps.filter((s) => s.verdict === verdict).length;
  const sums = `${plural(of('passed'), 'check')} passed, ${of('refused')} refused, ${plural(of('done'), 'thing')} done`;
  const subtitle = [`${model}: ${shortCallText(record)}`, result.kind === 'errno' ? `${sums}; refused in ${result.refusal.fn}.` : `${sums}.`];
  const title = outcomeText(record);
  return { title: wrap(title, 70), subtitle: subtitle.flatMap((s) => wrap(s, 88)), description: `The path of a call: ${title}` };
}

function place(rows: readonly FlowRow[]): Placed[] {
  let [y, fn] = [0, ''];
  return rows.map((row) => {
    const here = row.step?.fn ?? '…';
    const enters = here === fn ? null : here;
    fn = here;
    const beside = isBeside(row);
    const height = (row.lines.length + (beside ? 0 : row.values.length)) * LINE + 2 * PAD;
    const placed = { row, y, height, enters, beside };
    y += height;
    return placed;
  });
}

const behind = (row: FlowRow): number => TEXTS + textWidth(row.lines[0] ?? '', SIZE.label) + 10;

function isBeside(row: FlowRow): boolean {
  return row.lines.length === 1 && row.values.length === 1 && behind(row) + textWidth(row.values[0] ?? '', SIZE.small) < PLANE - 6;
}

function flowLayers(placed: readonly Placed[]): Layer[] {
  const bands = functionBands(placed);
  const first = (p: Placed): { first: number } => ({ first: p.row.first });
  const ink = (p: Placed): string => (p.row.step?.verdict === 'refused' ? REFUSED_COLOUR : p.row.step === null ? INK.quiet : INK.text);
  const refused = placed.filter((p) => p.row.step?.verdict === 'refused');
  const lineRows = (p: Placed, lines: readonly string[], from: number, colour: string, x = TEXTS): Row[] =>
    lines.map((text, i) => ({ x, y: p.y + PAD + (from + i + 0.5) * LINE, text, ink: colour, ...first(p) }));
  const middle = (p: Placed): number => p.y + PAD + LINE / 2;
  const spine = placed.slice(1).map((p, i) => ({ x: SPINE, x2: SPINE, y: middle(placed[i] ?? p) + 7, y2: middle(p) - 7, ink: INK.line }));
  return [
    rects(bands.filter((_, i) => i % 2 === 0).map((b) => ({ x: NUMBERS + 4, x2: PLANE, y: b.y, y2: b.end, fill: VMA_COLOUR.body }))),
    rects(
      refused.map((p) => ({ x: NUMBERS + 5, x2: PLANE - 1, y: p.y + 1, y2: p.y + p.height - 1, fill: INK.ground, stroke: REFUSED_COLOUR, ...first(p) })),
      { framed: true, width: 1.5, played: true },
    ),
    rules(spine, { width: 1.25 }),
    texts(
      placed.map((p) => ({ x: NUMBERS, y: middle(p), text: p.row.step === null ? '' : String(p.row.first), ink: INK.quiet, ...first(p) })),
      { size: SIZE.small, align: 'right', played: true },
    ),
    texts(
      placed.map((p) => ({ x: SPINE, y: middle(p), text: p.row.step === null ? '⋮' : SIGN[p.row.step.verdict], ink: ink(p), ...first(p) })),
      { size: SIZE.label, bold: true, played: true },
    ),
    texts(
      placed.flatMap((p) =>
        p.enters === null || p.row.step === null ? [] : [{ x: NAMES, y: middle(p), text: clipped(p.enters), fn: p.enters, file: p.row.step.file, ink: ink(p), ...first(p) }],
      ),
      {
        size: SIZE.label,
        align: 'left',
        bold: true,
        played: true,
        tip: [
          ['fn', 'function'],
          ['file', 'in'],
        ],
      },
    ),
    texts(
      placed.flatMap((p) => lineRows(p, p.row.lines, 0, ink(p))),
      { size: SIZE.label, align: 'left', played: true },
    ),
    texts(
      placed.flatMap((p) =>
        lineRows(p, p.row.values, p.beside ? 0 : p.row.lines.length, p.row.step?.verdict === 'refused' ? REFUSED_COLOUR : INK.quiet, p.beside ? round(behind(p.row)) : TEXTS),
      ),
      { size: SIZE.small, align: 'left', played: true },
    ),
  ];
}

/** The stretch of rows that one function owns. */
function functionBands(placed: readonly Placed[]): { y: number; end: number }[] {
  const bands: { y: number; end: number }[] = [];
  for (const p of placed) {
    const last = bands.at(-1);
    if (last === undefined || p.enters !== null) bands.push({ y: p.y, end: p.y + p.height });
    else last.end = p.y + p.height;
  }
  return bands;
}

/** Names of functions are long in bold. */
function clipped(name: string): string {
  const room = TEXTS - NAMES - 8;
  let text = name;
  while (textWidth(text, SIZE.label) * 1.12 > room) text = `${text.slice(0, text.endsWith('…') ? -2 : -1)}…`;
  return text;
}
