/** Replays one log of strace, line by line: nothing of it is held. */
import { setFlagsFromString } from 'node:v8';
import type { Diagnostic } from '../dsl/api.js';
import { formatDiagnostic } from '../dsl/index.js';
import { LogReplay, type LogResult } from '../dsl/logs/index.js';
import type { View } from '../machine/index.js';
import { viewSpec, viewText } from '../plot/index.js';
import { createMachines } from '../sim/index.js';
import { EXIT } from './exit.js';
import type { Input } from './input.js';
import { eachLine } from './lines.js';
import { logError } from './messages.js';
import { readModelOption } from './model.js';
import { outName, writeCharts } from './out-dir.js';
import { block } from './report/block.js';
import type { Case, FileReport } from './report/file-report.js';
import { logSummary } from './report/summary.js';
import type { FileOptions } from './run-options.js';

/**
 * How much V8 inlines into one function, in bytes. A replay is over in seconds: with the usual 920 the compiler's
 * threads take nearly as long as the replay, which is no faster for it.
 */
const MOST_INLINED = 300;

export async function runLog({ file, source }: Extract<Input, { kind: 'log' }>, options: FileOptions): Promise<FileReport> {
  setFlagsFromString(`--max-inlined-bytecode-size-cumulative=${MOST_INLINED}`);
  const { reporter, timeout, touched } = options;
  const model = options.kernel === undefined ? undefined : readModelOption(options.kernel);
  const onDiagnostic = (diagnostic: Diagnostic): void => reporter.diagnose(diagnostic, '');
  const replay = new LogReplay(createMachines(), { model, machine: options.machine, touched, keepsMoves: options.keepsMoves, onDiagnostic });
  const until = timeout === undefined ? Infinity : performance.now() + timeout * 1000;
  let stopped = false;
  try {
    await eachLine(source, (line) => replay.line(line), { goesOn: () => !(stopped = performance.now() > until) });
  } catch (error) {
    throw logError(file, error);
  }
  const result = replay.end();
  const view: View = { what: 'log', log: result.summary, model: result.model };
  reporter.say(() => block(viewText(view)));
  const charts = options.out === undefined ? [] : await writeCharts(options.out, outName(file), [viewSpec(view)]);
  const { lines, account, replayed, skipped, unread, assumed, explained, claims } = result.summary;
  const ok = result.ok && !stopped && !(options.strict === true && result.doubtful);
  return {
    file,
    ok,
    exit: ok ? EXIT.ok : EXIT.failed,
    statements: replayed,
    expectations: { held: 0, failed: 0 },
    judgements: [],
    diagnostics: result.diagnostics,
    races: [],
    log: { lines, account, replayed, skipped, unread, assumed, explained, claims, mremaps: result.mremaps },
    cases: cases(file, result),
    summary: logSummary(result.summary, { charts: charts.length, timeout: stopped ? timeout : undefined }),
  };
}

/** What a test report counts: one case for what went well, one for each line that did not. */
function cases(file: string, { summary: { claims, unread }, diagnostics }: LogResult): Case[] {
  const errors = diagnostics.filter((d) => d.severity === 'error');
  const failed = errors.map((d): Case => {
    const status = d.code === 'claim-failed' || d.code === 'log-impossible' ? 'failed' : 'error';
    return { name: `line ${d.line}: ${d.excerpt ?? ''}`, status, message: d.message, details: formatDiagnostic(file, '', d) };
  });
  const rest = claims.contradicted + unread - errors.length;
  if (rest > 0) failed.push({ name: 'further lines', status: 'failed', message: `${rest} more lines of these kinds` });
  return [{ name: `${claims.held + claims.placed} claims hold`, status: 'passed' }, ...failed];
}
