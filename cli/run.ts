/** `mremap-lab run`: each file in turn, each to its end, whatever became of the one before. */
import { SetupError } from '../machine/errors.js';
import { worst, type ExitCode } from './exit.js';
import { mayBeLog, readInput, type Input } from './input.js';
import { messages } from './messages.js';
import { makeOutDir, refuseIndex, refuseSameNames, writing } from './out-dir.js';
import { unusable, type FileReport } from './report/file-report.js';
import { reporterFor, type Format } from './report/formats.js';
import type { FileOptions } from './run-options.js';

export interface RunCommandOptions extends Omit<FileOptions, 'reporter' | 'keepsMoves' | 'site' | 'speaks'> {
  readonly format: Format;
}

export async function run(files: readonly string[], options: RunCommandOptions): Promise<ExitCode> {
  const { out, kernel } = options;
  const site = out !== undefined && files.filter((file) => file.endsWith('.ipynb')).length > 1;
  if (options.checkOutputs === true && !files.some((file) => file.endsWith('.ipynb'))) throw messages.nothingToCompare();
  if (options.slim === true && (out === undefined || !files.some((file) => file.endsWith('.ipynb')))) throw messages.nothingToSlim();
  if ((options.parameters ?? []).length > 0 && !files.some((file) => file.endsWith('.ipynb'))) throw messages.noParameters();
  if (options.touched !== undefined && !files.some(mayBeLog)) throw messages.nothingTouched();
  if (options.costs !== undefined && !files.some((file) => file.endsWith('.mremap'))) throw messages.nothingToCost();
  if (options.races !== undefined && !files.some((file) => file.endsWith('.mremap'))) throw messages.nothingToRace();
  if (kernel !== undefined) (await import('./model.js')).readModelOption(kernel);
  if (out !== undefined) {
    refuseSameNames(files, out);
    if (site) refuseIndex(files);
    await makeOutDir(out);
  }
  const reporter = await reporterFor(options.format, files);
  const reports: FileReport[] = [];
  for (const file of files) {
    try {
      const input = await readInput(file);
      reporter.begin(file);
      const report = await runInput(input, { ...options, reporter, site, keepsMoves: options.format === 'json', speaks: options.format === 'text' });
      reporter.end(report);
      reports.push(report);
    } catch (error) {
      if (!(error instanceof SetupError)) throw error;
      const report = unusable(file, error);
      reporter.unusable(report, error);
      reports.push(report);
    }
  }
  await (await import('./apart/apart.js')).endApart();
  reporter.finish(reports, site ? await index(out, reports) : undefined);
  return worst(reports.map(({ exit }) => exit));
}

/** The page that leads to the pages of several notebooks. */
async function index(dir: string, reports: readonly FileReport[]): Promise<string | undefined> {
  const entries = reports.flatMap(({ entry }) => entry ?? []);
  if (entries.length === 0) return undefined;
  const { writeSite } = await import('../notebook/index.js');
  return writing(dir, () => writeSite(dir, entries));
}

async function runInput(input: Input, options: FileOptions): Promise<FileReport> {
  switch (input.kind) {
    case 'script':
      return (await import('./apart/apart.js')).runApart(input, options);
    case 'log':
      return (await import('./run-log.js')).runLog(input, options);
    case 'notebook':
      return (await import('./run-notebook.js')).runNotebookFile(input, options);
  }
}
