/** The key under a drawing whose colours are written in its data. */
import { textWidth } from '../labels.js';
import { rects, rules, texts, type Layer } from '../spec.js';
import { INK, SIZE } from '../theme.js';

export interface KeyItem {
  readonly text: string;
  readonly fill: string;
  readonly opacity?: number;
  /** A line, a frame (dashed, solid, dotted) or a sign instead of a patch. */
  readonly as?: 'line' | 'frame' | 'outline' | 'dots' | 'sign';
  readonly sign?: string;
}

export const KEY = 20;

export function keyLayers(items: readonly KeyItem[], y: number): Layer[] {
  let x = 0;
  const placed = items.map((item) => {
    const at = { ...item, x };
    x += 17 + textWidth(item.text, SIZE.label) + 16;
    return at;
  });
  const patches = placed.filter((p) => p.as === undefined);
  const frames = (as: KeyItem['as'], style: { width: number; dash?: number[] }): Layer =>
    rects(
      placed.filter((p) => p.as === as).map((p) => ({ x: p.x + 1, x2: p.x + 13, y: y + 4, y2: y + 16, fill: 'transparent', stroke: p.fill })),
      { framed: true, ...style },
    );
  return [
    ...[1, 0.55].map((opacity) =>
      rects(
        patches.filter((p) => (p.opacity ?? 1) === opacity).map((p) => ({ x: p.x, x2: p.x + 12, y: y + 4, y2: y + 16, fill: p.fill, stroke: INK.line })),
        { framed: true, width: 0.5, opacity },
      ),
    ),
    rules(
      placed.filter((p) => p.as === 'line').map((p) => ({ x: p.x + 6, x2: p.x + 6, y: y + 3, y2: y + 17, ink: p.fill })),
      { width: 1.5 },
    ),
    frames('frame', { width: 1.5, dash: [4, 3] }),
    frames('outline', { width: 2.5 }),
    frames('dots', { width: 1.5, dash: [2, 2] }),
    texts(
      placed.filter((p) => p.as === 'sign').map((p) => ({ x: p.x + 7, y: y + 10, text: p.sign ?? '', ink: p.fill })),
      { size: SIZE.label },
    ),
    texts(
      placed.map((p) => ({ x: p.x + 17, y: y + 10, text: p.text, ink: INK.text })),
      { size: SIZE.label, align: 'left' },
    ),
  ];
}
