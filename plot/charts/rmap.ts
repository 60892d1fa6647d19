/** The way of the reverse map: from a page's folio over the anon_vma or file it belongs to, to every VMA that a walk looks at. */
import { count, hex, size, toBytes, type AddressSpace, type FolioInfo, type RmapVisit, type Vpn } from '../../machine/index.js';
import { textWidth, wrap } from '../labels.js';
import { chart, plane, rects, rules, texts, type Layer, type Row, type Tip, type VegaLiteSpec } from '../spec.js';
import { INK, PLANE, ROLE_COLOUR, SIZE, VMA_COLOUR } from '../theme.js';
import { addressText } from '../title.js';
import { plural } from '../totals.js';
import { KEY, keyLayers } from './key.js';

const BOX = 74;
const ROW = 46;
const FOLIO = { x: 0, x2: 156 } as const;
const OWNER = { x: 196, x2: 338 } as const;
const VMAS = { x: 378, x2: PLANE } as const;
const SHOWN = 16;
const HEAD = 18;
const LINE = 14;

export interface RmapShown {
  readonly at: Vpn;
  readonly space: AddressSpace;
  readonly folio: FolioInfo;
  readonly visits: readonly RmapVisit[];
  readonly model: string;
}

const TIP: Tip = [
  ['vma', 'VMA'],
  ['pgoff', 'vm_pgoff'],
  ['anon', 'its anon_vma'],
  ['chain', 'its anon_vma_chain'],
  ['where', 'the page would be at'],
  ['found', 'mapped there'],
];

export function rmapChart({ at, space, folio, visits, model }: RmapShown): VegaLiteSpec {
  const g = space.geometry;
  const shown = visits.slice(0, SHOWN);
  const more = visits.length - shown.length;
  const body = Math.max(BOX, shown.length * ROW + (more > 0 ? ROW / 2 : 0));
  const middle = HEAD + body / 2;
  const top = (i: number): number => HEAD + i * ROW + (shown.length * ROW < body && more === 0 ? (body - shown.length * ROW) / 2 : 0);
  const found = visits.filter((v) => v.found).length;
  const ways = shown.map((v, i) => ({ x: OWNER.x2, x2: VMAS.x, y: middle, y2: top(i) + ROW / 2, ink: v.found ? INK.text : INK.line, found: v.found }));
  const layers: Layer[] = [
    texts([
      { x: FOLIO.x, y: 6, text: 'the folio', ink: INK.quiet },
      { x: OWNER.x, y: 6, text: 'folio->mapping', ink: INK.quiet },
      { x: VMAS.x, y: 6, text: 'VMAs a walk looks at, by index', ink: INK.quiet },
    ], { size: SIZE.small, align: 'left' }), // prettier-ignore
    rules([{ x: FOLIO.x2, x2: OWNER.x, y: middle, y2: middle, ink: INK.text }], { width: 1.5 }),
    rules(
      ways.filter((w) => w.found),
      { width: 1.5 },
    ),
    rules(
      ways.filter((w) => !w.found),
      { width: 1, dash: [4, 3] },
    ),
    box(FOLIO, middle, ROLE_COLOUR.new, folioLines(folio)),
    box(OWNER, middle, ROLE_COLOUR.moved, ownerLines(folio, space)),
    rects(
      shown.map((v, i) => ({
        ...vmaTip(v, space),
        x: VMAS.x,
        x2: VMAS.x2,
        y: top(i) + 3,
        y2: top(i) + ROW - 3,
        fill: v.found ? VMA_COLOUR.body : INK.ground,
        stroke: v.found ? INK.text : VMA_COLOUR.frame,
      })),
      { framed: true, tip: TIP },
    ),
    lines(
      shown.flatMap((v, i) =>
        vmaLines(v, space).map((text, k) => ({
          x: VMAS.x + 8,
          y: top(i) + ROW / 2 + (k - 0.5) * LINE,
          text: fitting(text, VMAS.x2 - VMAS.x - 14),
          ink: k === 0 || v.found ? INK.text : INK.quiet,
        })),
      ),
    ),
    lines(more > 0 ? [{ x: VMAS.x + 8, y: HEAD + shown.length * ROW + ROW / 4, text: `… and ${plural(more, 'more VMA')}`, ink: INK.quiet }] : []),
    ...keyLayers(
      [{ text: 'maps the page', fill: VMA_COLOUR.body }, ...(found < visits.length ? [{ text: 'looked at for nothing', fill: VMA_COLOUR.frame, as: 'outline' as const }] : [])],
      HEAD + body + 8,
    ),
  ];
  const title = `The page at ${addressText(g, at)}: a walk looks at ${plural(visits.length, 'VMA')} and finds it in ${count(found)}`;
  const subtitle = [`${model}, ${g.name}`, 'A VMA has the page at vm_start + (index - vm_pgoff), if its entry there maps the frame.'];
  const flat = layers.flat();
  return chart({ title: wrap(title, 70), subtitle, description: title }, [plane(HEAD + body + 8 + KEY, flat, { rows: [], clip: true })]);
}

const lines = (rows: readonly Row[]): Layer => texts(rows, { size: SIZE.small, align: 'left' });

function box({ x, x2 }: { readonly x: number; readonly x2: number }, middle: number, stroke: string, said: readonly string[]): Layer {
  const half = (said.length * LINE) / 2 + 7;
  return {
    layer: [
      rects([{ x: x + 1, x2, y: middle - half, y2: middle + half, fill: INK.ground, stroke }], { framed: true, width: 2 }),
      lines(said.map((text, i) => ({ x: x + 9, y: middle + (i - (said.length - 1) / 2) * LINE, text: fitting(text, x2 - x - 16), ink: INK.text }))),
    ],
  } as Layer;
}

const folioLines = ({ pfn, order, index, mapcount, pins }: FolioInfo): string[] => [
  `frame ${hex(BigInt(pfn))}`,
  `index ${hex(BigInt(index))}`,
  `mapcount ${count(mapcount)}${pins > 0 ? `, ${plural(pins, 'pin')}` : ''}`,
  order === 0 ? 'one page' : `one of ${count(2 ** order)} pages`,
];

function ownerLines({ mapping }: FolioInfo, space: AddressSpace): string[] {
  if (!('id' in mapping)) return [mapping.kind === 'ksm' ? 'a page of ksm' : 'nothing: truncated'];
  if (mapping.kind === 'file') return [`file ${mapping.id}`, 'i_mmap: by offset'];
  const anon = space.anonVma(mapping.id);
  const name = `anon_vma ${mapping.id}`;
  if (anon === undefined) return [name];
  return [name, anon.root === anon.id ? 'its own root' : `root ${anon.root}`, plural(anon.numActiveVmas, 'active VMA'), plural(anon.numChildren, 'child', 'children')];
}

function vmaLines(v: RmapVisit, space: AddressSpace): string[] {
  const g = space.geometry;
  const range = `${addressText(g, v.start)}-${addressText(g, v.end)}`;
  const anon = v.anonVma === null ? 'no anon_vma' : `anon_vma ${v.anonVma}`;
  return [
    `process ${v.process}: ${range}, ${size(toBytes(g, v.end - v.start))}`,
    `pgoff ${hex(BigInt(v.pgoff))}, ${anon}: ${v.found ? 'maps it at' : 'not at'} ${addressText(g, v.at)}`,
  ];
}

function vmaTip(v: RmapVisit, space: AddressSpace): Row {
  const g = space.geometry;
  const own = space.vmaAt(v.start);
  const same = own !== undefined && own.start === v.start && own.end === v.end && own.anonVma === v.anonVma;
  return {
    vma: `${addressText(g, v.start)}-${addressText(g, v.end)} of process ${v.process}`,
    pgoff: hex(BigInt(v.pgoff)),
    anon: v.anonVma === null ? 'none' : String(v.anonVma),
    chain: same ? plural(own.chainLength, 'anon_vma') : 'of another process',
    where: addressText(g, v.at),
    found: v.found ? 'yes' : 'no',
  };
}

function fitting(text: string, width: number): string {
  let end = text.length;
  while (end > 1 && textWidth(end === text.length ? text : `${text.slice(0, end)}…`, SIZE.small) > width) end--;
  return end === text.length ? text : `${text.slice(0, end)}…`;
}
