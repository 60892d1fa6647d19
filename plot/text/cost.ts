/** What a call cost: its parts, and the same call on other releases. */
import { count, duration, metadataOf, size, type CostBeside, type Metadata, type OpRecord } from '../../machine/index.js';
import { COUNTS, costRows, PART_TEXT } from '../cost-rows.js';
import { callText } from '../title.js';
import { tableCount } from '../totals.js';
import { columns } from './columns.js';

export function costText(record: OpRecord, model: string, others: readonly CostBeside[]): string {
  const [own, ...rest] = costRows(record, model, others);
  if (own === undefined) return '';
  const parts = own.parts.map((p) => [PART_TEXT[p.what], count(p.count), duration(p.nanoseconds)]);
  const lines = [
    `cost: ${callText(record)}  [${model}]`,
    `about ${duration(own.nanoseconds)}: the counts are exact, the time is modelled and rough${machineText(record)}`,
    ...columns([{ title: 'what' }, { title: 'count', align: 'right' }, { title: 'time', align: 'right' }], parts),
    ...metadataLines(record),
  ];
  if (rest.length === 0) return lines.join('\n');
  const heads = [{ title: 'model' }, ...COUNTS.map((title) => ({ title, align: 'right' as const })), { title: 'time', align: 'right' as const }, { title: '' }];
  const rows = [own, ...rest].map((r) => [r.own ? `> ${r.model}` : `  ${r.model}`, ...r.counts.map(count), duration(r.nanoseconds), r.instead ?? '']);
  return [...lines, '', 'the same call after the same history:', ...columns(heads, rows, '')].join('\n');
}

/** Whose times they are, where it is not the published ones'. */
function machineText({ after: { geometry } }: OpRecord): string {
  return geometry.costs?.arch === geometry.arch ? `, calibrated on ${geometry.costs.machine}` : '';
}

/** What the address space costs the kernel besides the pages of the program: before and after, where they differ. */
function metadataLines({ before, after }: OpRecord): string[] {
  const [then, now] = [metadataOf(before), metadataOf(after)];
  const change = (of: (m: Metadata) => number): string => (of(then) === of(now) ? count(of(now)) : `${count(of(then))} → ${count(of(now))}`);
  const tables = (n: number): string => size(BigInt(n) << BigInt(after.geometry.pageShift));
  const [had, has] = [tableCount(before), tableCount(after)];
  return [
    `kernel memory: ${change((m) => m.bytes)} bytes for ${change((m) => m.vmas)} VMAs, ${change((m) => m.anonVmas)} anon_vmas and ${change((m) => m.chains)} links between them; ${had === has ? tables(has) : `${tables(had)} → ${tables(has)}`} of page tables`,
  ];
}
