/** The names a statement can see, and what is known about each before anything runs. */
import type { Span } from '../../machine/index.js';
import type { Kind } from '../vocabulary/values.js';

/** What a name or an expression will be worth, as far as the text tells. */
export type Type = Kind | 'unknown';

export interface Binding {
  readonly type: Type;
  /** Where it was bound; undefined for names of an earlier cell. */
  readonly span?: Span;
  readonly let: boolean;
  /** The names of its parameters, if it is a function. */
  readonly parameters?: readonly string[];
  /** The names of its columns, if it is a table. */
  readonly columns?: readonly string[];
  used: boolean;
}

/** As `Names`, for the checker. */
export class Scope {
  readonly #own: Map<string, Binding>;

  constructor(
    own: Iterable<readonly [string, Binding]> = [],
    private readonly around?: Scope,
    private readonly sealed = false,
  ) {
    this.#own = new Map(own);
  }

  get(name: string): Binding | undefined {
    return this.#own.get(name) ?? this.around?.get(name);
  }

  has(name: string): boolean {
    return this.get(name) !== undefined;
  }

  /** Whether this block has the name itself. */
  owns(name: string): boolean {
    return this.#own.has(name);
  }

  declare(name: string, binding: Binding): void {
    this.#own.set(name, binding);
  }

  /** Returns the block whose name `NAME =` in this one binds again. */
  holder(name: string): Scope | undefined {
    if (this.#own.has(name)) return this;
    return this.sealed ? undefined : this.around?.holder(name);
  }

  /** A block within this one. */
  inner(sealed = false): Scope {
    return new Scope([], this, sealed);
  }

  own(): IterableIterator<[string, Binding]> {
    return this.#own.entries();
  }

  /** Everything that can be seen from here. */
  all(): Map<string, Binding> {
    return new Map([...(this.around?.all() ?? []), ...this.#own]);
  }

  /** A copy of the names, in which new ones can be bound without changing this scope. */
  copy(): Scope {
    return new Scope([...this.all()].map(([name, binding]) => [name, { ...binding }] as const));
  }
}
