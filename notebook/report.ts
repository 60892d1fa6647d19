/** What a cell's run came to: our kernel's own account, or, for a cell it gives none of, what the protocol tells. */
import type { CellReport } from '../kernel/cell-report.js';
import { stripAnsi } from './ansi.js';
import type { Execution } from './client.js';
import { messages } from './messages.js';

export type { CellReport };

type CellDiagnostic = CellReport['diagnostics'][number];

export function readReport(execution: Execution): CellReport {
  const failed = execution.status !== 'ok';
  const { outcome, statements, expectations, judgements, diagnostics, races } = execution.report ?? {
    outcome: 'ok',
    statements: 0,
    expectations: { held: 0, failed: 0 },
    judgements: [],
    diagnostics: [],
    races: [],
  };
  return {
    outcome: failed && outcome === 'ok' ? 'failed' : outcome,
    statements,
    expectations,
    judgements,
    races,
    diagnostics: failed && !diagnostics.some((d) => d.severity === 'error') ? [...diagnostics, problemOf(execution)] : diagnostics,
  };
}

/** A cell that was to fail did not. */
export const notRaised = (): CellDiagnostic => ({ ...NOWHERE, code: 'cell-not-raised', message: messages.notRaised() });

const NOWHERE = { severity: 'error', span: { start: 0, end: 0 }, line: 1, column: 1, phase: 'run' } as const;

/** A failure of a cell that is not in the language: a script that threw, a kernel that died. */
function problemOf({ outputs, problem, status }: Execution): CellDiagnostic {
  const error = outputs.findLast((output) => output.output_type === 'error');
  const message = problem ?? (error === undefined ? `the cell ended with status "${status}"` : `${error.ename}: ${stripAnsi(error.evalue)}`);
  const code = problem === undefined ? 'cell-error' : `cell-${status}`;
  return { ...NOWHERE, code, message };
}
