/** struct anon_vma (include/linux/rmap.h): who is related to whom, and who still uses it. */
import type { AnonVmaInfo } from '../../machine/index.js';
import { orderedMap, type OrderedMap } from '../ordered-map.js';
import type { VmArea } from '../vma/vm-area.js';

interface AnonVma extends AnonVmaInfo {
  readonly parent: number;
  /** anon_vma_chain entries in its interval tree. */
  readonly links: number;
}

export class AnonVmas {
  private nextId = 1;

  constructor(private readonly byId: OrderedMap<AnonVma> = orderedMap<AnonVma>()) {}

  view(): ReadonlyAnonVmas {
    return this.byId.clone();
  }

  get(id: number): AnonVmaInfo | undefined {
    return this.byId.get(id);
  }

  /** anon_vma_alloc() for a VMA that has none: its own root and its own parent. */
  create(): number {
    const id = this.nextId++;
    this.byId.set(id, { id, root: id, parent: id, numActiveVmas: 0, numChildren: 1, links: 0 });
    return id;
  }

  /** anon_vma_alloc() for a VMA of a forked child: one of the parent's family. */
  createChild(parent: number): number {
    const id = this.nextId++;
    const root = this.byId.get(parent)?.root ?? parent;
    this.byId.set(id, { id, root, parent, numActiveVmas: 0, numChildren: 0, links: 0 });
    this.change(parent, (p) => ({ ...p, numChildren: p.numChildren + 1 }));
    return id;
  }

  /** anon_vma_chain_link() for every entry of a VMA's chain. */
  link(v: VmArea): void {
    for (const id of v.chain) this.change(id, (a) => ({ ...a, links: a.links + 1 }));
    if (v.anonVma !== null) this.change(v.anonVma, (a) => ({ ...a, numActiveVmas: a.numActiveVmas + 1 }));
  }

  /** unlink_anon_vmas(): frees those that nobody links any more. */
  unlink(v: VmArea): void {
    if (v.anonVma !== null) this.change(v.anonVma, (a) => ({ ...a, numActiveVmas: a.numActiveVmas - 1 }));
    for (const id of v.chain) {
      this.change(id, (a) => ({ ...a, links: a.links - 1 }));
      const a = this.byId.get(id);
      if (a === undefined || a.links > 0) continue;
      this.byId.delete(id);
      if (a.parent !== id) this.change(a.parent, (p) => ({ ...p, numChildren: p.numChildren - 1 }));
    }
  }

  private change(id: number, f: (a: AnonVma) => AnonVma): void {
    const a = this.byId.get(id);
    if (a !== undefined) this.byId.set(id, f(a));
  }
}

export type ReadonlyAnonVmas = Pick<OrderedMap<AnonVmaInfo>, 'get'>;
