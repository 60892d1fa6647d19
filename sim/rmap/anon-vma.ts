/** struct anon_vma (include/linux/rmap.h): who is related to whom, and who still uses it. */
import type { AnonVmaInfo } from '../../machine/index.js';
import { OrderedMap } from '../ordered-map.js';
import type { VmArea } from '../vma/vm-area.js';

interface AnonVma {
  readonly id: number;
  readonly root: number;
  readonly parent: number;
  numActiveVmas: number;
  numChildren: number;
  /** anon_vma_chain entries in its interval tree. */
  links: number;
  /** The time between two views in which it may be changed as it stands. */
  readonly age: number;
}

/** The part of a VMA that matters here: the anon_vmas it links. */
type Linking = Pick<VmArea, 'anonVma' | 'chain'>;

export class AnonVmas {
  private nextId = 1;
  private age = 0;
  private readonly byId = new OrderedMap<AnonVma>();

  /** What is seen of them stays as it is: they are copied at their next change. */
  view(): ReadonlyAnonVmas {
    this.age++;
    return this.byId.clone();
  }

  /** See OrderedMap.mark(). */
  mark(): () => void {
    this.age++;
    const { nextId } = this;
    const undo = this.byId.mark();
    return () => {
      undo();
      this.age++;
      this.nextId = nextId;
    };
  }

  get(id: number): AnonVmaInfo | undefined {
    return this.byId.get(id);
  }

  parentOf(id: number): number | undefined {
    return this.byId.get(id)?.parent;
  }

  /** Puts one in as it was somewhere else; VMAs link it afterwards. */
  restore(id: number, { root, parent, numChildren }: Pick<AnonVma, 'root' | 'parent' | 'numChildren'>): void {
    this.byId.set(id, { id, root, parent, numActiveVmas: 0, numChildren, links: 0, age: this.age });
  }

  /** The number that the next one gets. */
  countFrom(id: number): void {
    this.nextId = id;
  }

  get next(): number {
    return this.nextId;
  }

  /** anon_vma_alloc() for a VMA that has none: its own root and its own parent. */
  create(): number {
    const id = this.nextId++;
    this.byId.set(id, { id, root: id, parent: id, numActiveVmas: 0, numChildren: 1, links: 0, age: this.age });
    return id;
  }

  /** anon_vma_alloc() for a VMA of a forked child: one of the parent's family. */
  createChild(parent: number): number {
    const id = this.nextId++;
    const root = this.byId.get(parent)?.root ?? parent;
    this.byId.set(id, { id, root, parent, numActiveVmas: 0, numChildren: 0, links: 0, age: this.age });
    const p = this.own(parent);
    if (p !== undefined) p.numChildren++;
    return id;
  }

  /** anon_vma_chain_link() for every entry of a VMA's chain, or of as many such VMAs. */
  link(v: Linking, vmas = 1): void {
    if (v.chain.length === 0) return;
    for (const id of v.chain) {
      const a = this.own(id);
      if (a !== undefined) a.links += vmas;
    }
    const active = v.anonVma === null ? undefined : this.own(v.anonVma);
    if (active !== undefined) active.numActiveVmas += vmas;
  }

  /** unlink_anon_vmas(): frees those that nobody links any more. */
  unlink(v: Linking, vmas = 1): void {
    if (v.chain.length === 0) return;
    const active = v.anonVma === null ? undefined : this.own(v.anonVma);
    if (active !== undefined) active.numActiveVmas -= vmas;
    for (const id of v.chain) {
      const a = this.own(id);
      if (a === undefined) continue;
      a.links -= vmas;
      if (a.links > 0) continue;
      this.byId.delete(id);
      const parent = a.parent === id ? undefined : this.own(a.parent);
      if (parent !== undefined) parent.numChildren--;
    }
  }

  /** One that no view shows. */
  private own(id: number): AnonVma | undefined {
    const a = this.byId.get(id);
    if (a === undefined || a.age === this.age) return a;
    const copy = { ...a, age: this.age };
    this.byId.set(id, copy);
    return copy;
  }
}

export type ReadonlyAnonVmas = Pick<OrderedMap<AnonVmaInfo>, 'get'>;
