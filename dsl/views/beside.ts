/** Makes the same call on other releases: the whole history is repeated there, with mappings at the same addresses. */
import { type CostBeside, type Machine, type OpRecord } from '../../machine/index.js';
import { placed } from '../evaluating/claim.js';
import type { Run } from '../evaluating/run.js';
import { settled, type Task } from '../evaluating/task.js';

/** A longer history is not gone through again for a picture. */
const HISTORY = 500;

/** Empty where the call is not of this process, or too much came before it. */
export function* besideOthers(record: OpRecord, { process, machines, breather }: Run): Task<CostBeside[]> {
  const at = process.records.indexOf(record);
  if (at < 0 || at > HISTORY) return [];
  const history = process.records.slice(0, at + 1);
  const own = process.machine.model;
  const out: CostBeside[] = [];
  // Those between are as one of these, or nearly: a row for each would be a page.
  for (const { name, recorded } of machines.releases) {
    if (recorded === null) continue;
    const { machine } = process.fresh({ release: name });
    if (machine.model.name !== own.name) out.push({ model: machine.model.title, record: yield* replay(machine, history) });
    machine.exit?.();
    yield* breather.breathe();
  }
  return out;
}

/** The last of the records as it comes out there. */
function* replay(machine: Machine, history: readonly OpRecord[]): Task<OpRecord> {
  let last = history[0] as OpRecord;
  for (const { op, result } of history) last = yield* settled(machine.perform(result.kind === 'value' ? placed(op, result) : op));
  return last;
}
