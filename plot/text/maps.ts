/** Address spaces as lines of /proc/PID/maps, with what is faulted in and how the call changed them. */
import { size, toBytes, type AddressSpace, type OpRecord, type Vma } from '../../machine/index.js';
import { callText, outcomeText } from '../title.js';
import { plural } from '../totals.js';
import { faultedText, offsetText, pgoffText, rangeText } from '../vma-text.js';
import { columns } from './columns.js';

const LINES = 60;

const key = (v: Vma): string => [v.start, v.end, v.perms, v.kind, v.pgoff].join(' ');

function cells(space: AddressSpace, v: Vma, mark: string): string[] {
  const g = space.geometry;
  return [mark, rangeText(g, v.start, v.end), v.perms, offsetText(g, v), v.kind, size(toBytes(g, v.end - v.start)), faultedText(space, v), pgoffText(v)];
}

const HEADS = [
  { title: '' },
  { title: 'range', align: 'right' },
  { title: 'perms' },
  { title: 'offset' },
  { title: 'kind' },
  { title: 'size', align: 'right' },
  { title: 'pages' },
  { title: '' },
] as const;

/** Mappings of the scenario's own, and how many of the process's there are besides. */
function own(space: AddressSpace): { vmas: Vma[]; background: number } {
  const all = [...space.vmas()];
  const vmas = all.filter((v) => !v.background);
  return { vmas, background: all.length - vmas.length };
}

function listing(space: AddressSpace, mark: (v: Vma) => string, changed: (v: Vma) => boolean): string[] {
  const { vmas, background } = own(space);
  const keep = vmas.length <= LINES ? new Set(vmas) : new Set([...vmas.filter(changed), ...vmas].slice(0, LINES));
  const rows = vmas.filter((v) => keep.has(v)).map((v) => cells(space, v, mark(v)));
  const lines = rows.length === 0 ? ['  nothing mapped'] : columns(HEADS, rows, '');
  if (vmas.length > keep.size) lines.push(`  … and ${plural(vmas.length - keep.size, 'more mapping')}`);
  if (background > 0) lines.push(`  and ${plural(background, 'mapping')} of the process image`);
  return lines;
}

/** Before and after, with what went marked - and what came marked +. */
export function mapsText(record: OpRecord, model: string): string {
  const [before, after] = [new Set(own(record.before).vmas.map(key)), new Set(own(record.after).vmas.map(key))];
  const gone = (v: Vma): boolean => !after.has(key(v));
  const came = (v: Vma): boolean => !before.has(key(v));
  return [
    `${callText(record)}  [${model}]`,
    outcomeText(record),
    '',
    'before',
    ...listing(record.before, (v) => (gone(v) ? '-' : ' '), gone),
    '',
    'after',
    ...listing(record.after, (v) => (came(v) ? '+' : ' '), came),
  ].join('\n');
}

export function spaceText(space: AddressSpace, model: string): string {
  const { usage } = space;
  const g = space.geometry;
  return [
    `address space  [${model}, ${g.name}]`,
    ...listing(space, () => ' ', () => false),
    `${plural(space.mapCount, 'mapping')} in all, ${size(toBytes(g, usage.totalVm))} mapped, ${size(toBytes(g, usage.rss))} resident, ${plural(usage.tablePages, 'table page')}`,
  ].join('\n');
}
