/** `expect`: a condition, or a layout, that is to hold; a failure is told and counted, and the run goes on. */
import { ScenarioError, type Span } from '../../machine/index.js';
import { judge, type Evidence } from '../evaluating/expectation.js';
import { complain, diagnoseIn, judged } from '../evaluating/telling.js';
import type { Run } from '../evaluating/run.js';
import type { Task } from '../evaluating/task.js';
import { runError } from '../messages/diagnostics.js';
import type { Code } from '../messages/messages.js';
import type { ExpectStatement } from '../syntax/ast.js';
import type { Runner } from './runner.js';

/** A failure is told and counted; what was done stays done, and the next expectation is judged too. */
export function* expectation(by: Runner, { condition, span }: ExpectStatement): Task<void> {
  try {
    const { holds, evidence } = yield* judge(condition, by.evaluator, by.run.source);
    judged(by.run, 'expect', span, holds ? 'held' : 'failed');
    if (!holds) complain(by.run, diagnoseIn(by.run, condition.span, 'expect-failed'), evidence);
  } catch (error) {
    if (!(error instanceof ScenarioError)) throw error;
    judged(by.run, 'expect', span, 'failed');
    // That nothing is mapped there says no more than that the expectation does not hold.
    if (error.code !== ('not-mapped' satisfies Code)) throw error;
    complain(by.run, runError(error, by.run.source), []);
  }
}

/** A layout that was expected; one message tells every line that differs. */
export function compared(run: Run, span: Span, code: 'maps-differ' | 'layout-differs', lines: readonly Evidence[]): void {
  judged(run, code === 'maps-differ' ? 'maps' : 'layout', span, lines.length === 0 ? 'held' : 'failed');
  if (lines.length > 0) complain(run, diagnoseIn(run, firstLine(run, span), code), lines);
}

function firstLine({ source }: Run, { start, end }: Span): Span {
  const lineEnd = source.text.indexOf('\n', start);
  return { start, end: Math.min(end, lineEnd < 0 ? source.text.length : lineEnd) };
}
