/** Specification -> SVG, without a canvas or a browser. */
import type * as Vega from 'vega';
import type { LoggerInterface, Runtime, ViewOptions } from 'vega';
import { SetupError } from '../machine/index.js';
import type { VegaLiteSpec } from './spec.js';

/**
 * Draws a specification; the same one always gives the same text. Vega is loaded on the first call: it takes longer
 * than most scenarios do to run.
 * @throws SetupError when the specification wants something loaded: a chart holds all it needs.
 */
export async function specToSvg(spec: VegaLiteSpec): Promise<string> {
  const [{ compile }, vega] = await Promise.all([import('vega-lite'), import('vega')]);
  const url = urlIn(spec);
  if (url !== undefined) throw refusal(url);
  return draw(vega, vega.parse(compile(spec).spec), {});
}

/**
 * Draws a specification from elsewhere, after `cleanSpec`. Its expressions are interpreted, while Vega otherwise
 * compiles them to functions. Errors of Vega are passed on, and it may never return.
 */
export async function foreignSpecToSvg(spec: VegaLiteSpec): Promise<string> {
  const [{ compile }, vega, { expressionInterpreter }] = await Promise.all([import('vega-lite'), import('vega'), import('vega-interpreter')]);
  const silent = { level: () => silent, error: () => silent, warn: () => silent, info: () => silent, debug: () => silent } as unknown as LoggerInterface;
  return draw(vega, vega.parse(compile(spec, { logger: silent }).spec, undefined, { ast: true }), { expr: expressionInterpreter, logger: silent });
}

async function draw(vega: typeof Vega, runtime: Runtime, options: ViewOptions & { readonly expr?: unknown }): Promise<string> {
  const loader = { load: refuse, sanitize: refuse, http: refuse, file: refuse };
  const view = new vega.View(runtime, { renderer: 'none', logLevel: vega.Error, loader, ...options });
  try {
    return renumbered(await view.toSVG());
  } finally {
    view.finalize();
  }
}

/** Vega numbers clipping regions through the life of the process. */
function renumbered(svg: string): string {
  const ids = new Map<string, string>();
  return svg.replace(/(?<=url\(#|\sid=")clip\d+/g, (id) => {
    const own = ids.get(id) ?? `clip${ids.size + 1}`;
    ids.set(id, own);
    return own;
  });
}

const refusal = (url: string): SetupError =>
  new SetupError(`the chart wants to load ${url}, and charts are drawn without a network`, 'put the data into the specification, as `values`');

const refuse = (url: string): Promise<never> => Promise.reject(refusal(url));

/** The first address in a specification from which something would be loaded: data, or an image. */
function urlIn(part: unknown): string | undefined {
  if (typeof part !== 'object' || part === null) return undefined;
  for (const [key, value] of Object.entries(part)) {
    if (key === 'url' && typeof value === 'string') return value;
    // Rows are data: a column may be called anything.
    const found = key === 'values' ? undefined : urlIn(value);
    if (found !== undefined) return found;
  }
  return undefined;
}
