/** Where labels go so that none covers another: widths of text, and rows of labels beside an edge. */

/** Advance widths of DejaVu Sans in em, by class of character; close enough to keep a margin. */
export function textWidth(text: string, fontSize: number): number {
  let em = 0;
  for (const c of text) em += /[ .,:;'|!il]/.test(c) ? 0.36 : /[mwMW→…]/.test(c) ? 0.95 : /[A-Z]/.test(c) ? 0.7 : 0.635;
  return em * fontSize;
}

export interface EdgeLabel {
  /** The position the label names. */
  readonly x: number;
  readonly text: string;
  /** Higher goes first; the last ones are dropped when there is no room. */
  readonly priority: number;
  /** Where two positions fall together, the side to stand on. */
  readonly lean?: 'left' | 'right';
}

export interface PlacedLabel extends EdgeLabel {
  /** 0 is the row next to the edge. */
  readonly row: number;
  /** The middle of the text. */
  readonly cx: number;
}

interface Box extends PlacedLabel {
  readonly left: number;
  readonly right: number;
}

const GAP = 8;

/** A label may not cover another, nor the leader that runs from a farther row to the edge. */
function fits(box: Box, placed: readonly Box[]): boolean {
  return placed.every((p) => {
    if (p.row === box.row) return box.right + GAP <= p.left || p.right + GAP <= box.left;
    const [near, far] = p.row < box.row ? [p, box] : [box, p];
    return far.x < near.left - 2 || far.x > near.right + 2;
  });
}

/**
 * Places each label over its position, to its left or to its right, in a row with room. Important
 * labels take the nearest row or leave it to the others, whichever shows more labels.
 */
export function placeLabels(labels: readonly EdgeLabel[], bounds: readonly [number, number], fontSize: number, rows: number): PlacedLabel[] {
  const near = Array.from({ length: rows }, (_, i) => i);
  const [a, b] = [placeIn(labels, bounds, fontSize, near), placeIn(labels, bounds, fontSize, [...near].reverse())];
  return b.length > a.length ? b : a;
}

function placeIn(labels: readonly EdgeLabel[], bounds: readonly [number, number], fontSize: number, rows: readonly number[]): PlacedLabel[] {
  const placed: Box[] = [];
  const order = [...labels].sort((a, b) => b.priority - a.priority || a.x - b.x);
  for (const label of order) {
    if (placed.some((p) => p.text === label.text && Math.abs(p.x - label.x) < 0.5)) continue;
    const half = textWidth(label.text, fontSize) / 2;
    const box = candidates(label, half, bounds, rows).find((c) => fits(c, placed));
    if (box !== undefined) placed.push(box);
  }
  return placed.sort((a, b) => a.x - b.x || a.row - b.row).map(({ x, text, priority, row, cx }) => ({ x, text, priority, row, cx }));
}

function candidates(label: EdgeLabel, half: number, [min, max]: readonly [number, number], rows: readonly number[]): Box[] {
  return rows.flatMap((row) =>
    (label.lean === undefined ? [0, 4 - half, half - 4] : [label.lean === 'left' ? -half - 4 : half + 4]).map((shift) => {
      const cx = Math.min(max - half, Math.max(min + half, label.x + shift));
      return { ...label, row, cx, left: cx - half, right: cx + half };
    }),
  );
}

/** Breaks a sentence into lines of at most `limit` characters, at spaces. */
export function wrap(text: string, limit: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > limit) {
      lines.push(line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  return line === '' ? lines : [...lines, line];
}
