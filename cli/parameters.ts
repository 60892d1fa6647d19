/** `-p name=value`: put into a notebook, and looked at before anything runs. */
import { createSession } from '../dsl/index.js';
import { injectParameters, inLanguage, parametersCell, type Notebook, type Parameter } from '../notebook/index.js';
import { createMachines } from '../sim/index.js';
import { messages } from './messages.js';
import type { PlacedDiagnostic } from './report/file-report.js';

/** @throws SetupError where a value cannot be read */
export function withParameters(notebook: Notebook, parameters: readonly Parameter[]): { readonly notebook: Notebook; readonly warnings: readonly PlacedDiagnostic[] } {
  if (parameters.length === 0) return { notebook, warnings: [] };
  const declared = parametersCell(notebook);
  const warnings = inLanguage(declared) ? checked(parameters, declared?.source) : [];
  return { notebook: injectParameters(notebook, parameters), warnings };
}

function checked(parameters: readonly Parameter[], declared: string | undefined): PlacedDiagnostic[] {
  const session = createSession(createMachines());
  for (const { name, value } of parameters) {
    // Names may come from the notebook; whether they do is seen when it runs.
    const wrong = session.check(`let ${name} = ${value}`, { mode: 'cell' }).find((d) => d.phase === 'syntax' && d.severity === 'error');
    if (wrong !== undefined) throw messages.badParameter(name, value, wrong.message);
  }
  if (declared === undefined) return [warning('no-parameters-cell', messages.noParametersCell(), messages.tagParameters())];
  const known = session.symbols(declared).flatMap(({ kind, name }) => (kind === 'name' ? [name] : []));
  const unknown = parameters.filter(({ name }) => !known.includes(name));
  return unknown.map(({ name }) => warning('unknown-parameter', messages.unknownParameter(name), messages.knownParameters(known)));
}

const warning = (code: string, message: string, hint: string): PlacedDiagnostic => ({
  code,
  severity: 'warning',
  message,
  hint,
  span: { start: 0, end: 0 },
  line: 1,
  column: 1,
  phase: 'check',
});
