/** What may follow `kernel`, read on its own: for `--kernel` on a command line. */
import type { Machines, ModelSpec } from '../../machine/index.js';
import type { Diagnostic } from '../api.js';
import { model } from '../syntax/build-statement.js';
import type { ModelCstNode } from '../syntax/cst.js';
import { Reporter, Source } from '../messages/diagnostics.js';
import { resolveModel } from '../vocabulary/model.js';
import { parseModel } from '../syntax/parser.js';

export type ReadModel = { readonly model: ModelSpec } | { readonly model: undefined; readonly diagnostics: readonly Diagnostic[] };

/**
 * Reads what may follow `kernel` in the language: `6.12 without realign`.
 * @throws SetupError with a hint where it names no model
 */
export function readModel(text: string, machines: Pick<Machines, 'releases' | 'aliases' | 'behaviours'>): ReadModel {
  const reporter = new Reporter(new Source(text), 'check');
  const tree = parseModel(reporter.source, reporter);
  const spec = tree && resolveModel(model(tree as ModelCstNode), machines, reporter.report);
  return spec === undefined ? { model: undefined, diagnostics: reporter.found } : { model: spec };
}
