/**
 * The state of a race is one row of small numbers, so that it can be copied, compared and hashed in
 * no time. Whatever a step looks at or changes goes through `Cells`, which notes it: what a step
 * depends on is observed while it runs; nobody has to declare it, and nobody can declare it wrongly.
 */

/** Bits of the cells read, then bits of the cells written. */
export type Access = Int32Array;

/** Hands out the cells of a state while the world is laid out. */
export class Layout {
  size = 0;

  /** The first of `count` cells. */
  cells(count: number): number {
    const first = this.size;
    this.size += count;
    return first;
  }
}

export class Cells {
  readonly words: number;
  state: Uint16Array;
  access: Access;

  constructor(size: number) {
    this.words = Math.ceil(size / 32);
    this.state = new Uint16Array(size);
    this.access = new Int32Array(2 * this.words);
  }

  get(cell: number): number {
    const word = cell >> 5;
    this.access[word] = (this.access[word] as number) | (1 << (cell & 31));
    return this.state[cell] as number;
  }

  set(cell: number, value: number): void {
    const word = this.words + (cell >> 5);
    this.access[word] = (this.access[word] as number) | (1 << (cell & 31));
    this.state[cell] = value;
  }

  add(cell: number, by: number): number {
    const value = this.get(cell) + by;
    this.set(cell, value);
    return value;
  }
}

/** Whether two steps cannot be swapped: one writes what the other reads or writes. */
export function conflicts(a: Access, b: Access): boolean {
  const words = a.length >> 1;
  for (let i = 0; i < words; i++) {
    const aw = a[words + i] as number;
    const bw = b[words + i] as number;
    if ((aw & ((b[i] as number) | bw)) !== 0 || (bw & (a[i] as number)) !== 0) return true;
  }
  return false;
}

export function include(into: Access, from: Access): void {
  for (let i = 0; i < into.length; i++) into[i] = (into[i] as number) | (from[i] as number);
}

export function hashOf(state: Uint16Array): number {
  let h = 0x811c9dc5;
  for (let i = 0; i < state.length; i++) h = Math.imul(h ^ (state[i] as number), 0x01000193);
  h ^= h >>> 15;
  h = Math.imul(h, 0x2c1b3c6d);
  return (h ^ (h >>> 12)) >>> 0;
}

export function same(a: Uint16Array, b: Uint16Array): boolean {
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
