/** The names a running statement can see: those of its block, then those around it. */
import type { Bindings, Value } from '../vocabulary/values.js';

export class Names implements Bindings {
  readonly #own = new Map<string, Value>();

  /** @param sealed names outside can be read, and `NAME =` binds one of the block's own all the same */
  constructor(
    private readonly around?: Bindings,
    private readonly sealed = false,
  ) {}

  get(name: string): Value | undefined {
    return this.#own.get(name) ?? this.around?.get(name);
  }

  /** `let NAME =`, a variable, a parameter: a name of this block's own. */
  declare(name: string, value: Value): void {
    this.#own.set(name, value);
  }

  /** `NAME =`: the nearest name of that name gets the value, or this block a new one. */
  assign(name: string, value: Value): void {
    (this.holder(name) ?? this.#own).set(name, value);
  }

  /** Everything that can be seen from here. */
  all(): Map<string, Value> {
    return new Map([...(this.around?.all() ?? []), ...this.#own]);
  }

  private holder(name: string): Map<string, Value> | undefined {
    if (this.#own.has(name)) return this.#own;
    return this.sealed || !(this.around instanceof Names) ? undefined : this.around.holder(name);
  }
}
