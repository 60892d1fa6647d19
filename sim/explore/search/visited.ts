/** A set of states, compared by content. */
import { hashOf, same } from '../cells.js';

export class Visited<T extends { readonly state: Uint16Array }> {
  private readonly byHash = new Map<number, T | T[]>();
  size = 0;

  get(state: Uint16Array): T | undefined {
    const found = this.byHash.get(hashOf(state));
    if (found === undefined) return undefined;
    if (!Array.isArray(found)) return same(found.state, state) ? found : undefined;
    return found.find((t) => same(t.state, state));
  }

  add(entry: T): void {
    const hash = hashOf(entry.state);
    const found = this.byHash.get(hash);
    this.byHash.set(hash, found === undefined ? entry : Array.isArray(found) ? [...found, entry] : [found, entry]);
    this.size++;
  }

  *values(): Generator<T> {
    for (const found of this.byHash.values()) {
      if (Array.isArray(found)) yield* found;
      else yield found;
    }
  }
}
