/** Addresses of edges, in rows above or below a band, each tied to its edge by a line. */
import type { EdgeLabel, PlacedLabel } from '../labels.js';
import { placeLabels } from '../labels.js';
import { rules, texts, type Layer } from '../spec.js';
import { INK, PLANE, SIZE } from '../theme.js';

export const ROW = 14;
const TICK = 6;

export interface EdgeLabels {
  readonly labels: readonly PlacedLabel[];
  readonly height: number;
}

export function edgeLabels(edges: readonly EdgeLabel[], rows: number): EdgeLabels {
  const labels = placeLabels(edges, [0, PLANE], SIZE.label, rows);
  return { labels, height: TICK + ROW * Math.max(0, ...labels.map((l) => l.row + 1)) };
}

/** `side` is -1 for rows above `edge` and 1 for rows below. */
export function edgeLabelLayers({ labels }: EdgeLabels, edge: number, side: -1 | 1): Layer[] {
  return [
    rules(
      labels.map((l) => ({ x: l.x, x2: l.x, y: edge, y2: edge + side * (TICK + l.row * ROW), ink: INK.line })),
      { width: 0.75 },
    ),
    texts(
      labels.map((l) => ({ x: l.cx, y: edge + side * (TICK + (l.row + 0.5) * ROW), text: l.text, ink: INK.text })),
      { size: SIZE.label },
    ),
  ];
}
