/** Runs one notebook in the real kernel process. */
import { dirname } from 'node:path';
import { checkOutputs, exportNotebook, runNotebook, stripAnsi, type CellOutput, type CellRun, type NotebookRun } from '../notebook/index.js';
import { EXIT, isUndecided, type ExitCode } from './exit.js';
import type { Input } from './input.js';
import { writing } from './out-dir.js';
import { block } from './report/block.js';
import { notebookCases } from './report/cases.js';
import type { FileReport, PlacedDiagnostic } from './report/file-report.js';
import { withParameters } from './parameters.js';
import { outputDiagnostic } from './report/output-difference.js';
import { undrawnWarning } from './report/undrawn.js';
import type { Reporter } from './report/reporter.js';
import { notebookSummary } from './report/summary.js';
import type { FileOptions } from './run-options.js';

export async function runNotebookFile({ file, notebook: given }: Extract<Input, { kind: 'notebook' }>, options: FileOptions): Promise<FileReport> {
  const { reporter } = options;
  const { notebook, warnings } = withParameters(given, options.parameters ?? []);
  for (const warning of warnings) reporter.diagnose(warning, '');
  const run = await runNotebook(notebook, {
    cwd: dirname(file),
    model: options.kernel,
    timeoutSeconds: options.timeout,
    onCell: (_cell, number) => reporter.cell(number),
    onOutput: (output) => tellOutput(output, reporter),
    onCellDone: (cell) => tellFailure(cell, reporter),
  });
  const differences = options.checkOutputs === true ? checkOutputs(notebook, run).map(outputDiagnostic) : [];
  for (const difference of differences) reporter.diagnose(difference, '');

  const { out } = options;
  const written = out === undefined ? undefined : await writing(out, () => exportNotebook(run.notebook, file, out, { inSite: options.site, slim: options.slim }));
  const undrawn = (written?.undrawn ?? []).map(undrawnWarning);
  for (const warning of undrawn) reporter.diagnose(warning, '');
  const diagnostics = [...warnings, ...undrawn, ...run.cells.flatMap(diagnosticsOf), ...differences];
  const counted = { statements: sum(run.cells, (c) => c.report.statements), expectations: expectationsOf(run.cells) };
  return {
    file,
    ok: run.ok && differences.length === 0,
    exit: exitCode(run, differences),
    ...counted,
    diagnostics,
    judgements: run.cells.flatMap(({ number, report }) => report.judgements.map((j) => ({ ...j, cell: number }))),
    races: run.cells.flatMap((c) => c.report.races),
    cases: notebookCases(file, run, differences),
    summary: notebookSummary(run, { ...counted, charts: written?.charts.length ?? 0, differences: differences.length }),
    ...(written === undefined ? {} : { page: written.page, entry: written.entry }),
  };
}

function tellOutput(output: CellOutput, reporter: Reporter): void {
  switch (output.output_type) {
    case 'stream':
      return reporter.say(() => output.text);
    case 'display_data':
    case 'execute_result': {
      const text = output.data['text/plain'];
      return typeof text === 'string' ? reporter.say(() => block(text)) : undefined;
    }
    case 'error':
      // Told with its place in the notebook once the cell is over.
      return;
  }
}

function tellFailure(cell: CellRun, reporter: Reporter): void {
  if (cell.outcome === 'ok') return;
  const traceback = cell.outputs.flatMap((output) => (output.output_type === 'error' ? output.traceback : [])).map(stripAnsi);
  if (cell.expected) return reporter.say(() => `${traceback.join('\n')}\n(as expected: the cell is tagged raises-exception)\n`);
  for (const diagnostic of diagnosticsOf(cell)) {
    if (diagnostic.severity !== 'error') continue;
    // Without a place in the language the first line of the cell explains nothing; the traceback may.
    const placed = !diagnostic.code.startsWith('cell-');
    reporter.diagnose(diagnostic, placed ? cell.source : '');
    if (!placed && traceback.length > 1) reporter.say(() => `${traceback.slice(1).join('\n')}\n`);
  }
}

/** What a cell that is meant to fail says about it is no mistake. */
const diagnosticsOf = ({ number, expected, report }: CellRun): PlacedDiagnostic[] =>
  report.diagnostics.filter((d) => !(expected && d.severity === 'error')).map((d) => ({ ...d, cell: number }));

const expectationsOf = (cells: readonly CellRun[]): FileReport['expectations'] => ({
  held: sum(cells, (c) => c.report.expectations.held),
  failed: sum(cells, (c) => (c.expected ? 0 : c.report.expectations.failed)),
});

const sum = (cells: readonly CellRun[], of: (cell: CellRun) => number): number => cells.reduce((total, cell) => total + of(cell), 0);

function exitCode(run: NotebookRun, differences: readonly unknown[]): ExitCode {
  if (run.cells.some((cell) => cell.outcome === 'rejected' && !cell.expected)) return EXIT.unusable;
  if (differences.length === 0 && !run.ok && isUndecided(run.cells.flatMap(diagnosticsOf))) return EXIT.undecided;
  return run.ok && differences.length === 0 ? EXIT.ok : EXIT.failed;
}
