/**
 * Views and charts as MIME bundles. A chart carries Vega-Lite for JupyterLab and VS Code, a PNG for
 * everything else and text for terminals, and no more: text/html would outrank the chart in
 * JupyterLab, and an SVG comes out blank in nbconvert's pages.
 */
import type { Shown } from '../dsl/api.js';
import type { View } from '../machine/index.js';
import { plain, type Bundle } from './cells/bundle.js';
import type { KernelDeps } from './deps.js';
import { messages } from './drawing/messages.js';
import type { PaintOptions } from './drawing/painter.js';
import { svgToPng } from './png.js';

export const VEGA_LITE = 'application/vnd.vegalite.v5+json';

export async function viewBundle(deps: KernelDeps, view: View, signal?: AbortSignal): Promise<Bundle> {
  const plot = await deps.plot();
  const text = plot.viewText(view);
  const spec = plot.viewSpec(view);
  if (spec !== null) return chartBundle(deps, spec, text, { foreign: false, signal });
  const table = plot.viewHtml(view);
  return table === null ? plain(text) : { data: { ...plain(text).data, 'text/html': table }, metadata: {} };
}

/** The value of a cell: a table reads better as one. */
export async function shownBundle(deps: KernelDeps, { text, view }: Shown): Promise<Bundle> {
  const table = view === undefined ? null : (await deps.plot()).viewHtml(view);
  return table === null ? plain(text) : { data: { ...plain(text).data, 'text/html': table }, metadata: {} };
}

/** @throws SetupError when a foreign chart cannot be drawn */
export async function chartBundle(deps: KernelDeps, spec: object, text: string, options: PaintOptions): Promise<Bundle> {
  const svg = await deps.draw(spec, options);
  const { png, width, height } = await svgToPng(svg).catch((error: unknown) => {
    throw options.foreign ? messages.undrawable(error instanceof Error ? error.message : String(error)) : error;
  });
  return {
    data: { [VEGA_LITE]: spec, 'image/png': png.toString('base64'), ...plain(text).data },
    metadata: { 'image/png': { width, height } },
  };
}
