/** The charts among a notebook's outputs, drawn once for the page and for files. */
import { specToSvg, type VegaLiteSpec } from '../plot/index.js';
import { SetupError } from '../machine/index.js';
import { isObject } from './json.js';
import type { CellOutput, Notebook } from './nbformat.js';

export interface Chart {
  readonly spec: VegaLiteSpec;
  readonly svg: string;
  /** From 1, through the notebook. */
  readonly number: number;
}

export type Charts = ReadonlyMap<CellOutput, Chart>;

const CHART = /^application\/vnd\.vegalite\.v\d+(\.\d+)*\+json$/;

export function specOf(output: CellOutput): VegaLiteSpec | undefined {
  if (!('data' in output)) return undefined;
  const spec = Object.entries(output.data).find(([mime]) => CHART.test(mime))?.[1];
  return isObject(spec) ? (spec as unknown as VegaLiteSpec) : undefined;
}

export async function drawCharts(notebook: Notebook): Promise<Charts> {
  const charts = new Map<CellOutput, Chart>();
  for (const output of notebook.cells.flatMap((cell) => (cell.cell_type === 'code' ? cell.outputs : []))) {
    const spec = specOf(output);
    const svg = spec === undefined ? null : await drawn(spec);
    if (spec !== undefined && svg !== null) charts.set(output, { spec, svg, number: charts.size + 1 });
  }
  return charts;
}

/** A chart whose data are elsewhere is not drawn again: what stands beside it in the output is shown. */
async function drawn(spec: VegaLiteSpec): Promise<string | null> {
  try {
    return await specToSvg(spec);
  } catch (error) {
    if (error instanceof SetupError) return null;
    throw error;
  }
}
