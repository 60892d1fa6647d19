/** The modelled process a scenario runs in: one machine, and what it has done. */
import type { Machine, MachineOptions, Machines, ModelSpec, OpRecord } from '../../machine/index.js';

export class Process {
  #machine: Machine | undefined;
  #records: OpRecord[] = [];

  constructor(
    private readonly machines: Machines,
    private spec: ModelSpec,
    private options: MachineOptions = {},
  ) {}

  /** A process on a machine that is there already. */
  static of(machines: Machines, machine: Machine): Process {
    const process = new Process(machines, machines.defaultModel);
    process.#machine = machine;
    return process;
  }

  /** Opened when first asked for: a script that begins with `kernel` opens one machine, not two. */
  get machine(): Machine {
    return (this.#machine ??= this.machines.open(this.spec, this.options));
  }

  get records(): readonly OpRecord[] {
    return this.#records;
  }

  /** A fresh process. The records of the one before are no longer kept. */
  start(spec: ModelSpec): void {
    this.spec = spec;
    this.#machine = this.machines.open(spec, this.options);
    this.#records = [];
  }

  /** A fresh process on another machine, which later kernels run on too. */
  startOn(machine: NonNullable<MachineOptions['machine']>): void {
    this.options = { ...this.options, machine };
    this.start(this.spec);
  }

  /** Another process on the same kernel and machine, or on another kernel; opened when first asked for. */
  fresh(spec = this.spec): Process {
    return new Process(this.machines, spec, this.options);
  }

  keep(record: OpRecord): void {
    this.#records.push(record);
  }

  /** The last call that moves page tables, or might have. */
  lastMove(): OpRecord | undefined {
    return this.#records.findLast((r) => r.op.name === 'mremap' || r.op.name === 'exec_stack');
  }
}
