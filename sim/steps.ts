/**
 * Operations advance from step to step. A modelled operation is a generator that yields wherever
 * the kernel could be interrupted by another CPU: where it takes or drops a lock, and after every
 * entry or table it moves. Run alone, it runs straight through.
 */
export type Steps<T> = Generator<void, T, void>;

/** Runs an operation to its end with nobody in between. */
export function runAlone<T>(steps: Steps<T>): T {
  for (;;) {
    const next = steps.next();
    if (next.done === true) return next.value;
  }
}
