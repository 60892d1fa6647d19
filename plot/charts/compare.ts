/** One block on several releases, side by side, and only what parts: entries moved, statements, layouts. */
import { costOf, count, duration, type ComparedSide, type Table, type Vma } from '../../machine/index.js';
import { textWidth, wrap } from '../labels.js';
import { round } from '../page-axis.js';
import { union } from '../ranges.js';
import { chart, plane, rects, rules, texts, type Layer, type Panel, type Row, type VegaLiteSpec } from '../spec.js';
import { INK, LEVEL_COLOUR, PLANE, SIZE } from '../theme.js';
import { addressText } from '../title.js';
import { pagesSize, plural } from '../totals.js';
import { addressScale } from './address-scale.js';
import { BAND, bandLayers } from './band-layers.js';
import { groupVmas, ownVmas } from './bands.js';
import { edgeLabelLayers, edgeLabels } from './edge-labels.js';
import { KEY, keyLayers } from './key.js';

const ROW = 24;
const NAMES = 190;
const LABEL = 250;
const LINES = 16;
const CELL = 13;
const BANDS_SHOWN = 24;
const LEVELS = ['pte', 'pmd', 'pud'] as const;

interface Compared {
  readonly title: string;
  readonly text: readonly string[];
  readonly table: Table;
  readonly sides: readonly ComparedSide[];
}

export function compareChart(compared: Compared): VegaLiteSpec | null {
  const { title, text } = compared;
  if (compared.table.rows.length === 0) return null;
  const { table, sides } = alike(compared);
  const panels = [movedPanel(sides), tablePanel(table), layoutPanel(sides)].filter((p) => p !== null);
  return chart({ title: wrap(title, 70), subtitle: text.flatMap((t) => wrap(t, 88)), description: `${title}: ${text.join('; ')}` }, panels);
}

/** Releases that came to the same in everything are drawn as one. */
function alike({ table, sides }: Compared): Pick<Compared, 'table' | 'sides'> {
  const key = (side: ComparedSide, i: number): string => [...table.rows.map((r) => r[i + 1]), ...movedBy(side).entries, ...ownVmas(side.space).map(keyOf)].join('\n');
  const groups = new Map<string, number[]>();
  sides.forEach((side, i) => groups.set(key(side, i), [...(groups.get(key(side, i)) ?? []), i]));
  const kept = [...groups.values()].map((members) => ({ at: members[0] ?? 0, name: members.map((i) => sides[i]?.model ?? '').join(', ') }));
  return {
    table: {
      columns: [...table.columns.slice(0, 1), ...kept.map(({ name }) => ({ name, as: 'text' as const }))],
      rows: table.rows.map((r) => [r[0] ?? null, ...kept.map(({ at }) => r[at + 1] ?? null)]),
    },
    sides: kept.flatMap(({ at, name }) => (sides[at] === undefined ? [] : [{ ...sides[at], model: name }])),
  };
}

interface Moved {
  readonly entries: readonly number[];
  readonly nanoseconds: number;
}

function movedBy({ records }: ComparedSide): Moved {
  const moves = records.filter((r) => r.op.name === 'mremap');
  const sum = (of: (r: (typeof moves)[number]) => number): number => moves.reduce((n, r) => n + of(r), 0);
  return {
    entries: [sum((r) => r.moved.pte), sum((r) => r.moved.pmd + r.moved.huge_pmd), sum((r) => r.moved.pud + r.moved.huge_pud)],
    nanoseconds: sum((r) => (r.moves.length === 0 ? 0 : costOf(r).nanoseconds)),
  };
}

/** Null where every release moved the same. */
function movedPanel(sides: readonly ComparedSide[]): Panel | null {
  const moved = sides.map(movedBy);
  if (new Set(moved.map((m) => m.entries.join(' '))).size < 2) return null;
  const all = (m: Moved): number => m.entries.reduce((n, e) => n + e, 0);
  const longest = Math.max(1, ...moved.map(all));
  const at = (n: number): number => round(NAMES + (n / longest) * (PLANE - NAMES - LABEL));
  const middle = (i: number): number => i * ROW + ROW / 2;
  const bars = moved.flatMap((m, i) => {
    let from = 0;
    return LEVELS.flatMap((level, k): Row[] => {
      const entries = m.entries[k] ?? 0;
      const x = at(from);
      from += entries;
      return entries === 0
        ? []
        : [
            {
              x,
              x2: Math.max(at(from), x + 2),
              y: middle(i) - 7,
              y2: middle(i) + 7,
              fill: LEVEL_COLOUR[level],
              model: sides[i]?.model ?? '',
              entries: plural(entries, level.toUpperCase()),
            },
          ];
    });
  });
  const words = moved.map((m, i) => ({ x: at(all(m)) + 10, y: middle(i), text: movedText(m), ink: INK.text }));
  const height = sides.length * ROW + 4;
  const used = LEVELS.filter((_, k) => moved.some((m) => (m.entries[k] ?? 0) > 0));
  return plane(
    height + KEY,
    [
      texts(
        sides.map((s, i) => ({ x: 0, y: middle(i), text: fitting(s.model, NAMES - 10, SIZE.label), full: s.model, ink: INK.text })),
        { size: SIZE.label, align: 'left', tip: [['full', 'model']] },
      ),
      rects(bars, {
        tip: [
          ['model', 'on'],
          ['entries', 'moved'],
        ],
      }),
      texts(words, { size: SIZE.label, align: 'left' }),
      ...keyLayers(
        used.map((l) => ({ text: `${l.toUpperCase()} entries`, fill: LEVEL_COLOUR[l] })),
        height,
      ),
    ],
    { title: 'Entries that the mremaps moved', rows: [], clip: true },
  );
}

function movedText({ entries, nanoseconds }: Moved): string {
  const parts = LEVELS.flatMap((l, k) => ((entries[k] ?? 0) === 0 ? [] : [plural(entries[k] ?? 0, l.toUpperCase())]));
  return parts.length === 0 ? 'nothing' : `${parts.join(', ')}, about ${duration(nanoseconds)}`;
}

/** What parts, statement by statement: a column for each release, or for those that are alike. */
function tablePanel({ columns, rows }: Table): Panel {
  const shown = rows.slice(0, LINES);
  const first = Math.min(PLANE * 0.4, Math.max(...[columns[0]?.name ?? '', ...shown.map((r) => String(r[0]))].map((t) => textWidth(t, SIZE.small))) + 14);
  const width = (PLANE - first) / Math.max(1, columns.length - 1);
  const lines = [columns.map((c, i) => (i === 0 ? 'where' : c.name)), ...shown.map((r) => r.map((v) => String(v ?? '')))];
  const cells: Row[] = [];
  const edges: number[] = [];
  let y = 0;
  lines.forEach((line, at) => {
    const wrapped = line.map((value, i) => cellLines(value, (i === 0 ? first : width) - 12));
    wrapped.forEach((words, i) => {
      const x = round(i === 0 ? 0 : first + (i - 1) * width);
      words.forEach((text, k) => cells.push({ x, y: round(y + 5 + (k + 0.5) * CELL), text, full: line[i] ?? '', ink: at === 0 ? INK.quiet : INK.text }));
    });
    y += Math.max(...wrapped.map((w) => w.length)) * CELL + 10;
    edges.push(y);
  });
  const more = rows.length - shown.length;
  const foot = more > 0 ? [{ x: 0, y: y + ROW / 2, text: `… and ${plural(more, 'more difference')}`, ink: INK.quiet }] : [];
  return plane(
    y + foot.length * ROW,
    [
      rules(edges.slice(0, -1).map((edge) => ({ x: 0, x2: PLANE, y: edge, y2: edge, ink: INK.grid }))),
      texts(cells, { size: SIZE.small, align: 'left', tip: [['full', 'in full']] }),
      texts(foot, { size: SIZE.small, align: 'left' }),
    ],
    { title: `What parts: ${plural(rows.length, 'difference')}`, rows: [], clip: true },
  );
}

/** At most four lines of a cell; the rest is under the pointer. */
function cellLines(value: string, width: number): string[] {
  const lines = wrap(value, Math.floor(width / 6.4)).map((line) => fitting(line, width, SIZE.small));
  if (lines.length === 0) return [''];
  return lines.length <= 4 ? lines : [...lines.slice(0, 3), `${fitting(lines[3] ?? '', width - 12, SIZE.small)} …`];
}

const keyOf = (v: Vma): string => [v.start, v.end, v.perms, v.kind, v.kind === 'anon' ? '' : v.pgoff].join(' ');

/** The mappings that not every release has; null where the layouts are the same. */
function layoutPanel(sides: readonly ComparedSide[]): Panel | null {
  const own = sides.map((s) => ownVmas(s.space));
  const seen = new Map<string, number>();
  for (const v of own.flat()) seen.set(keyOf(v), (seen.get(keyOf(v)) ?? 0) + 1);
  const apart = own.map((vmas) => vmas.filter((v) => seen.get(keyOf(v)) !== sides.length));
  const g = sides[0]?.space.geometry;
  if (g === undefined || apart.every((vmas) => vmas.length === 0)) return null;
  const bands = apart.map((vmas) => groupVmas(vmas, BANDS_SHOWN));
  const axis = addressScale(g, union(bands.flat()));
  const edges = edgeLabels(
    union(apart.flat()).flatMap((r) => [
      { x: axis.at(r.start), text: addressText(g, r.start), priority: 2 },
      { x: axis.at(r.end), text: addressText(g, r.end), priority: 1 },
    ]),
    2,
  );
  const top = (i: number): number => edges.height + 18 + i * (BAND + 24);
  const layers: Layer[] = [
    ...edgeLabelLayers(edges, edges.height, -1),
    ...sides.flatMap((s, i) => [
      texts([{ x: 0, y: top(i) - 8, text: sideText(s, apart[i] ?? []), ink: INK.quiet }], { size: SIZE.small, align: 'left' }),
      ...bandLayers(s.space, bands[i] ?? [], [], axis, top(i)),
    ]),
  ];
  const scale = axis.toScale ? '' : '; not to one scale';
  return plane(top(sides.length) - 12, layers, { title: `Mappings that not every release has${scale}`, rows: [], zoom: 'zoom_layout' });
}

function sideText({ model, space }: ComparedSide, apart: readonly Vma[]): string {
  if (apart.length === 0) return `${model}: none of these`;
  const pages = apart.reduce((n, v) => n + v.end - v.start, 0);
  return `${model}: ${count(apart.length)} of them, ${pagesSize(space.geometry, pages)} from ${addressText(space.geometry, toFirst(apart))}`;
}

const toFirst = (vmas: readonly Vma[]): number => vmas[0]?.start ?? 0;

function fitting(text: string, width: number, size: number): string {
  if (textWidth(text, size) * 1.05 <= width) return text;
  let end = text.length - 1;
  while (end > 1 && textWidth(`${text.slice(0, end)}…`, size) * 1.05 > width) end--;
  return `${text.slice(0, end)}…`;
}
