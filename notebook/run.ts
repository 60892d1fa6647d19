/** Runs the code cells of a notebook in order, in the real kernel process, and records what they put out. */
import { KernelClient, type Execution } from './client.js';
import type { KernelOptions } from './kernel-process.js';
import { messages } from './messages.js';
import { hasTag, isExecutable, isOurs, isSkipped, kernelName, type Cell, type CellOutput, type CodeCell, type Notebook } from './nbformat.js';
import { notRaised, readReport, type CellReport } from './report.js';

export interface CellRun {
  /** As in `In [n]`. */
  readonly number: number;
  /** Position among all cells of the notebook. */
  readonly index: number;
  readonly source: string;
  readonly outcome: CellReport['outcome'];
  /** It failed, and its tag `raises-exception` says that it should. */
  readonly expected: boolean;
  readonly report: CellReport;
  readonly outputs: readonly CellOutput[];
  /** What went wrong, where it is none of the cell's own diagnostics. */
  readonly problem?: string;
}

export type SkippedCell = Pick<CellRun, 'index' | 'source'>;

export interface NotebookRun {
  /** With the fresh outputs. Cells after one that stopped the run have none. */
  readonly notebook: Notebook;
  /** The cells that ran. */
  readonly cells: readonly CellRun[];
  /** The cells that a tag leaves out. */
  readonly skipped: readonly SkippedCell[];
  /** Code cells that did not run because an earlier one failed. */
  readonly left: number;
  readonly ok: boolean;
}

export interface RunNotebookOptions extends KernelOptions {
  /** For each cell. */
  readonly timeoutSeconds?: number;
  readonly onCell?: (cell: CodeCell, number: number) => void;
  readonly onOutput?: (output: CellOutput) => void;
  readonly onCellDone?: (run: CellRun) => void;
}

/** @throws SetupError when the notebook is for another kernel, or ours does not start. */
export async function runNotebook(notebook: Notebook, options: RunNotebookOptions = {}): Promise<NotebookRun> {
  if (!isOurs(notebook)) throw messages.otherKernel(kernelName(notebook) ?? '');
  const client = await KernelClient.start(options);
  try {
    return await runCells(notebook, client, options);
  } finally {
    await client.close();
  }
}

async function runCells(notebook: Notebook, client: KernelClient, options: RunNotebookOptions): Promise<NotebookRun> {
  const cells: CellRun[] = [];
  const skipped: SkippedCell[] = [];
  // An execution's outputs can change until the last cell has run: a display may be updated.
  const executions = new Map<Cell, Execution>();
  let stopped = false;
  let left = 0;
  for (const [index, cell] of notebook.cells.entries()) {
    if (!isExecutable(cell)) continue;
    if (isSkipped(cell)) {
      skipped.push({ index, source: cell.source });
      continue;
    }
    if (stopped) {
      left++;
      continue;
    }
    const number = cells.length + 1;
    options.onCell?.(cell, number);
    const execution = await client.execute(cell.source, options);
    executions.set(cell, execution);
    const run = cellRun(cell, index, number, execution);
    cells.push(run);
    options.onCellDone?.(run);
    stopped = run.outcome !== 'ok' && !run.expected;
  }
  return {
    notebook: {
      ...notebook,
      metadata: { ...notebook.metadata, language_info: client.languageInfo ?? notebook.metadata['language_info'] },
      cells: notebook.cells.map((cell) => executed(cell, executions.get(cell))),
    },
    cells,
    skipped,
    left,
    ok: !stopped,
  };
}

function cellRun(cell: CodeCell, index: number, number: number, execution: Execution): CellRun {
  const raises = hasTag(cell, 'raises-exception');
  const found = readReport(execution);
  const report: CellReport = raises && execution.status === 'ok' ? { ...found, outcome: 'failed', diagnostics: [...found.diagnostics, notRaised()] } : found;
  // A kernel that died or hangs runs no further cell, whatever the tags say.
  const expected = raises && execution.status === 'error';
  const { outputs, problem } = execution;
  return { number, index, source: cell.source, outcome: report.outcome, expected, report, outputs, problem };
}

function executed(cell: Cell, execution: Execution | undefined): Cell {
  if (cell.cell_type !== 'code' || isSkipped(cell)) return cell;
  if (execution === undefined) return { ...cell, execution_count: null, outputs: [] };
  const problem: CellOutput[] =
    execution.problem === undefined ? [] : [{ output_type: 'error', ename: 'KernelProblem', evalue: execution.problem, traceback: [execution.problem] }];
  return { ...cell, execution_count: execution.executionCount, outputs: [...execution.outputs, ...problem] };
}
