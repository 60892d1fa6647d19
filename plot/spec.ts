/** The building blocks of drawings whose layout is computed here: layers over a plane of pixels. */
import type { TopLevelSpec } from 'vega-lite';
import { INK, PLANE, ROW_NAMES, SCHEMA, SIZE, theme } from './theme.js';

export type VegaLiteSpec = TopLevelSpec;

type Layered = Extract<TopLevelSpec, { layer: unknown }>;
export type Layer = Layered['layer'][number];
type VConcat = Extract<TopLevelSpec, { vconcat: unknown }>;
export type Panel = VConcat['vconcat'][number];

export type Row = Readonly<Record<string, string | number | boolean | null>>;

/** A field of the data and what a tooltip calls it. */
export type Tip = readonly (readonly [field: string, title: string])[];

const tooltip = (tip: Tip): { field: string; type: 'nominal'; title: string }[] => tip.map(([field, title]) => ({ field, type: 'nominal', title }));

/** The name of the slider's value, in charts that play. */
const SLIDER = 'upto';

/** Rows that come after the slider's position are faint; each row has `first`, the step it begins with. */
export const PLAYED = { condition: { test: `datum.first <= ${SLIDER}`, value: 1 }, value: 0.12 } as const;

/** Plays a chart step by step. It stands at the end at first, so that a still picture is complete. */
export const slider = (name: string, steps: number) => ({ name: SLIDER, value: steps, bind: { input: 'range', min: 0, max: steps, step: 1, name: `${name} ` } }) as const;

/** Texts of which only the one at the slider's position is shown; rows carry `first` and `last` besides what `texts` takes. */
export function playedTexts(values: readonly Row[], size: number): Layer {
  return { ...texts(values, { size }), transform: [{ filter: `datum.first <= ${SLIDER} && ${SLIDER} <= datum.last` }] } as Layer;
}

const x = { field: 'x', type: 'quantitative' } as const;
const y = { field: 'y', type: 'quantitative' } as const;
/** Takes the colour from a field of the data. */
const own = (field: string) => ({ field, type: 'nominal', scale: null, legend: null }) as const;

/** Rows carry x, x2, y, y2, fill and, where `framed`, stroke. */
export function rects(values: readonly Row[], options: { tip?: Tip; framed?: boolean; width?: number; dash?: number[]; opacity?: number; played?: boolean } = {}): Layer {
  return {
    data: { values: [...values] },
    mark: {
      type: 'rect',
      aria: false,
      ...(options.framed === true ? { strokeWidth: options.width ?? 1 } : {}),
      ...(options.dash === undefined ? {} : { strokeDash: options.dash }),
      ...(options.opacity === undefined ? {} : { fillOpacity: options.opacity }),
    },
    encoding: {
      x,
      y,
      x2: { field: 'x2' },
      y2: { field: 'y2' },
      fill: own('fill'),
      ...(options.framed === true ? { stroke: own('stroke') } : {}),
      ...(options.played === true ? { opacity: PLAYED } : {}),
      ...(options.tip === undefined ? {} : { tooltip: tooltip(options.tip) }),
    },
  };
}

/** Rows carry x, y, text and ink. */
export function texts(values: readonly Row[], options: { size: number; align?: 'left' | 'center' | 'right'; bold?: boolean; tip?: Tip; played?: boolean }): Layer {
  return {
    data: { values: [...values] },
    mark: {
      type: 'text',
      aria: false,
      align: options.align ?? 'center',
      baseline: 'middle',
      fontSize: options.size,
      ...(options.bold === true ? { fontWeight: 'bold' } : {}),
    },
    encoding: {
      x,
      y,
      text: { field: 'text', type: 'nominal' },
      color: own('ink'),
      ...(options.played === true ? { opacity: PLAYED } : {}),
      ...(options.tip === undefined ? {} : { tooltip: tooltip(options.tip) }),
    },
  };
}

/** Texts with a rim of the ground's colour, for where they cross what is drawn; rows as for `texts`. */
export function rimmedTexts(values: readonly Row[], size: number): Layer[] {
  const rim: Layer = {
    data: { values: [...values] },
    mark: { type: 'text', aria: false, baseline: 'middle', fontSize: size, stroke: INK.ground, strokeWidth: 4, strokeJoin: 'round' },
    encoding: { x, y, text: { field: 'text', type: 'nominal' } },
  };
  return [rim, texts(values, { size })];
}

/** Rows carry x, x2, y, y2 and ink. */
export function rules(values: readonly Row[], options: { width?: number; dash?: number[]; tip?: Tip } = {}): Layer {
  return {
    data: { values: [...values] },
    mark: {
      type: 'rule',
      aria: false,
      strokeWidth: options.width ?? 1,
      ...(options.dash === undefined ? {} : { strokeDash: options.dash }),
    },
    encoding: {
      x,
      y,
      x2: { field: 'x2' },
      y2: { field: 'y2' },
      color: own('ink'),
      ...(options.tip === undefined ? {} : { tooltip: tooltip(options.tip) }),
    },
  };
}

/** Bands from a range above to a range below: rows carry y, x, x2 and the ribbon they belong to. */
export function ribbons(values: readonly Row[], colour: string, opacity = 0.28): Layer {
  return {
    data: { values: [...values] },
    mark: { type: 'area', orient: 'horizontal', aria: false, color: colour, fillOpacity: opacity },
    encoding: { x, y, x2: { field: 'x2' }, detail: { field: 'ribbon', type: 'nominal' } },
  };
}

/** The names of a drawing's rows, written where an axis would have its labels. */
export interface RowName {
  readonly y: number;
  readonly text: string;
}

/**
 * Dragging moves the drawing sideways, and the wheel with Ctrl or Alt (or two fingers) zooms; the
 * wheel alone scrolls the page. A double click undoes it.
 */
const zoomed = (name: string) =>
  ({ name, select: { type: 'interval', encodings: ['x'], zoom: 'wheel![event.ctrlKey || event.altKey || event.metaKey]' }, bind: 'scales' }) as const;

/**
 * A drawing of `width` by `height` pixels, y downwards from 0, with room for row names on its left.
 * `zoom` names what zooms it: each panel of a chart needs a name of its own. `clip` is for drawings of
 * many words, whose width is guessed too large where there is no canvas to measure them on.
 */
export function plane(height: number, layers: readonly Layer[], options: { title?: string; rows: readonly RowName[]; zoom?: string; clip?: boolean }): Panel & Layered {
  const { zoom } = options;
  const drawn = layers.filter((l) => !isEmpty(l)).map((l) => (options.clip === true ? clipped(l) : l));
  const names = Object.fromEntries(options.rows.map((r) => [String(r.y), r.text]));
  return {
    ...(options.title === undefined ? {} : { title: panelTitle(options.title) }),
    width: PLANE,
    height,
    layer: drawn.map((l, i) => (i > 0 || zoom === undefined ? l : ({ ...l, params: [zoomed(zoom)] } as unknown as Layer))),
    encoding: {
      x: { type: 'quantitative', scale: { domain: [0, PLANE], nice: false, zero: false }, axis: null },
      y: {
        type: 'quantitative',
        scale: { domain: [0, height], nice: false, zero: false, reverse: true },
        axis: {
          values: options.rows.map((r) => r.y),
          labelExpr: `(${JSON.stringify(names)})[toString(datum.value)]`,
          title: null,
          grid: false,
          domain: false,
          ticks: false,
          labelPadding: 8,
          minExtent: ROW_NAMES,
          maxExtent: ROW_NAMES,
        },
      },
    },
  };
}

/** A title over one of several panels. */
export const panelTitle = (text: string) => ({ text, fontSize: SIZE.subtitle, fontWeight: 'normal', frame: 'group', offset: 8 }) as const;

const clipped = (l: Layer): Layer => ('mark' in l && typeof l.mark === 'object' ? ({ ...l, mark: { ...l.mark, clip: true } } as Layer) : l);

const isEmpty = (l: Layer): boolean => 'data' in l && l.data !== undefined && l.data !== null && 'values' in l.data && Array.isArray(l.data.values) && l.data.values.length === 0;

export interface Heading {
  readonly title: string | string[];
  readonly subtitle: string[];
  /** One sentence for screen readers. */
  readonly description: string;
  /** For charts that play. */
  readonly params?: readonly ReturnType<typeof slider>[];
}

/** A whole chart of one drawing or several under each other. */
export function chart(heading: Heading, panels: readonly Panel[]): VegaLiteSpec {
  const head = {
    $schema: SCHEMA,
    description: heading.description,
    title: { text: heading.title, subtitle: heading.subtitle },
    padding: 12,
    config: theme,
    ...(heading.params === undefined ? {} : { params: [...heading.params] }),
  };
  const [only] = panels;
  if (panels.length === 1 && only !== undefined && only.title === undefined) return { ...head, ...only } as VegaLiteSpec;
  return {
    ...head,
    vconcat: [...panels],
    spacing: 18,
    resolve: { scale: { fill: 'independent', stroke: 'independent', color: 'independent' } },
  } as VegaLiteSpec;
}
