/**
 * A notebook to be kept in a repository: of each chart a small picture, which GitHub and nbviewer show, and a
 * fingerprint in place of its Vega-Lite, so that `--check-outputs` still notices when another chart comes out.
 * The Vega-Lite comes back with the next run.
 */
import { createHash } from 'node:crypto';
import { draw } from '../kernel/index.js';
import { specOf, type Charts } from './charts.js';
import { canonicalJson, isObject } from './json.js';
import type { CellOutput, MimeBundle, Notebook } from './nbformat.js';
import { palettePng } from './palette-png.js';

/** One pixel of the picture for one of the chart: as the chart is meant to be seen, if not sharp on every screen. */
const ZOOM = 1;

export async function slimNotebook(notebook: Notebook, charts: Charts): Promise<Notebook> {
  const pictures = new Map<CellOutput, CellOutput>();
  for (const [output, { svg }] of charts) {
    if (!('data' in output)) continue;
    const { pixels, width, height } = (await draw(svg, ZOOM)).image;
    const picture = palettePng(pixels, width, height).toString('base64');
    const slim = withFingerprint(output);
    pictures.set(output, { ...slim, data: { ...slim.data, 'image/png': picture }, metadata: { ...slim.metadata, 'image/png': { width, height } } });
  }
  return {
    ...notebook,
    cells: notebook.cells.map((cell) => (cell.cell_type === 'code' ? { ...cell, outputs: cell.outputs.map((output) => pictures.get(output) ?? output) } : cell)),
  };
}

/** What a slim output says of its chart; undefined for others. */
export function fingerprintOf(output: CellOutput): string | undefined {
  if (!('metadata' in output)) return undefined;
  const { mremap_lab: mark } = output.metadata;
  return isObject(mark) && typeof mark['chart'] === 'string' ? mark['chart'] : undefined;
}

/** The output with its chart, if it has one, known by the fingerprint alone. */
export function withFingerprint<T extends Extract<CellOutput, { data: MimeBundle }>>(output: T): T {
  const spec = specOf(output);
  if (spec === undefined) return output;
  const data = Object.fromEntries(Object.entries(output.data).filter(([, value]) => value !== spec));
  const { mremap_lab: mark } = output.metadata;
  return { ...output, data, metadata: { ...output.metadata, mremap_lab: { ...(isObject(mark) ? mark : {}), chart: fingerprint(spec) } } };
}

const fingerprint = (spec: object): string => `sha256:${createHash('sha256').update(canonicalJson(spec)).digest('hex')}`;
