/** The one session of this kernel, opened when first needed. Runs wait for one another: a late `lab.run` must not cut into a cell. */
import type { RunOptions, RunResult, Session } from '../dsl/api.js';

export class SharedSession {
  private opened: Promise<Session> | undefined;
  private last: Promise<unknown> = Promise.resolve();

  constructor(private readonly open: () => Promise<Session>) {}

  get(): Promise<Session> {
    return (this.opened ??= this.open());
  }

  async run(text: string, options: RunOptions): Promise<RunResult> {
    const session = await this.get();
    const run = this.last.then(() => session.run(text, options));
    this.last = run.catch(() => undefined);
    return run;
  }
}
