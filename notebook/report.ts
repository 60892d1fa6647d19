/** What a cell's run came to: our kernel's own account, or, for a cell it gives none of, what the protocol tells. */
import { stripAnsi } from './ansi.js';
import type { Execution } from './client.js';
import { isObject } from './json.js';

/** A diagnostic of the language, as `dsl/api.ts` has it; passed on, not interpreted. */
export interface CellDiagnostic {
  readonly code: string;
  readonly severity: string;
  readonly message: string;
  /** 1-based, within the cell. */
  readonly line: number;
  readonly column: number;
}

export interface CellReport {
  readonly outcome: 'ok' | 'failed' | 'rejected' | 'interrupted';
  readonly statements: number;
  readonly expectations: { readonly held: number; readonly failed: number };
  readonly diagnostics: readonly CellDiagnostic[];
}

const OUTCOMES = ['ok', 'failed', 'rejected', 'interrupted'] as const;

/** The account stands in the metadata of the execute_reply, under `mremap_lab`. */
export function readReport(execution: Execution): CellReport {
  const given = isObject(execution.report) ? execution.report : {};
  const expectations = isObject(given['expectations']) ? given['expectations'] : {};
  const failed = execution.status !== 'ok';
  const diagnostics = Array.isArray(given['diagnostics']) ? (given['diagnostics'] as CellDiagnostic[]) : [];
  return {
    outcome: OUTCOMES.find((outcome) => outcome === given['outcome']) ?? (failed ? 'failed' : 'ok'),
    statements: count(given['statements']),
    expectations: { held: count(expectations['held']), failed: count(expectations['failed']) },
    diagnostics: failed && !diagnostics.some((d) => d.severity === 'error') ? [...diagnostics, problemOf(execution)] : diagnostics,
  };
}

const count = (x: unknown): number => (typeof x === 'number' ? x : 0);

/** A failure of a cell that is not in the language: a script that threw, a kernel that died. */
function problemOf({ outputs, problem, status }: Execution): CellDiagnostic {
  const error = outputs.findLast((output) => output.output_type === 'error');
  const message = problem ?? (error === undefined ? `the cell ended with status "${status}"` : `${error.ename}: ${stripAnsi(error.evalue)}`);
  return { code: problem === undefined ? 'cell-error' : `cell-${status}`, severity: 'error', message, line: 1, column: 1 };
}
