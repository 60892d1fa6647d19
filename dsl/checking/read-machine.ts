/** What may follow `machine`, read on its own: for `--machine` on a command line. */
import type { MachineSpec } from '../../machine/index.js';
import type { Diagnostic } from '../api.js';
import { Reporter, Source } from '../messages/diagnostics.js';
import { build } from '../syntax/build.js';
import type { ScriptCstNode } from '../syntax/cst.js';
import { parse } from '../syntax/parser.js';
import { checkMachine, machineOf } from '../vocabulary/machine-statement.js';

/** The machine, or what is wrong with its name. */
export type ReadMachine = { readonly machine: MachineSpec } | { readonly machine: undefined; readonly diagnostics: readonly Diagnostic[] };

/** Reads what may follow `machine` in the language: `arm64 { granule 16K levels 4 }`. A mistake comes back as diagnostics, never as an exception. */
export function readMachine(text: string): ReadMachine {
  const reporter = new Reporter(new Source(`machine ${text}`), 'check');
  const { cst, tokens } = parse(reporter.source, reporter);
  const [statement] = build(cst as ScriptCstNode, tokens, reporter).statements;
  if (statement?.kind === 'machine') checkMachine(statement, reporter.report);
  const machine = statement?.kind === 'machine' ? machineOf(statement) : undefined;
  return machine === undefined || reporter.found.length > 0 ? { machine: undefined, diagnostics: reporter.found } : { machine };
}
