/** The real language, model and pictures, each loaded when first asked for. */
import type { KernelDeps, Plot } from './deps.js';

export function productDeps(): KernelDeps {
  let plot: Promise<Plot> | undefined;
  return {
    session: async () => {
      const [{ createSession }, { createMachines }] = await Promise.all([import('../dsl/index.js'), import('../sim/index.js')]);
      return createSession(createMachines());
    },
    plot: () => (plot ??= import('../plot/index.js')),
  };
}
