/** What a call cost: its parts, and the same call on other releases. */
import { count, duration, type CostBeside, type OpRecord } from '../../machine/index.js';
import { COUNTS, costRows, PART_TEXT } from '../cost-rows.js';
import { callText } from '../title.js';
import { columns } from './columns.js';

export function costText(record: OpRecord, model: string, others: readonly CostBeside[]): string {
  const [own, ...rest] = costRows(record, model, others);
  if (own === undefined) return '';
  const parts = own.parts.map((p) => [PART_TEXT[p.what], count(p.count), duration(p.nanoseconds)]);
  const lines = [
    `cost: ${callText(record)}  [${model}]`,
    `about ${duration(own.nanoseconds)}: the counts are exact, the time is modelled and rough`,
    ...columns([{ title: 'what' }, { title: 'count', align: 'right' }, { title: 'time', align: 'right' }], parts),
  ];
  if (rest.length === 0) return lines.join('\n');
  const heads = [{ title: 'model' }, ...COUNTS.map((title) => ({ title, align: 'right' as const })), { title: 'time', align: 'right' as const }, { title: '' }];
  const rows = [own, ...rest].map((r) => [r.own ? `> ${r.model}` : `  ${r.model}`, ...r.counts.map(count), duration(r.nanoseconds), r.instead ?? '']);
  return [...lines, '', 'the same call after the same history:', ...columns(heads, rows, '')].join('\n');
}
