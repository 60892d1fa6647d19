/** What a run says about itself, with its place. */
import type { Span } from '../../machine/index.js';
import type { Diagnostic, Judgement } from '../api.js';
import { diagnose } from '../messages/diagnostics.js';
import type { Arguments, Code } from '../messages/messages.js';
import type { Evidence } from './expectation.js';
import type { Run } from './run.js';

/** What goes wrong in a function of an earlier cell is told where it was called. */
export function diagnoseIn<C extends Code>({ elsewhere, source }: Run, span: Span, code: C, ...args: Arguments<C>): Diagnostic {
  if (elsewhere === undefined) return diagnose(source, 'run', span, code, ...args);
  const found = diagnose(elsewhere.source, 'run', elsewhere.span, code, ...args);
  return { ...found, hint: `in \`${elsewhere.name}\`: ${source.line(source.position(span.start).line).trim()}` };
}

export function complain({ say }: Run, diagnostic: Diagnostic, values: readonly Evidence[] = []): void {
  say({ type: 'diagnostic', diagnostic: values.length === 0 ? diagnostic : { ...diagnostic, values } });
}

/** What a function of an earlier cell judges is counted where it was called. */
export function judged({ verdicts, elsewhere }: Run, kind: Judgement['kind'], span: Span, verdict: 'held' | 'failed' | 'undecided'): void {
  verdicts.note(kind, elsewhere?.span ?? span, verdict);
}
