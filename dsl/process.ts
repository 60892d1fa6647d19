/** The modelled process a scenario runs in: one machine, and what it has done. */
import type { Machine, Machines, ModelSpec, OpRecord } from '../machine/index.js';

export class Process {
  #machine: Machine | undefined;
  #records: OpRecord[] = [];

  constructor(
    private readonly machines: Machines,
    private spec: ModelSpec,
  ) {}

  /** Opened when first asked for: a script that begins with `kernel` opens one machine, not two. */
  get machine(): Machine {
    return (this.#machine ??= this.machines.open(this.spec));
  }

  get records(): readonly OpRecord[] {
    return this.#records;
  }

  /** A fresh process. The records of the one before are no longer kept. */
  start(spec: ModelSpec): void {
    this.spec = spec;
    this.#machine = this.machines.open(spec);
    this.#records = [];
  }

  keep(record: OpRecord): void {
    this.#records.push(record);
  }

  /** The last call of that name. */
  last(name: OpRecord['op']['name']): OpRecord | undefined {
    return this.#records.findLast((r) => r.op.name === name);
  }
}
