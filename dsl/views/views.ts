/** The views that `show` shows. */
import { toVpn, type Machine, type OpRecord, type View } from '../../machine/index.js';
import { besideOthers } from './beside.js';
import type { Run } from '../evaluating/run.js';
import { viewOfDiff } from './table-views.js';
import type { Task } from '../evaluating/task.js';
import type { ViewName } from '../vocabulary/views.js';

/** The view of a call. */
export function* viewOfCall(what: Exclude<ViewName, 'tables' | 'rmap'>, record: OpRecord, run: Run): Task<View> {
  const { machine } = run.process;
  const model = machine.model.title;
  if (what === 'cost') return { what, record, others: yield* besideOthers(record, run), model };
  if (what === 'diff') return viewOfDiff(record, machine);
  return { what, record, model };
}

/** What a call did to the page tables. */
export const viewOfTables = (record: OpRecord, machine: Machine): View => ({ what: 'tables', space: record.after, record, model: machine.model.title });

/** The view of the address space as it is now. */
export function viewOfSpace(what: 'maps' | 'tables', at: bigint | undefined, machine: Machine): View {
  const space = machine.space();
  const model = machine.model.title;
  if (what === 'maps') return { what: 'space', space, model };
  return { what: 'tables', space, model, ...(at !== undefined && { at: toVpn(machine.geometry, at) }) };
}
