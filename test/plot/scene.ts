/** What a specification comes to on paper: texts and filled shapes with their bounds, to judge overlap and clipping by. */
import * as vega from 'vega';
import { compile } from 'vega-lite';
import type { VegaLiteSpec } from '../../plot/index.js';
import { INK } from '../../plot/theme.js';
import { textWidth } from '../../plot/labels.js';

export interface Box {
  readonly x1: number;
  readonly x2: number;
  readonly y1: number;
  readonly y2: number;
}

export interface Mark extends Box {
  readonly type: string;
  /** Of a text. */
  readonly text: string;
  readonly size: number;
  readonly fill: string;
  readonly opacity: number;
  readonly datum: Readonly<Record<string, unknown>>;
  /** The part of the paper outside which nothing of it is seen. */
  readonly clip: Box;
}

export interface Scene {
  readonly width: number;
  readonly height: number;
  readonly marks: readonly Mark[];
}

interface Item extends Partial<Record<'x' | 'y' | 'x2' | 'y2' | 'width' | 'height' | 'dx' | 'dy' | 'angle' | 'fontSize' | 'opacity' | 'fillOpacity' | 'strokeWidth', number>> {
  readonly text?: string | string[];
  readonly align?: string;
  readonly fill?: string;
  readonly stroke?: string;
  readonly datum?: Record<string, unknown>;
  readonly items?: readonly SceneMark[];
  readonly bounds: Box;
}

interface SceneMark {
  readonly marktype: string;
  readonly clip?: boolean;
  readonly items: readonly Item[];
}

/** As charts have it. */
const PADDING = 12;

/** @param upto where a slider is set, for charts that play */
export async function sceneOf(spec: VegaLiteSpec, upto?: number): Promise<Scene> {
  // Without a canvas vega guesses the widths of texts; the labels' own measure is nearer.
  const { textMetrics } = vega as unknown as { textMetrics: { width: (item: Item, text?: string) => number } };
  const { width } = textMetrics;
  textMetrics.width = (item: Item, text?: string) => textWidth(String(text ?? item.text ?? ''), item.fontSize ?? 11);
  const view = new vega.View(vega.parse(compile(spec).spec), { renderer: 'none', logLevel: vega.Error });
  if (upto !== undefined) view.signal('upto', upto);
  await view.runAsync();
  textMetrics.width = width;
  const marks: Mark[] = [];
  const internal = view as unknown as { _viewWidth: number; _viewHeight: number };
  const size = { width: internal._viewWidth + 2 * PADDING, height: internal._viewHeight + 2 * PADDING };
  const [left, top] = view.origin();
  const paper: Box = { x1: 0, y1: 0, x2: size.width, y2: size.height };
  walk((view.scenegraph() as unknown as { root: SceneMark }).root, left + PADDING, top + PADDING, paper, marks);
  view.finalize();
  return { ...size, marks };
}

function walk(mark: SceneMark, dx: number, dy: number, clip: Box, out: Mark[]): void {
  for (const item of mark.items) {
    if (mark.marktype === 'group') {
      const [x, y] = [dx + (item.x ?? 0), dy + (item.y ?? 0)];
      for (const child of item.items ?? []) {
        const own = child.clip === true ? { x1: x, y1: y, x2: x + (item.width ?? 0), y2: y + (item.height ?? 0) } : clip;
        walk(child, x, y, own, out);
      }
      continue;
    }
    const { bounds } = item;
    const seen = (item.opacity ?? 1) > 0 && (item.fill !== undefined || item.stroke !== undefined);
    if (!seen || bounds.x1 > bounds.x2) continue;
    out.push({
      type: mark.marktype,
      text: mark.marktype === 'text' ? String(item.text ?? '') : '',
      size: item.fontSize ?? 0,
      fill: item.fill ?? 'transparent',
      opacity: (item.opacity ?? 1) * (item.fillOpacity ?? 1),
      datum: item.datum ?? {},
      clip,
      x1: bounds.x1 + dx,
      x2: bounds.x2 + dx,
      y1: bounds.y1 + dy,
      y2: bounds.y2 + dy,
    });
  }
}

const name = (m: Mark): string => `"${m.text}" (${[m.x1, m.y1, m.x2, m.y2].map(Math.round).join(' ')})`;

/** The glyphs of a line stand well within the height that is kept for it. */
const inked = (m: Mark): Box => (m.x2 - m.x1 > m.y2 - m.y1 ? { ...m, y1: m.y1 + 2, y2: m.y2 - 2 } : m);

const overlap = (a: Box, b: Box, slack: number): boolean => a.x1 + slack < b.x2 && b.x1 + slack < a.x2 && a.y1 + slack < b.y2 && b.y1 + slack < a.y2;

/** Every fault that a reader would see, in words. */
export function faults({ width, height, marks }: Scene): string[] {
  const out: string[] = [];
  const texts = marks.filter((m) => m.type === 'text' && m.text.trim() !== '');
  // The rim of a text is the same text once more.
  const apart = texts.filter((t, i) => !texts.slice(0, i).some((o) => o.text === t.text && Math.abs(o.x1 - t.x1) < 4 && Math.abs(o.y1 - t.y1) < 4));
  for (const m of marks) {
    if (m.x1 < -2 || m.y1 < -2 || m.x2 > width + 2 || m.y2 > height + 2) out.push(`${m.type} ${name(m)} leaves the paper (${width} by ${height})`);
  }
  for (const t of apart) {
    const { clip } = t;
    if (t.x1 < clip.x1 - 2 || t.x2 > clip.x2 + 2 || t.y1 < clip.y1 - 3 || t.y2 > clip.y2 + 3)
      out.push(`${name(t)} is clipped at ${[clip.x1, clip.y1, clip.x2, clip.y2].map(Math.round).join(' ')}`);
  }
  const blocks = marks.filter((m) => m.type === 'rect' && m.opacity >= 0.5 && m.fill !== 'transparent' && m.fill !== INK.ground);
  for (const t of apart) {
    const [x, y] = [(t.x1 + t.x2) / 2, (t.y1 + t.y2) / 2];
    const under = blocks.filter((b) => b.x1 <= x && x <= b.x2 && b.y1 <= y && y <= b.y2);
    if (under.length > 0 && !under.some((b) => b.x1 - 1 <= t.x1 && t.x2 <= b.x2 + 1)) out.push(`${name(t)} sticks out of the block it stands in`);
  }
  apart.forEach((t, i) => {
    for (const o of apart.slice(i + 1)) if (overlap(inked(t), inked(o), 1)) out.push(`${name(t)} covers ${name(o)}`);
  });
  return out;
}
