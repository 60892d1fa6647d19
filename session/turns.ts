/** One call at a time, in the order in which they were asked for, whoever asks. */
export class Turns {
  private last: Promise<void> = Promise.resolve();
  private held = false;

  /** Whether somebody has the turn. */
  get taken(): boolean {
    return this.held;
  }

  /**
   * @param signal withdraws what has not begun
   * @throws Withdrawn
   */
  take<T>(work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    return new Promise((resolve, reject) => {
      const withdraw = (): void => reject(new Withdrawn());
      signal?.addEventListener('abort', withdraw, { once: true });
      this.last = this.last.then(async () => {
        signal?.removeEventListener('abort', withdraw);
        // It may have been given up before it was asked for.
        if (signal?.aborted === true) return withdraw();
        this.held = true;
        try {
          resolve(await work());
        } catch (e) {
          reject(e instanceof Error ? e : new Error(String(e)));
        } finally {
          this.held = false;
        }
      });
    });
  }
}

/** It was given up before its turn came. */
export class Withdrawn extends Error {
  override readonly name = 'Withdrawn';
}
