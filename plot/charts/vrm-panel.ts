/** What mremap carries from stage to stage (vrm), as a table through time: a line for every step that changed it. */
import { textWidth, wrap } from '../labels.js';
import { plane, rules, texts, type Panel, type Row } from '../spec.js';
import { INK, PLANE, SIZE } from '../theme.js';
import type { VrmTable } from '../vrm-table.js';

const LINE = 18;
const NUMBERS = 40;
const GAP = 12;

export function vrmPanel({ constant, varying, rows }: VrmTable): Panel {
  const throughout = constant.length === 0 ? [] : wrap(`throughout: ${constant.map(([f, text]) => `${f} ${text}`.replaceAll(' ', '\u00a0')).join(', ')}`, 112);
  const top = throughout.length * 14 + 6;
  const ends = columnEnds(
    varying,
    rows.map((r) => r.texts),
  );
  const at = (i: number): number => (i === 0 ? NUMBERS : (ends[i - 1] ?? 0) + GAP);
  const y = (i: number): number => top + (i + 0.5) * LINE;
  const cell = (text: string, column: number, line: number, ink: string): Row => ({
    x: at(column),
    y: y(line),
    text: fitting(text, (ends[column] ?? PLANE) - at(column)),
    full: text,
    ink,
  });
  const shown = varying.length === 0 ? [] : rows;
  const cells = shown.flatMap((r, line) => r.texts.flatMap((text, i) => (text === '' ? [] : [{ ...cell(text, i, line + 1, INK.text), first: r.step }])));
  const height = top + (shown.length === 0 ? 0 : (shown.length + 1) * LINE) + 4;
  return plane(
    height,
    [
      texts(
        throughout.map((text, i) => ({ x: 0, y: (i + 0.5) * 14, text, ink: INK.quiet })),
        { size: SIZE.small, align: 'left' },
      ),
      rules(shown.map((_, i) => ({ x: 0, x2: PLANE, y: top + (i + 1) * LINE, y2: top + (i + 1) * LINE, ink: INK.grid }))),
      texts(shown.length === 0 ? [] : [{ x: NUMBERS - 8, y: y(0), text: 'step', ink: INK.quiet }], { size: SIZE.small, align: 'right' }),
      texts(shown.length === 0 ? [] : varying.map((f, i) => cell(f, i, 0, INK.quiet)), { size: SIZE.small, align: 'left', bold: true, tip: [['full', 'field']] }),
      texts(
        shown.map((r, i) => ({ x: NUMBERS - 8, y: y(i + 1), text: String(r.step), ink: INK.quiet, first: r.step })),
        { size: SIZE.small, align: 'right', played: true },
      ),
      texts(cells, { size: SIZE.small, align: 'left', played: true, tip: [['full', 'value']] }),
    ],
    { title: 'What vrm (struct vma_remap_struct) holds: a field is written where a step changed it', rows: [], clip: true },
  );
}

/** As wide as what they hold; where that is too wide, the widest give way. */
function columnEnds(heads: readonly string[], rows: readonly (readonly string[])[]): number[] {
  const widths = heads.map((head, i) => Math.max(textWidth(head, SIZE.small) * 1.12, ...rows.map((r) => textWidth(r[i] ?? '', SIZE.small))) + 2);
  const room = PLANE - NUMBERS - GAP * Math.max(0, heads.length - 1);
  for (let over = sum(widths) - room; over > 0.5; over = sum(widths) - room) {
    const widest = Math.max(...widths);
    const at = widths.indexOf(widest);
    widths[at] = Math.max(widest - over, widest * 0.9);
  }
  let x = NUMBERS;
  return widths.map((w, i) => (x += w + (i === 0 ? 0 : GAP)));
}

const sum = (numbers: readonly number[]): number => numbers.reduce((n, w) => n + w, 0);

function fitting(text: string, width: number): string {
  if (textWidth(text, SIZE.small) <= width + 1) return text;
  let end = text.length - 1;
  while (end > 1 && textWidth(`${text.slice(0, end)}…`, SIZE.small) > width) end--;
  return `${text.slice(0, end)}…`;
}
