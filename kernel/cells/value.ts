/** The value of a TypeScript cell's last expression, as a MIME bundle. */
import { inspect } from 'node:util';
import { chartBundle } from '../charts.js';
import type { KernelDeps } from '../deps.js';
import { plain, type Bundle } from './bundle.js';
import { chartSummary, isVegaLite, toVegaLite } from './vega-lite.js';

/** @throws SetupError when it is a chart that cannot be drawn */
export async function valueBundle(deps: KernelDeps, value: unknown, signal?: AbortSignal): Promise<Bundle> {
  if (!isVegaLite(value)) return plain(inspect(value));
  const spec = toVegaLite(value);
  return chartBundle(deps, spec, chartSummary(spec), { foreign: true, signal });
}
