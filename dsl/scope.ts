/** The names a statement can see, and what is known about each before anything runs. */
import type { Span } from '../machine/index.js';
import type { Kind } from './values.js';

/** What a name or an expression will be worth, as far as the text tells. */
export type Type = Kind | 'unknown';

export interface Binding {
  readonly type: Type;
  /** Where it was bound; undefined for names of an earlier cell. */
  readonly span?: Span;
  readonly let: boolean;
  used: boolean;
}

export type Scope = Map<string, Binding>;
