/** Specification -> SVG, without a canvas or a browser. */
import type { VegaLiteSpec } from './spec.js';

/**
 * The same text for the same specification. Vega is loaded on the first call: it takes longer
 * than most scenarios do to run.
 */
export async function specToSvg(spec: VegaLiteSpec): Promise<string> {
  const [{ compile }, vega] = await Promise.all([import('vega-lite'), import('vega')]);
  const view = new vega.View(vega.parse(compile(spec).spec), { renderer: 'none', logLevel: vega.Error });
  try {
    return await view.toSVG();
  } finally {
    view.finalize();
  }
}
