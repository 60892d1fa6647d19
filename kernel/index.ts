/** What the command line and the notebook runner need of the kernel. */
export type { CellReport } from './cell-report.js';
export { Painter } from './drawing/painter.js';
export { chartBundle, viewBundle, VEGA_LITE } from './charts.js';
export { installKernelspec, kernelMain, kernelSpec, uninstallKernelspec, KERNEL_NAME, type InstallOptions } from './kernelspec.js';
export { ScenarioFailed, type Lab } from './lab.js';
export { draw, svgToPng, type Picture } from './png.js';
