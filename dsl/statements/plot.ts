/** Tables: the last one that a statement made, and `plot`, which draws one. */
import type { Task } from '../evaluating/task.js';
import { fail } from '../messages/fail.js';
import type { Name, PlotStatement } from '../syntax/ast.js';
import { channelsOf, checkChannels } from '../vocabulary/channels.js';
import { KIND_NAMES, LAST_TABLE } from '../vocabulary/values.js';
import type { Runner } from './runner.js';
import type { Tabled } from './sweep.js';

/** A table becomes the last one; unless it was given a name, it is shown. */
export function tabled(by: Runner, name: Name | undefined, { table, view }: Tabled): void {
  by.run.names.declare(LAST_TABLE, { kind: 'table', table });
  if (name === undefined) by.view(view);
  else by.bind(name.text, { kind: 'table', table }, false);
}

export function* plot(by: Runner, { table: of, channels, span }: PlotStatement): Task<void> {
  const value = of === undefined ? by.run.names.get(LAST_TABLE) : yield* by.evaluator.evaluate(of);
  if (value === undefined) return fail(span, 'nothing-to-plot');
  if (value.kind !== 'table') return fail((of ?? { span }).span, 'wrong-type', '`plot`', KIND_NAMES.table, KIND_NAMES[value.kind]);
  checkChannels(
    channels,
    value.table.columns.map((c) => c.name),
    fail,
  );
  by.view({ what: 'plot', table: value.table, model: by.run.process.machine.model.name, ...channelsOf(channels, value.table) });
}
