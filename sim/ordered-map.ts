/**
 * A sorted map from integers to values: ascending leaves side by side. Clones share their
 * leaves until one of them changes: a leaf is copied at its first change after a clone was made, and so is the list of leaves.
 *
 * The model asks it several times for every operation, mostly near to where it asked last.
 */

/** Entries of a leaf that is split; moving half as many costs less than finding the place. */
const LEAF = 64;

class Leaf<V> {
  constructor(
    /** The map that may change this leaf in place. */
    readonly owner: object,
    readonly keys: number[],
    readonly values: V[],
  ) {}
}

export class OrderedMap<V> {
  /** The first key of every leaf. No leaf is empty. */
  private firsts: number[] = [];
  private leaves: Leaf<V>[] = [];
  private owner: object = {};
  private listShared = false;
  /** The leaf looked at last. */
  private near = 0;
  private entryCount = 0;

  get size(): number {
    return this.entryCount;
  }

  clone(): OrderedMap<V> {
    const copy = new OrderedMap<V>();
    copy.firsts = this.firsts;
    copy.leaves = this.leaves;
    copy.entryCount = this.entryCount;
    copy.listShared = this.listShared = true;
    this.owner = {};
    return copy;
  }

  /** Remembers what it holds; what is returned puts it back as it was, once. */
  mark(): () => void {
    const then = this.clone();
    return () => {
      this.firsts = then.firsts;
      this.leaves = then.leaves;
      this.entryCount = then.entryCount;
      this.listShared = true;
      this.owner = {};
      this.near = 0;
    };
  }

  get(key: number): V | undefined {
    const leaf = this.leaves[this.leafOf(key)];
    if (leaf === undefined) return undefined;
    const i = placeOf(leaf.keys, key);
    return i < leaf.keys.length && leaf.keys[i] === key ? leaf.values[i] : undefined;
  }

  /** The value of the greatest key up to and including this one. */
  atOrBelow(key: number): V | undefined {
    const leaf = this.leaves[this.leafOf(key)];
    if (leaf === undefined) return undefined;
    const i = placeOf(leaf.keys, key);
    if (i < leaf.keys.length && leaf.keys[i] === key) return leaf.values[i];
    // Only the first leaf can have nothing below.
    return i === 0 ? undefined : leaf.values[i - 1];
  }

  below(key: number): V | undefined {
    const at = this.leafOf(key);
    const leaf = this.leaves[at];
    if (leaf === undefined) return undefined;
    const i = placeOf(leaf.keys, key);
    return i > 0 ? leaf.values[i - 1] : this.leaves[at - 1]?.values.at(-1);
  }

  atOrAbove(key: number): V | undefined {
    const at = this.leafOf(key);
    const leaf = this.leaves[at];
    if (leaf === undefined) return undefined;
    const i = placeOf(leaf.keys, key);
    return i < leaf.keys.length ? leaf.values[i] : this.leaves[at + 1]?.values[0];
  }

  above(key: number): V | undefined {
    const at = this.leafOf(key);
    const leaf = this.leaves[at];
    if (leaf === undefined) return undefined;
    let i = placeOf(leaf.keys, key);
    if (i < leaf.keys.length && leaf.keys[i] === key) i++;
    return i < leaf.keys.length ? leaf.values[i] : this.leaves[at + 1]?.values[0];
  }

  /** The values from a key on, ascending; not to be used once the map has changed. */
  from(key = -Infinity): Cursor<V> {
    const at = this.leafOf(key);
    const leaf = this.leaves[at];
    return new Cursor(this.leaves, at, leaf === undefined ? 0 : placeOf(leaf.keys, key));
  }

  /** The same from the greatest key up to and including this one, else from the first. */
  fromAtOrBelow(key: number): Cursor<V> {
    const at = this.leafOf(key);
    const leaf = this.leaves[at];
    if (leaf === undefined) return new Cursor(this.leaves, 0, 0);
    const i = placeOf(leaf.keys, key);
    return new Cursor(this.leaves, at, i > 0 && leaf.keys[i] !== key ? i - 1 : i);
  }

  *values(): Generator<V> {
    for (const leaf of [...this.leaves]) yield* [...leaf.values];
  }

  /** @returns whether the key is new */
  set(key: number, value: V): boolean {
    const at = this.leafOf(key);
    if (this.leaves.length === 0) {
      this.ownList();
      this.leaves.push(new Leaf(this.owner, [key], [value]));
      this.firsts.push(key);
      this.entryCount = 1;
      return true;
    }
    const leaf = this.ownLeaf(at);
    const { keys, values } = leaf;
    const i = placeOf(keys, key);
    if (i < keys.length && keys[i] === key) {
      values[i] = value;
      return false;
    }
    this.entryCount++;
    if (keys.length >= LEAF) {
      this.split(at, key, value, i);
      return true;
    }
    insertAt(keys, i, key);
    insertAt(values, i, value);
    if (i === 0) {
      this.ownList();
      this.firsts[at] = key;
    }
    return true;
  }

  delete(key: number): boolean {
    return this.deleteRange(key, key + 1) > 0;
  }

  /** Takes out the keys in [from, to); returns how many there were. */
  deleteRange(from: number, to: number): number {
    let deleted = 0;
    let at = this.leafOf(from);
    let found = this.leaves[at];
    let i = found === undefined ? 0 : placeOf(found.keys, from);
    while (found !== undefined) {
      if (i === found.keys.length) {
        found = this.leaves[++at];
        i = 0;
        continue;
      }
      const first = found.keys[i];
      if (first === undefined || first >= to) break;
      const leaf = this.ownLeaf(at);
      let end = i + 1;
      while (end < leaf.keys.length && (leaf.keys[end] ?? to) < to) end++;
      removeAt(leaf.keys, i, end - i);
      removeAt(leaf.values, i, end - i);
      deleted += end - i;
      if (leaf.keys.length === 0) {
        this.ownList();
        removeAt(this.leaves, at, 1);
        removeAt(this.firsts, at, 1);
        found = this.leaves[at];
        i = 0;
        continue;
      }
      if (i === 0) {
        this.ownList();
        this.firsts[at] = leaf.keys[0] ?? to;
        break;
      }
      found = leaf;
    }
    this.entryCount -= deleted;
    if (deleted > 0) this.joinSmall(at);
    return deleted;
  }

  /** The last leaf that starts at or below the key, else the first one. */
  private leafOf(key: number): number {
    const { firsts, near } = this;
    const lower = firsts[near];
    if (lower !== undefined && lower <= key) {
      const upper = firsts[near + 1];
      if (upper === undefined || key < upper) return near;
    }
    let low = 0;
    let high = firsts.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((firsts[middle] ?? 0) <= key) low = middle + 1;
      else high = middle;
    }
    return (this.near = low === 0 ? 0 : low - 1);
  }

  private ownList(): void {
    if (!this.listShared) return;
    this.firsts = this.firsts.slice();
    this.leaves = this.leaves.slice();
    this.listShared = false;
  }

  private ownLeaf(at: number): Leaf<V> {
    const leaf = this.leaves[at];
    if (leaf !== undefined && leaf.owner === this.owner) return leaf;
    const own = new Leaf<V>(this.owner, leaf?.keys.slice() ?? [], leaf?.values.slice() ?? []);
    this.ownList();
    this.leaves[at] = own;
    return own;
  }

  /** Makes two leaves of a full one and a new entry; keys that come in ascending order leave full leaves behind. */
  private split(at: number, key: number, value: V, i: number): void {
    this.ownList();
    const leaf = this.ownLeaf(at);
    const cut = i === LEAF && at === this.leaves.length - 1 ? LEAF : LEAF / 2;
    const upper = new Leaf(this.owner, leaf.keys.splice(cut), leaf.values.splice(cut));
    const into = i > cut || cut === LEAF ? upper : leaf;
    insertAt(into.keys, into === leaf ? i : i - cut, key);
    insertAt(into.values, into === leaf ? i : i - cut, value);
    insertAt(this.leaves, at + 1, upper);
    insertAt(this.firsts, at + 1, upper.keys[0] ?? key);
    this.firsts[at] = leaf.keys[0] ?? key;
  }

  /** A leaf and the next one become one when together they fill no more than half of it. */
  private joinSmall(at: number): void {
    const leaf = this.leaves[at];
    const next = this.leaves[at + 1];
    if (leaf === undefined || next === undefined || leaf.keys.length + next.keys.length > LEAF / 2) return;
    const own = this.ownLeaf(at);
    own.keys.push(...next.keys);
    own.values.push(...next.values);
    this.ownList();
    removeAt(this.leaves, at + 1, 1);
    removeAt(this.firsts, at + 1, 1);
  }
}

export class Cursor<V> {
  constructor(
    private readonly leaves: readonly Leaf<V>[],
    private at: number,
    private i: number,
  ) {}

  next(): V | undefined {
    for (let leaf = this.leaves[this.at]; leaf !== undefined; leaf = this.leaves[this.at]) {
      if (this.i < leaf.values.length) return leaf.values[this.i++];
      this.at++;
      this.i = 0;
    }
    return undefined;
  }
}

/** How many of the keys are smaller. */
function placeOf(keys: readonly number[], key: number): number {
  let low = 0;
  let high = keys.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((keys[middle] ?? 0) < key) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** splice(), without making a list of what it takes out: leaves are short. */
function insertAt<T>(list: T[], at: number, item: T): void {
  list.push(item);
  for (let i = list.length - 1; i > at; i--) list[i] = list[i - 1] as T;
  list[at] = item;
}

function removeAt(list: unknown[], at: number, count: number): void {
  const length = list.length - count;
  for (let i = at; i < length; i++) list[i] = list[i + count];
  while (list.length > length) list.pop();
}
