/** The sentences over charts and texts. */
import {
  isAccess,
  assertUnreachable,
  callOf,
  costOf,
  duration,
  hex,
  opText,
  resultText,
  size,
  toBytes,
  type Geometry,
  type OpRecord,
  type View,
  type Vpn,
} from '../machine/index.js';
import { plotTitle } from './charts/table-plot.js';
import { moveTotals, plural, totalsText } from './totals.js';

export const addressText = (g: Geometry, page: Vpn): string => hex(toBytes(g, page));

/** As strace would print it: `munmap(0x1000, 4096) = 0`. */
export const callText = (record: OpRecord): string => `${opText(record.op)} = ${resultText(record)}`;

/** The same, short enough to stand under a title: sizes in K/M/G, constants without their prefixes. */
export function shortCallText(record: OpRecord): string {
  const text = callText(record).replace(/\b(MREMAP|MAP|PROT)_/g, '');
  return text.replace(/\b\d{4,}\b/g, (digits) => size(BigInt(digits)));
}

/** What the call came to, in one sentence. */
export function outcomeText(record: OpRecord): string {
  const { op, result } = record;
  if (result.kind === 'errno') return `${op.name} refused with ${result.errno}: ${result.refusal.why}`;
  if (result.kind === 'signal') return `${op.name} ended in ${result.signal} at ${hex(result.at)}`;
  if (isAccess(op)) return `${op.name} at ${hex(op.addr)} faulted in ${plural(record.faults.read + record.faults.write, 'page')}`;
  return callOf(op)?.outcome?.(op, result.value) ?? `${opText(op)} = ${resultText(record)}`;
}

/** One line for lists of displays and file names' captions. */
export function viewTitle(view: View): string {
  switch (view.what) {
    case 'moves':
      return `moves on ${view.model}: ${outcomeText(view.record)}: ${totalsText(moveTotals(view.record.moves))}`;
    case 'maps':
      return `maps on ${view.model}: ${outcomeText(view.record)}`;
    case 'steps':
      return `steps on ${view.model}: ${outcomeText(view.record)}`;
    case 'cost':
      return `cost on ${view.model}: ${outcomeText(view.record)}: about ${duration(costOf(view.record).nanoseconds)}`;
    case 'log':
      return `log on ${view.model}: ${plural(view.log.replayed, 'call')} replayed, ${plural(view.log.mremaps, 'mremap')}`;
    case 'space':
      return `address space on ${view.model}`;
    case 'tables':
      if (view.record !== undefined) return `page tables on ${view.model}: ${outcomeText(view.record)}`;
      return `page tables on ${view.model}${view.at === undefined ? '' : ` around ${addressText(view.space.geometry, view.at)}`}`;
    case 'schedule':
      return `schedule ${view.schedule.id} on ${view.model}: ${view.schedule.broken.map((b) => b.name).join(', ') || 'nothing broken'}`;
    case 'compare':
      return view.title;
    case 'rmap':
    case 'table':
      return `${view.title} on ${view.model}`;
    case 'plot':
      return `${plotTitle(view)} on ${view.model}`;
    default:
      return assertUnreachable(view);
  }
}
