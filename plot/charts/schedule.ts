/** A schedule drawn: a lane for each CPU, time to the right, under it the locks it holds as bars; the step that breaks something marked. */
import type { Schedule } from '../../machine/index.js';
import { wrap } from '../labels.js';
import { chart, plane, rects, rules, texts, type Row, type RowName, type VegaLiteSpec } from '../spec.js';
import { INK, PLANE, REFUSED_COLOUR, SIZE } from '../theme.js';

/** The functions of a lane, and under them its steps. */
const TURN = 20;
const TICK = 8;
const LANE = TURN + 2 + TICK;
const BAR = 14;
const GAP = 4;
/** Between the lanes of two CPUs. */
const APART = 16;
/** A row of names of what was broken, above the lanes. */
const HEAD = 14;

const CPU_COLOUR = ['#56b4e9', '#e69f00', '#009e73', '#cc79a7', '#f0e442', '#0072b2', '#d55e00', '#999999'];
const LOCK_COLOUR = '#d9dee5';

interface Held {
  readonly cpu: number;
  readonly name: string;
  readonly from: number;
  to: number;
  row: number;
}

/** Null where nothing was done. */
export function scheduleChart(schedule: Schedule): VegaLiteSpec | null {
  const { rows, threads } = schedule;
  if (rows.length === 0) return null;
  const step = PLANE / rows.length;
  const held = locksHeld(schedule);
  const at = (i: number): number => i * step;
  const marks = marksOf(schedule, at);
  const top = 12 + HEAD * Math.max(1, ...marks.map((m) => m.row + 1));
  const lanes: number[] = [];
  let y = top;
  threads.forEach((_, cpu) => {
    lanes.push(y);
    y += LANE + GAP + Math.max(0, ...held.filter((h) => h.cpu === cpu).map((h) => h.row + 1)) * (BAR + GAP) + APART;
  });
  const names: RowName[] = threads.map((name, cpu) => ({ y: (lanes[cpu] ?? 0) + TURN / 2, text: `CPU ${cpu}: ${name}` }));
  const boxes = rows.map((row, i): Row => {
    const top = lanes[row.cpu] ?? 0;
    const broken = row.breaks.length > 0;
    return {
      x: at(i) + 1,
      x2: at(i + 1) - 1,
      y: top + TURN + 2,
      y2: top + LANE,
      fill: CPU_COLOUR[row.cpu % CPU_COLOUR.length] ?? INK.line,
      stroke: broken ? REFUSED_COLOUR : INK.ground,
      step: `${i + 1} of ${rows.length}`,
      fn: `${row.fn}()`,
      say: row.say,
      changes: row.changes.join('; ') || 'nothing that others see',
      breaks: row.breaks.join(', ') || 'nothing',
    };
  });
  const bars = held.map((h): Row => {
    const top = (lanes[h.cpu] ?? 0) + LANE + GAP + h.row * (BAR + GAP);
    return { x: at(h.from) + 1, x2: at(h.to) - 1, y: top, y2: top + BAR, fill: LOCK_COLOUR, stroke: INK.line, lock: h.name, held: `from step ${h.from + 1} to ${h.to}` };
  });
  const labels = held.flatMap((h): Row[] => {
    if (!fits(h.name, at(h.to) - at(h.from))) return [];
    return [{ x: (at(h.from) + at(h.to)) / 2, y: (lanes[h.cpu] ?? 0) + LANE + GAP + h.row * (BAR + GAP) + BAR / 2, text: h.name, ink: INK.text }];
  });
  const height = y;
  const heads = marks.map(({ x, text, row }): Row => ({ x, y: HEAD / 2 + row * HEAD, text, ink: REFUSED_COLOUR }));
  const lines = marks.map(({ i, row }): Row => ({ x: at(i + 0.5), x2: at(i + 0.5), y: (row + 1) * HEAD, y2: height - APART, ink: REFUSED_COLOUR }));
  const turns = turnsOf(schedule);
  const blocks = turns.map(({ cpu, from, to, text }): Row => {
    const top = lanes[cpu] ?? 0;
    return { x: at(from) + 1, x2: at(to) - 1, y: top, y2: top + TURN, fill: CPU_COLOUR[cpu % CPU_COLOUR.length] ?? INK.line, fn: `${text}()` };
  });
  const runs = turns.flatMap(({ cpu, from, to, text }): Row[] =>
    fits(text, at(to) - at(from)) ? [{ x: (at(from) + at(to)) / 2, y: (lanes[cpu] ?? 0) + TURN / 2, text, ink: INK.text }] : [],
  );
  const title = `${schedule.race === '' ? 'Race' : `Race ${schedule.race}`}, schedule ${schedule.id}`;
  const said = schedule.broken.map((b) => b.sentence).join('; ') || 'nothing is broken';
  return chart({ title, subtitle: [...wrap(said, 100), `${rows.length} steps on ${schedule.model}; bars are locks held`], description: `${title}: ${said}.` }, [
    plane(
      height,
      [
        rules(lines, { dash: [4, 3] }),
        rects(boxes, {
          framed: true,
          width: 2,
          tip: [
            ['step', 'step'],
            ['fn', 'function'],
            ['say', 'what'],
            ['changes', 'changes'],
            ['breaks', 'breaks'],
          ],
        }),
        rects(blocks, { tip: [['fn', 'function']] }),
        rects(bars, {
          framed: true,
          tip: [
            ['lock', 'lock'],
            ['held', 'held'],
          ],
        }),
        texts(runs, { size: SIZE.label }),
        texts(labels, { size: SIZE.label }),
        texts(heads, { size: SIZE.label, bold: true }),
      ],
      { rows: names },
    ),
  ]);
}

interface Mark {
  readonly i: number;
  readonly text: string;
  readonly x: number;
  readonly row: number;
}

/** What each step broke, written above it: in a row of its own where the names would run into each other. */
function marksOf({ rows }: Schedule, at: (i: number) => number): Mark[] {
  const marks: Mark[] = [];
  rows.forEach((step, i) => {
    if (step.breaks.length === 0) return;
    const text = step.breaks.join(', ');
    const half = width(text) / 2;
    const x = Math.min(Math.max(at(i + 0.5), half), PLANE - half);
    // A row whose names all end before this one begins.
    let row = 0;
    while (marks.some((m) => m.row === row && m.x + width(m.text) / 2 + 8 > x - half)) row++;
    marks.push({ i, text, x, row });
  });
  return marks;
}

/** From the step that takes a lock to the one that drops it, or to the end; side by side where they overlap. */
function locksHeld({ rows }: Schedule): Held[] {
  const all: Held[] = [];
  const open: Held[] = [];
  rows.forEach((row, i) => {
    for (const name of row.takes) {
      const taken = new Set(open.filter((h) => h.cpu === row.cpu).map((h) => h.row));
      let free = 0;
      while (taken.has(free)) free++;
      const h: Held = { cpu: row.cpu, name, from: i, to: rows.length, row: free };
      all.push(h);
      open.push(h);
    }
    for (const name of row.drops) {
      const k = open.findIndex((h) => h.cpu === row.cpu && h.name === name);
      const h = open[k];
      if (h === undefined) continue;
      h.to = i + 1;
      open.splice(k, 1);
    }
  });
  return all;
}

/** Steps of one CPU in one function, one after the other. */
function turnsOf({ rows }: Schedule): { cpu: number; from: number; to: number; text: string }[] {
  const turns: { cpu: number; from: number; to: number; text: string }[] = [];
  rows.forEach((row, i) => {
    const last = turns.at(-1);
    if (last !== undefined && last.cpu === row.cpu && last.text === row.fn) last.to = i + 1;
    else turns.push({ cpu: row.cpu, from: i, to: i + 1, text: row.fn });
  });
  return turns;
}

const width = (text: string): number => text.length * SIZE.label * 0.62;
const fits = (text: string, room: number): boolean => width(text) + 6 <= room;
