/** Runs text of the language in the session and passes its output to a cell. */
import type { Output, RunResult } from '../../dsl/api.js';
import { assertUnreachable, InvariantViolation, ScenarioError, SetupError } from '../../machine/index.js';
import { viewBundle } from '../charts.js';
import type { KernelDeps } from '../deps.js';
import type { SharedSession } from '../session.js';
import { plain } from './bundle.js';
import type { CellContext } from './context.js';
import { diagnosticsError, diagnosticText } from './diagnostics.js';
import { interrupted, plainError, type CellError } from './error.js';
import { ProgressLine } from './progress.js';

export interface Scenarios {
  readonly deps: KernelDeps;
  readonly session: SharedSession;
}

export type ScenarioOutcome = { readonly result: RunResult; readonly error?: CellError };

export async function runScenario({ deps, session }: Scenarios, text: string, { output, signal }: CellContext): Promise<ScenarioOutcome> {
  const warned = new Set<unknown>();
  const progress = new ProgressLine(output);
  const onOutput = (said: Output): void => {
    switch (said.type) {
      case 'text':
        return output.stream('stdout', said.text);
      case 'view':
        return output.draw(() => viewBundle(deps, said.view, signal));
      case 'refused':
        return output.display(plain(said.text));
      case 'diagnostic':
        // Errors are reported together, when the run is over.
        if (said.diagnostic.severity === 'error' || warned.has(said.diagnostic)) return;
        warned.add(said.diagnostic);
        return output.stream('stderr', diagnosticText(text, said.diagnostic));
      case 'progress':
        return progress.at(said.done, said.total);
      case 'exploring':
        // A front end shows the result when it is there.
        return;
      default:
        return assertUnreachable(said);
    }
  };
  const result = await session.run(text, { mode: 'cell', onOutput, signal });
  for (const diagnostic of result.diagnostics) onOutput({ type: 'diagnostic', diagnostic });
  return { result, error: errorOf(text, result) };
}

function errorOf(text: string, result: RunResult): CellError | undefined {
  if (result.outcome === 'interrupted') return interrupted();
  if (result.ok) return undefined;
  const errors = result.diagnostics.filter((d) => d.severity === 'error');
  return errors.length > 0 ? diagnosticsError(text, errors) : plainError('RunError', 'the cell failed and did not say why');
}

/** What the three errors of this project look like in a notebook; undefined for anything else. */
export function projectError(e: unknown): CellError | undefined {
  if (e instanceof SetupError || e instanceof ScenarioError) return plainError(e.name, e.message, ...(e.hint === undefined ? [] : [`  help: ${e.hint}`]));
  if (e instanceof InvariantViolation) return plainError(e.name, e.message, 'This is a bug in mremap-lab: please report it with the cell.');
  return undefined;
}
