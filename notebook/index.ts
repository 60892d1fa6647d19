/** Notebooks without a browser: read, run in the real kernel process, compare, export. */
export { checkOutputs, type OutputDifference } from './check-outputs.js';
export type { Undrawn } from './charts.js';
export { untilDone } from './cleanup.js';
export { exportNotebook, type Exported } from './export.js';
export { joinCells, type JoinedCells, type NumberedCell } from './joined-cells.js';
export type { CellOutput, CodeCell, Notebook } from './nbformat.js';
export { isExecutable, kernelName } from './nbformat.js';
export { injectParameters, inLanguage, parametersCell, type Parameter } from './parameters.js';
export { readNotebook } from './read.js';
export type { CellReport } from './report.js';
export { stripAnsi } from './ansi.js';
export { runNotebook, type CellRun, type NotebookRun, type SkippedCell, type RunNotebookOptions } from './run.js';
export { SITE_INDEX, writeSite, type SiteEntry } from './site.js';
export { writeNotebook } from './write.js';
