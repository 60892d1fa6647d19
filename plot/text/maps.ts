/** Address spaces as lines of /proc/PID/maps, with what is faulted in and how the call changed them. */
import { size, toBytes, type AddressSpace, type OpRecord, type Vma } from '../../machine/index.js';
import { callText, outcomeText } from '../title.js';
import { plural, tableCount } from '../totals.js';
import { faultedText, offsetText, pgoffText, rangeText } from '../vma-text.js';
import { columns } from './columns.js';

const LINES = 60;
/** Unchanged lines shown around changed ones. */
const CONTEXT = 2;

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

/** All lines of a short list; of a long one the changed ones with their neighbours, or else the first. */
function chosen(vmas: readonly Vma[], changed: (v: Vma) => boolean): Set<number> {
  const all = vmas.map((_, i) => i);
  if (vmas.length <= LINES) return new Set(all);
  const near = all.filter((i) => vmas.slice(Math.max(0, i - CONTEXT), i + CONTEXT + 1).some(changed));
  return new Set((near.length === 0 ? all : near).slice(0, LINES));
}

function listing(space: AddressSpace, mark: string, changed: (v: Vma) => boolean): string[] {
  const { vmas, background } = own(space);
  const keep = chosen(vmas, changed);
  const shown = vmas.map((v, i) => ({ v, i })).filter(({ i }) => keep.has(i));
  const [head = '', ...body] = columns(
    HEADS,
    shown.map(({ v }) => cells(space, v, changed(v) ? mark : ' ')),
    '',
  );
  const lines = shown.length === 0 ? ['  nothing mapped'] : [head];
  let next = 0;
  shown.forEach(({ i }, row) => {
    if (i > next) lines.push(`   … ${plural(i - next, 'more mapping')} …`);
    lines.push(body[row] ?? '');
    next = i + 1;
  });
  if (vmas.length > next) lines.push(`   … and ${plural(vmas.length - next, 'more mapping')}`);
  if (background > 0) lines.push(`   and ${plural(background, 'mapping')} of the process image`);
  return lines;
}

/** Before and after, with what went marked - and what came marked +. */
export function mapsText(record: OpRecord, model: string): string {
  const [before, after] = [new Set(own(record.before).vmas.map(key)), new Set(own(record.after).vmas.map(key))];
  const gone = (v: Vma): boolean => !after.has(key(v));
  const came = (v: Vma): boolean => !before.has(key(v));
  return [`${callText(record)}  [${model}]`, outcomeText(record), '', 'before', ...listing(record.before, '-', gone), '', 'after', ...listing(record.after, '+', came)].join('\n');
}

export function spaceText(space: AddressSpace, model: string): string {
  const { usage } = space;
  const g = space.geometry;
  return [
    `address space  [${model}, ${g.name}]`,
    ...listing(space, ' ', () => false),
    `${plural(space.mapCount, 'mapping')} in all, ${size(toBytes(g, usage.totalVm))} mapped, ${size(toBytes(g, usage.rss))} resident, ${plural(tableCount(space), 'table page')}`,
  ].join('\n');
}
