/** The one place that names the B+ tree package: a sorted map whose clones share what they have in common. */
import btree from 'sorted-btree';

export interface OrderedMap<V> {
  readonly size: number;
  get(key: number): V | undefined;
  set(key: number, value: V): boolean;
  delete(key: number): boolean;
  clear(): void;
  entries(lowestKey?: number): IterableIterator<[number, V]>;
  nextHigherPair(key: number | undefined): [number, V] | undefined;
  nextLowerPair(key: number | undefined): [number, V] | undefined;
  getPairOrNextLower(key: number): [number, V] | undefined;
  getPairOrNextHigher(key: number): [number, V] | undefined;
  clone(): OrderedMap<V>;
}

const ascending = (a: number, b: number): number => a - b;

// The package is CommonJS with a `default` export: Node hands over the module, bundlers the class.
const BTree = (typeof btree === 'function' ? btree : btree.default) as typeof btree.default;

export function orderedMap<V>(): OrderedMap<V> {
  return new BTree<number, V>(undefined, ascending);
}
