/** The sentences over charts and texts. */
import {
  isAccess,
  assertUnreachable,
  costOf,
  duration,
  hex,
  MREMAP,
  opText,
  resultText,
  size,
  toBytes,
  type Geometry,
  type MremapCall,
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
  const at = hex(result.value);
  switch (op.name) {
    case 'mmap':
      return `mmap mapped ${size(op.length)} at ${at}`;
    case 'munmap':
      return `munmap unmapped ${size(op.length)} at ${hex(op.addr)}`;
    case 'mremap':
      return mremapOutcome(op, result.value);
    default:
      if (!isAccess(op)) return `${opText(op)} = ${resultText(record)}`;
      return `${op.name} at ${hex(op.addr)} faulted in ${plural(record.faults.read + record.faults.write, 'page')}`;
  }
}

function mremapOutcome(op: MremapCall, value: bigint): string {
  const [from, to] = [size(op.old_size), size(op.new_size)];
  const resized = op.new_size === op.old_size ? '' : op.new_size > op.old_size ? `, grown to ${to}` : `, shrunk to ${to}`;
  if (value === op.old_address) {
    const verb = op.new_size === op.old_size ? 'left' : op.new_size > op.old_size ? 'grew' : 'shrank';
    return verb === 'left' ? `mremap left ${from} at ${hex(value)} as it was` : `mremap ${verb} ${from} to ${to} in place at ${hex(value)}`;
  }
  if (op.old_size === 0n) return `mremap mapped ${to} of ${hex(op.old_address)} a second time at ${hex(value)}`;
  const kept = (op.flags & MREMAP.MREMAP_DONTUNMAP) !== 0 ? ', the source stays mapped' : '';
  return `mremap moved ${from} from ${hex(op.old_address)} to ${hex(value)}${resized}${kept}`;
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
