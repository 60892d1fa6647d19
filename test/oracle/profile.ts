/** What a profile of random programs decides: which operations, how long, where. */
import type { OpName } from './operations.js';

export const PMD = 512;
export const PUD = 512 * 512;
export const PAGE = 4096;

/** What can be done in a program, by weight. */
type Weights = Readonly<Partial<Record<OpName, number>>>;

export type Placing = 'fixed' | 'noreplace' | 'hint' | 'free';

export interface Profile {
  readonly steps: readonly [number, number];
  readonly ops: Weights;
  /** Pages that a new mapping is long, and by which ranges are cut. */
  readonly lengths: readonly number[];
  readonly cuts: readonly number[];
  /** Start pages of new mappings, from A. */
  readonly places: readonly number[];
  /** How far from a place a mapping may start, in pages. */
  readonly scatter: readonly number[];
  readonly prots?: readonly string[];
  readonly advice?: readonly string[];
  /** Added to MAP flags now and then. */
  readonly extras?: readonly string[];
  /** How mappings are placed: FIXED, FIXED_NOREPLACE, by a hint, or freely. */
  readonly placing?: readonly Placing[];
  /** Chance that a mapping is shared anonymous memory, or a file. */
  readonly shared?: number;
  readonly files?: number;
  /** Chance that an address or a length is not a multiple of a page. */
  readonly odd?: number;
  readonly strides?: readonly number[];
}
