/** How much of the move each written entry achieved: a flat curve means many entries for little memory, a steep one few entries for much. */
import type { Geometry, MoveKind } from '../../machine/index.js';
import { isRefused, type MovePlan } from '../move-marks.js';
import { panelTitle, PLAYED, type Panel, type Row } from '../spec.js';
import { KIND_COLOUR, KIND_LABEL, PLANE, ROW_NAMES } from '../theme.js';
import { addressText } from '../title.js';
import { pagesSize, plural } from '../totals.js';

const HEIGHT = 190;

/** Null where there is nothing to compare. */
export function progressPanel(g: Geometry, plan: MovePlan, playing = false): Panel | null {
  let [written, travelled] = [0, 0];
  const values: Row[] = [];
  for (const m of plan.marks) {
    if (isRefused(m.kind)) continue;
    values.push({
      kind: KIND_LABEL[m.kind],
      first: m.step,
      entries: written,
      entries2: written + m.entries,
      offset: travelled,
      offset2: travelled + m.pages,
      what: `${plural(m.entries, 'entry', 'entries')} in ${plural(m.steps, 'step')}`,
      source: addressText(g, m.old),
      destination: addressText(g, m.new),
      size: pagesSize(g, m.pages),
    });
    written += m.entries;
    travelled += m.pages;
  }
  if (written === 0 || values.length < 2) return null;
  const kinds = [...new Set(plan.marks.map((m) => m.kind))].filter((k) => !isRefused(k)).sort((a, b) => ORDER.indexOf(a) - ORDER.indexOf(b));
  const colours = { domain: kinds.map((k) => KIND_LABEL[k]), range: kinds.map((k) => KIND_COLOUR[k]) };
  return {
    title: panelTitle('What it took: wide and flat is dear, narrow and tall is cheap'),
    width: PLANE,
    height: HEIGHT,
    data: { values },
    mark: { type: 'rect', strokeWidth: 1.5, aria: false },
    encoding: {
      x: {
        field: 'entries',
        type: 'quantitative',
        scale: { domain: [0, written], nice: false },
        axis: { title: 'entries written so far', format: ',d', tickMinStep: 1, tickCount: 10, grid: false },
      },
      x2: { field: 'entries2' },
      y: {
        field: 'offset',
        type: 'quantitative',
        scale: { domain: [0, plan.pages], nice: false },
        axis: { title: 'memory covered so far', values: sizeTicks(plan.pages), labelExpr: sizeExpr(g), minExtent: ROW_NAMES - 22, maxExtent: ROW_NAMES - 22 },
      },
      y2: { field: 'offset2' },
      fill: { field: 'kind', type: 'nominal', scale: colours, legend: { title: null, orient: 'top', direction: 'horizontal', symbolType: 'square' } },
      stroke: { field: 'kind', type: 'nominal', scale: colours },
      ...(playing ? { opacity: PLAYED } : {}),
      tooltip: [
        { field: 'kind', type: 'nominal', title: 'level' },
        { field: 'what', type: 'nominal', title: 'moved' },
        { field: 'source', type: 'nominal', title: 'source' },
        { field: 'destination', type: 'nominal', title: 'destination' },
        { field: 'size', type: 'nominal', title: 'size' },
      ],
    },
  };
}

const ORDER: readonly MoveKind[] = ['pte', 'pmd', 'pud', 'skip_pmd', 'skip_pud'];

/** Four or so steps of a power of two, so that labels are whole sizes. */
function sizeTicks(pages: number): number[] {
  const step = 2 ** Math.max(0, Math.ceil(Math.log2(pages / 5)));
  return Array.from({ length: Math.floor(pages / step) + 1 }, (_, i) => i * step);
}

/** A Vega expression that writes a number of pages as a size. */
function sizeExpr(g: Geometry): string {
  const kib = 2 ** (g.pageShift - 10);
  return (
    `datum.value === 0 ? '0' : datum.value * ${kib} < 1024 ? format(datum.value * ${kib}, '~g') + 'K' : ` +
    `datum.value * ${kib} < 1048576 ? format(datum.value * ${kib} / 1024, '~g') + 'M' : ` +
    `datum.value * ${kib} < 1073741824 ? format(datum.value * ${kib} / 1048576, '~g') + 'G' : format(datum.value * ${kib} / 1073741824, '~g') + 'T'`
  );
}
