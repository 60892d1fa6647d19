/** Runs one .mremap file in this process. */
import { basename } from 'node:path';
import type { Diagnostic, Output, RunResult } from '../dsl/api.js';
import { createSession } from '../dsl/index.js';
import type { View } from '../machine/index.js';
import { viewSpec, viewText } from '../plot/index.js';
import { createMachines } from '../sim/index.js';
import { readCostsFile } from './calibrate.js';
import { EXIT, isUndecided, type ExitCode } from './exit.js';
import type { Input } from './input.js';
import { readModelOption } from './model.js';
import { writeCharts } from './out-dir.js';
import { block } from './report/block.js';
import { scriptCases } from './report/cases.js';
import type { FileReport } from './report/file-report.js';
import { runSummary } from './report/summary.js';
import type { FileOptions } from './run-options.js';

export async function runScript({ file, text }: Extract<Input, { kind: 'script' }>, options: FileOptions): Promise<FileReport> {
  const { reporter, timeout } = options;
  const views: View[] = [];
  const told = new Set<Diagnostic>();
  const tell = (diagnostic: Diagnostic): void => {
    if (told.has(diagnostic)) return;
    told.add(diagnostic);
    reporter.diagnose(diagnostic, text);
  };
  const onOutput = (output: Output): void => {
    switch (output.type) {
      case 'text':
        return reporter.say(() => output.text);
      case 'view':
        views.push(output.view);
        return reporter.say(() => block(viewText(output.view)));
      case 'refused':
        return reporter.say(() => block(output.text));
      case 'progress':
        return reporter.progress(output.done, output.total);
      case 'diagnostic':
        return tell(output.diagnostic);
    }
  };

  const model = options.kernel === undefined ? undefined : readModelOption(options.kernel);
  const costs = options.costs === undefined ? undefined : await readCostsFile(options.costs);
  const session = createSession(createMachines(), { model, costs });
  const signal = timeout === undefined ? undefined : AbortSignal.timeout(timeout * 1000);
  const result = await session.run(text, { mode: 'file', onOutput, signal, ...(options.races !== undefined && { races: options.races }) });
  result.diagnostics.forEach(tell);

  const charts = options.out === undefined ? [] : await writeCharts(options.out, basename(file, '.mremap'), views.map(viewSpec));
  return {
    file,
    ok: result.ok,
    exit: exitCode(result),
    statements: result.statements,
    expectations: result.expectations,
    judgements: result.judgements,
    diagnostics: result.diagnostics,
    races: result.races,
    cases: scriptCases(file, text, result),
    summary: runSummary(result, { charts: charts.length, timeout }),
  };
}

export function exitCode({ ok, outcome, diagnostics }: Pick<RunResult, 'ok' | 'outcome' | 'diagnostics'>): ExitCode {
  if (outcome === 'rejected') return EXIT.unusable;
  if (outcome === 'failed' && isUndecided(diagnostics)) return EXIT.undecided;
  return ok ? EXIT.ok : EXIT.failed;
}
