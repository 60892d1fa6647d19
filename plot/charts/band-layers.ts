/** A band of address space: its mappings, and below each what of it is faulted in. */
import { count, hex, size, toBytes, type AddressSpace, type Geometry } from '../../machine/index.js';
import { textWidth } from '../labels.js';
import type { PageAxis } from '../page-axis.js';
import type { Range } from '../ranges.js';
import { rects, rules, texts, type Layer, type Row, type Tip } from '../spec.js';
import { INK, ROLE_COLOUR, SIZE, VMA_COLOUR, type Role } from '../theme.js';
import { addressText } from '../title.js';
import { plural } from '../totals.js';
import { isDisplaced, presentPages, rangeText } from '../vma-text.js';
import { presentSpans, type Band } from './bands.js';

const BODY = 28;
const STRIP = 10;
export const BAND = BODY + STRIP;

export interface RoleRange extends Range {
  readonly role: Role;
}

const TIP: Tip = [
  ['range', 'range'],
  ['what', 'mapping'],
  ['size', 'size'],
  ['faulted', 'faulted in'],
  ['pgoff', 'pgoff'],
];

export function bandLayers(space: AddressSpace, bands: readonly Band[], roles: readonly RoleRange[], axis: PageAxis, top: number): Layer[] {
  const g = space.geometry;
  const body = bands.map((b) => bodyRow(space, b, axis, top));
  const strips = bands.map((b) => ({ x: axis.at(b.start), x2: axis.at(b.end), y: top + BODY, y2: top + BAND, fill: INK.ground, stroke: VMA_COLOUR.frame }));
  const painted = roles.map((r) => ({ x: axis.at(r.start), x2: axis.at(r.end), y: top + 0.5, y2: top + BODY, fill: ROLE_COLOUR[r.role] }));
  const present = bands.flatMap((b) =>
    presentSpans(space, b, axis).map((s) => ({
      x: s.x,
      x2: s.x2,
      y: top + BODY + 1,
      y2: top + BAND - 1,
      fill: s.zero ? VMA_COLOUR.zero : VMA_COLOUR.present,
      range: rangeText(g, s.start, s.end),
      faulted: `${plural(s.pages, 'page')}${s.zero ? ' of the zero page' : ''}`,
    })),
  );
  return [
    rules(
      axis.pieces.filter((p) => !p.broken).map((p) => ({ x: axis.at(p.start), x2: axis.at(p.end), y: top + BODY, y2: top + BODY, ink: INK.line })),
      { width: 1 },
    ),
    ...breakLayers(g, axis, top),
    rects(body, { framed: true, tip: TIP }),
    rects(painted, { opacity: 0.55 }),
    rects(strips, { framed: true }),
    rects(present, {
      tip: [
        ['range', 'range'],
        ['faulted', 'faulted in'],
      ],
    }),
    texts(
      bands.flatMap((b) => nameRow(g, b, axis, top + BODY / 2)),
      { size: SIZE.label },
    ),
  ];
}

function bodyRow(space: AddressSpace, b: Band, axis: PageAxis, top: number): Row {
  const g = space.geometry;
  const [vma] = b.vmas;
  const one = b.vmas.length === 1 ? vma : undefined;
  const present = presentPages(space, b.start, b.end);
  return {
    x: axis.at(b.start),
    x2: axis.at(b.end),
    y: top,
    y2: top + BODY,
    fill: VMA_COLOUR.body,
    stroke: VMA_COLOUR.frame,
    range: rangeText(g, b.start, b.end),
    what: one === undefined ? plural(b.vmas.length, 'mapping') : `${one.perms} ${one.kind}, ${one.vmFlags}`,
    size: size(toBytes(g, b.mapped)),
    faulted: `${count(present)} of ${plural(b.mapped, 'page')}`,
    pgoff: one === undefined ? '' : hex(BigInt(one.pgoff)),
  };
}

function nameRow(g: Geometry, b: Band, axis: PageAxis, y: number): Row[] {
  const [vma] = b.vmas;
  const bytes = size(toBytes(g, b.mapped));
  const wordings =
    b.vmas.length !== 1 || vma === undefined
      ? [`${plural(b.vmas.length, 'mapping')}, ${bytes}`, `${count(b.vmas.length)}×`]
      : [...(isDisplaced(vma) ? [`${vma.perms} ${bytes}, pgoff ${hex(BigInt(vma.pgoff))}`] : []), `${vma.perms} ${bytes}`, vma.perms];
  const [x, x2] = [axis.at(b.start), axis.at(b.end)];
  const text = wordings.find((t) => textWidth(t, SIZE.label) + 6 <= x2 - x);
  return text === undefined ? [] : [{ x: (x + x2) / 2, y, text, ink: INK.text }];
}

/** A hole too large to draw: two strokes through the line, and its size. */
function breakLayers(g: Geometry, axis: PageAxis, top: number): Layer[] {
  const y = top + BODY;
  const holes = axis.pieces.filter((p) => p.broken);
  const middle = (p: { x0: number; x1: number }): number => Math.round((p.x0 + p.x1) / 2);
  const line = holes.flatMap((p) => [
    { x: axis.at(p.start), x2: middle(p) - 4, y, y2: y, ink: INK.line },
    { x: middle(p) + 4, x2: axis.at(p.end), y, y2: y, ink: INK.line },
  ]);
  const strokes = holes.flatMap((p) => [-4, 4].map((dx) => ({ x: middle(p) + dx - 3, x2: middle(p) + dx + 3, y: y + 6, y2: y - 6, ink: INK.line })));
  const sizes = holes.flatMap((p) => {
    const bytes = toBytes(g, p.end - p.start);
    const text = roundSize(bytes);
    if (textWidth(text, SIZE.small) > p.x1 - p.x0 - 2) return [];
    return [{ x: middle(p), y: y - 14, text, ink: INK.quiet, hole: `${size(bytes)} not mapped, from ${addressText(g, p.start)} to ${addressText(g, p.end)}` }];
  });
  return [rules(line, { dash: [2, 2] }), rules(strokes, { width: 1 }), texts(sizes, { size: SIZE.small, tip: [['hole', 'hole']] })];
}

/** Three digits of it: `1.98T`. */
function roundSize(bytes: bigint): string {
  let value = Number(bytes);
  let i = 0;
  while (value >= 1000 && i < 6) {
    value /= 1024;
    i++;
  }
  return `${Number(value.toPrecision(3))}${['', 'K', 'M', 'G', 'T', 'P', 'E'][i] ?? ''}`;
}
