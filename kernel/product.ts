/** The real language, model and pictures, each loaded when first asked for. */
import type { KernelDeps, Plot } from './deps.js';
import type { Painter } from './drawing/painter.js';

export function productDeps(): KernelDeps {
  let plot: Promise<Plot> | undefined;
  let painter: Promise<Painter> | undefined;
  return {
    session: async () => {
      const [{ createSession }, { createMachines }, { environmentModel }] = await Promise.all([
        import('../dsl/index.js'),
        import('../sim/index.js'),
        import('./model-override.js'),
      ]);
      const machines = createMachines();
      return createSession(machines, { model: environmentModel(machines) });
    },
    logs: async () => {
      const [{ LogReplay }, { createMachines }, { readModelOverride }] = await Promise.all([
        import('../dsl/logs/index.js'),
        import('../sim/index.js'),
        import('./model-override.js'),
      ]);
      const machines = createMachines();
      return { open: (model, onDiagnostic, start) => new LogReplay(machines, { model: readModelOverride(model, machines), onDiagnostic, ...(start !== undefined && { start }) }) };
    },
    plot: () => (plot ??= import('../plot/index.js')),
    draw: async (spec, options) => (await (painter ??= import('./drawing/painter.js').then(({ Painter }) => new Painter()))).draw(spec, options),
  };
}
