/** The charts among a notebook's outputs, drawn once for the page and for files. */
import { Painter } from '../kernel/index.js';
import { cleanSpec, type VegaLiteSpec } from '../plot/index.js';
import { SetupError } from '../machine/index.js';
import { isObject } from './json.js';
import type { CellOutput, Notebook } from './nbformat.js';

export interface Chart {
  /** The specification without anything that a page must not hold. */
  readonly spec: VegaLiteSpec;
  readonly svg: string;
  /** From 1, through the notebook. */
  readonly number: number;
}

export type Charts = ReadonlyMap<CellOutput, Chart>;

/** A chart that could not be drawn: what stands beside it in the output is shown in its place. */
export interface Undrawn {
  /** From 1: among all cells of the notebook, and among the outputs of that cell. */
  readonly cell: number;
  readonly output: number;
  readonly error: SetupError;
}

export interface Drawing {
  readonly charts: Charts;
  readonly undrawn: readonly Undrawn[];
}

const CHART = /^application\/vnd\.vegalite\.v\d+(\.\d+)*\+json$/;

export function specOf(output: CellOutput): VegaLiteSpec | undefined {
  if (!('data' in output)) return undefined;
  const spec = Object.entries(output.data).find(([mime]) => CHART.test(mime))?.[1];
  return isObject(spec) ? (spec as unknown as VegaLiteSpec) : undefined;
}

/** The outputs may come from strangers: one that is wrong does not stop the others. */
export async function drawCharts(notebook: Notebook, painter = new Painter()): Promise<Drawing> {
  const charts = new Map<CellOutput, Chart>();
  const undrawn: Undrawn[] = [];
  try {
    for (const [i, cell] of notebook.cells.entries()) {
      for (const [k, output] of (cell.cell_type === 'code' ? cell.outputs : []).entries()) {
        const stored = specOf(output);
        if (stored === undefined) continue;
        try {
          const spec = cleanSpec(stored);
          charts.set(output, { spec, svg: await painter.draw(spec, { foreign: true }), number: charts.size + 1 });
        } catch (error) {
          if (!(error instanceof SetupError)) throw error;
          undrawn.push({ cell: i + 1, output: k + 1, error });
        }
      }
    }
  } finally {
    painter.close();
  }
  return { charts, undrawn };
}
