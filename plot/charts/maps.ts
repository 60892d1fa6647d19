/** The address space before and after a call, as two bands over one axis of addresses. */
import { type AddressSpace, type OpRecord, type Vma } from '../../machine/index.js';
import { textWidth, wrap, type EdgeLabel } from '../labels.js';
import type { PageAxis } from '../page-axis.js';
import { callRanges, intersect, subtract, union, type CallRanges, type Range } from '../ranges.js';
import { chart, plane, rects, ribbons, rimmedTexts, rules, type Layer, type VegaLiteSpec } from '../spec.js';
import { GRID_COLOUR, INK, ROLE_COLOUR, SIZE, VMA_COLOUR, type Role } from '../theme.js';
import { addressText, outcomeText, shortCallText } from '../title.js';
import { moveTotals, pagesSize, plural, totalsText } from '../totals.js';
import { addressScale, boundaries, type Grid } from './address-scale.js';
import { BAND, bandLayers, type RoleRange } from './band-layers.js';
import { groupVmas, ownVmas, type Band } from './bands.js';
import { edgeLabelLayers, edgeLabels } from './edge-labels.js';
import { KEY, keyLayers, type KeyItem } from './key.js';

const BETWEEN = 54;
const BANDS_SHOWN = 24;

export function mapsChart(record: OpRecord, model: string): VegaLiteSpec | null {
  const { before, after } = record;
  const g = after.geometry;
  const ranges = callRanges(record);
  const sides = bandsOf(before, after, ranges);
  const named = [ranges.source, ranges.destination].filter((r) => r !== null);
  const mapped: Range[] = [...sides.before, ...sides.after, ...named];
  if (mapped.length === 0) return null;
  const axis = addressScale(g, mapped);
  const roles = rolesOf(record, ranges);
  const grid = boundaries(g, axis);

  const above = edgeLabels(edgesOf(sides.before, ranges.source, axis, record), 3);
  const below = edgeLabels(edgesOf(sides.after, ranges.destination, axis, record), 3);
  const top = above.height;
  const second = top + BAND + BETWEEN;
  const end = second + BAND;
  const height = end + below.height + 8 + KEY;

  const layers: Layer[] = [
    ...gridLayers(grid, top - 4, end + 4),
    ...ribbonLayers(record, ranges, axis, top + BAND, second),
    ...bandLayers(before, sides.before, roles.before, axis, top),
    ...bandLayers(after, sides.after, roles.after, axis, second),
    ...askedLayers(ranges, axis, top),
    ...edgeLabelLayers(above, top, -1),
    ...edgeLabelLayers(below, end, 1),
    ...keyLayers(keyOf(record, [...roles.before, ...roles.after], [...sides.before, ...sides.after], grid), height - KEY),
  ];
  const rows = [
    { y: top + BAND / 2, text: 'before' },
    { y: second + BAND / 2, text: 'after' },
  ];
  const subtitle = [`${model}: ${shortCallText(record)}`];
  if (!axis.toScale) subtitle.push('Not to one scale: what is narrow is widened to be seen.');
  if ([...sides.before, ...sides.after].some((b) => b.vmas.length > 1)) subtitle.push('5× stands for five neighbouring mappings.');
  const heading = { title: wrap(outcomeText(record), 70), subtitle: subtitle.flatMap((s) => wrap(s, 88)), description: `${outcomeText(record)}, before and after` };
  return chart(heading, [plane(height, layers, { rows, zoom: 'zoom' })]);
}

/**
 * Every mapping while they are few. Of many, those the call touched one by one, and the others in
 * groups that are the same on both sides.
 */
function bandsOf(before: AddressSpace, after: AddressSpace, ranges: CallRanges): { before: Band[]; after: Band[] } {
  const own = { before: ownVmas(before), after: ownVmas(after) };
  if (Math.max(own.before.length, own.after.length) <= BANDS_SHOWN) {
    return { before: groupVmas(own.before, BANDS_SHOWN), after: groupVmas(own.after, BANDS_SHOWN) };
  }
  const named = [ranges.source, ranges.destination].filter((r) => r !== null);
  const key = (v: Vma): string => `${v.start} ${v.end} ${v.perms}`;
  const kept = new Set(own.after.map(key));
  const both = new Set(own.before.map(key).filter((k) => kept.has(k)));
  const near = (v: Vma): boolean => !both.has(key(v)) || named.some((r) => v.end >= r.start && v.start <= r.end);
  const touched = { before: own.before.filter(near), after: own.after.filter(near) };
  const walls = union([...touched.before, ...touched.after]);
  const others = groupVmas(
    own.before.filter((v) => !near(v)),
    BANDS_SHOWN / 2,
    walls,
  );
  const all = (vmas: readonly Vma[]): Band[] => [...groupVmas(vmas, BANDS_SHOWN / 2), ...others].sort((a, b) => a.start - b.start);
  return { before: all(touched.before), after: all(touched.after) };
}

const covered = (space: AddressSpace): Range[] => union(ownVmas(space));

function rolesOf(record: OpRecord, ranges: CallRanges): { before: RoleRange[]; after: RoleRange[] } {
  if (record.result.kind === 'errno') return { before: [], after: [] };
  const [before, after] = [covered(record.before), covered(record.after)];
  const as = (role: Role, found: readonly Range[]): RoleRange[] => found.map((r) => ({ start: r.start, end: r.end, role }));
  const from = ranges.moved === null ? [] : [ranges.moved.from];
  const to = ranges.moved === null ? [] : [ranges.moved.to];
  const gone = union([...subtract(subtract(before, after), from), ...subtract(intersect(before, to), from)]);
  return {
    before: [...as('moved', intersect(before, from)), ...as('unmapped', gone)],
    after: [...as('moved', intersect(after, to)), ...as('new', subtract(subtract(after, before), to))],
  };
}

function edgesOf(bands: readonly Band[], named: Range | null, axis: PageAxis, record: OpRecord): EdgeLabel[] {
  const g = record.after.geometry;
  const label = (page: number, priority: number): EdgeLabel => ({ x: axis.at(page), text: addressText(g, page), priority });
  return [...(named === null ? [] : [label(named.start, 5), label(named.end, 4)]), ...bands.flatMap((b) => [label(b.start, 2), label(b.end, 1)])];
}

function gridLayers(grid: Grid | null, top: number, end: number): Layer[] {
  if (grid === null) return [];
  return [
    rules(
      grid.lines.map((l) => ({ x: l.x, x2: l.x, y: top, y2: end, ink: GRID_COLOUR })),
      { width: 1 },
    ),
  ];
}

function ribbonLayers(record: OpRecord, ranges: CallRanges, axis: PageAxis, top: number, end: number): Layer[] {
  if (ranges.moved === null) return [];
  const { from, to } = ranges.moved;
  const at = (r: Range, y: number): { x: number; x2: number; y: number; ribbon: string } => ({ x: axis.at(r.start), x2: axis.at(r.end), y, ribbon: 'moved' });
  const [a, b] = [at(from, top), at(to, end)];
  const words = totalsText(moveTotals(record.moves));
  const text = `${pagesSize(record.after.geometry, from.end - from.start)} moved: ${words}`;
  const half = textWidth(text, SIZE.label) / 2;
  const middle = (a.x + a.x2 + b.x + b.x2) / 4;
  const x = Math.min(axis.at(Infinity) - half, Math.max(half, middle));
  return [ribbons([a, b], ROLE_COLOUR.moved), ...rimmedTexts([{ x, y: (top + end) / 2, text, ink: INK.text }], SIZE.label)];
}

/** What a call named that did not move: the range it was refused for, or worked on in place. */
function askedLayers(ranges: CallRanges, axis: PageAxis, top: number): Layer[] {
  const { source, moved } = ranges;
  if (source === null || moved !== null) return [];
  return [
    rects([{ x: axis.at(source.start), x2: axis.at(source.end), y: top - 2, y2: top + BAND + 2, fill: 'transparent', stroke: INK.text }], {
      framed: true,
      width: 1.5,
      dash: [4, 3],
    }),
  ];
}

const ROLE_TEXT: Readonly<Record<Role, string>> = { moved: 'moved', unmapped: 'unmapped by the call', new: 'new' };

function keyOf(record: OpRecord, roles: readonly RoleRange[], bands: readonly Band[], grid: Grid | null): KeyItem[] {
  const used = new Set(roles.map((r) => r.role));
  const items: KeyItem[] = (['moved', 'unmapped', 'new'] as const).filter((r) => used.has(r)).map((r) => ({ text: ROLE_TEXT[r], fill: ROLE_COLOUR[r], opacity: 0.55 }));
  const { source, moved } = callRanges(record);
  if (source !== null && moved === null) items.push({ text: 'what the call named', fill: INK.text, as: 'frame' });
  items.push(...presentKey([record.before, record.after], bands));
  if (grid !== null) items.push(gridKey(record.after, grid));
  const hidden = [...record.after.vmas()].filter((v) => v.background).length;
  if (hidden > 0) items.push({ text: `${plural(hidden, 'mapping')} of the process image not shown`, fill: VMA_COLOUR.body });
  return items;
}

export function presentKey(spaces: readonly AddressSpace[], bands: readonly Range[]): KeyItem[] {
  const kinds = new Set<boolean>();
  for (const s of spaces) for (const b of bands) for (const run of s.pages(b.start, b.end)) kinds.add(run.kind === 'z');
  return [...(kinds.has(false) ? [{ text: 'faulted in', fill: VMA_COLOUR.present }] : []), ...(kinds.has(true) ? [{ text: 'the zero page', fill: VMA_COLOUR.zero }] : [])];
}

export const gridKey = (space: AddressSpace, grid: Grid): KeyItem => ({
  text: `${grid.level.name.toUpperCase()} boundary (${pagesSize(space.geometry, 2 ** grid.level.shift)})`,
  fill: GRID_COLOUR,
  as: 'line',
});
