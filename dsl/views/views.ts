/** What `show` can show. */
import type { Machine, OpRecord, View } from '../../machine/index.js';
import { toVpn } from '../../machine/index.js';
import type { ShowStatement } from '../syntax/ast.js';
import type { Report } from '../messages/diagnostics.js';
import type { Type } from '../checking/scope.js';
import { besideOthers } from './beside.js';
import type { Run } from '../evaluating/run.js';
import { closest } from '../messages/suggest.js';
import { viewOfDiff } from './table-views.js';
import type { Task } from '../evaluating/task.js';
import { KIND_NAMES } from '../vocabulary/values.js';

export type ViewName = 'moves' | 'maps' | 'steps' | 'tables' | 'cost' | 'diff' | 'rmap';

interface ViewKind {
  /** What it is shown of: the result of a call, or an address. */
  readonly of: 'result' | 'address';
  /** Without an argument: the last mremap, or the address space as it is now; or it needs one. */
  readonly otherwise: 'last' | 'space' | 'none';
  readonly summary: string;
}

export const VIEWS: Readonly<Record<ViewName, ViewKind>> = {
  moves: { of: 'result', otherwise: 'last', summary: 'every entry a call moved, by level, in order' },
  maps: { of: 'result', otherwise: 'space', summary: 'the layout now, or before and after a call' },
  steps: { of: 'result', otherwise: 'last', summary: 'the path a call took, check by check' },
  tables: { of: 'address', otherwise: 'space', summary: 'the page tables: all, those on the way to an address, or those a call worked on' },
  cost: { of: 'result', otherwise: 'last', summary: 'what a call cost, in counts and in modelled time, here and on other releases' },
  diff: { of: 'result', otherwise: 'last', summary: 'the mappings that a call took away and put there' },
  rmap: { of: 'address', otherwise: 'none', summary: 'the folio of the page at an address, and where the reverse map looks for it in every process' },
};

export const isView = (name: string): name is ViewName => Object.hasOwn(VIEWS, name);

export function checkView({ what, of, printk }: ShowStatement, type: Type | undefined, report: Report): void {
  if (printk !== undefined && what.text !== 'steps') report(printk, 'printk-of-steps', what.text);
  const known = Object.keys(VIEWS);
  if (!isView(what.text)) {
    report(what.span, 'unknown-view', what.text, closest(what.text, known), known);
  } else if (of === undefined && VIEWS[what.text].otherwise === 'none') {
    report(what.span, 'view-of-what', what.text);
  } else if (of !== undefined && type !== undefined && type !== 'unknown') {
    const wanted = VIEWS[what.text].of === 'result' ? 'result' : 'integer';
    if (type !== wanted && !(wanted === 'integer' && type === 'result')) {
      report(of.span, 'wrong-type', `\`show ${what.text}\``, wanted === 'result' ? KIND_NAMES.result : 'an address', KIND_NAMES[type]);
    }
  }
}

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
