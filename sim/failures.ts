/** Fault injection: which allocation is to fail (fail_page_alloc and its like, lib/fault-inject.c). */
import type { FailOp } from '../machine/index.js';

export class Failures {
  private readonly left = new Map<FailOp['what'], number>();

  set(what: FailOp['what'], after: number | null): void {
    if (after === null) this.left.delete(what);
    else this.left.set(what, after);
  }

  /** Whether any allocation of the kind is to fail: then they are made one by one. */
  armed(what: FailOp['what']): boolean {
    return this.left.has(what);
  }

  /** Counts an allocation; true if it is the one that is to fail. Only one fails. */
  fails(what: FailOp['what']): boolean {
    const left = this.left.get(what);
    if (left === undefined) return false;
    if (left > 0) {
      this.left.set(what, left - 1);
      return false;
    }
    this.left.delete(what);
    return true;
  }
}
