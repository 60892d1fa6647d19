/**
 * Replays recorded scenarios on a model and notes where they part. Each scenario gets a fresh
 * process. Nothing of a step's outcome is read before the modelled call has run, and the model's
 * state is never corrected from the recording.
 */
import { SetupError, type MachineSpec, type Machines, type ModelSpec, type OpRecord } from '../machine/index.js';
import { compareStep, FIELDS, type Field, type Previous } from './compare.js';
import { Place } from './place.js';
import type { RecordedScenario } from './recording.js';
import { translate } from './translate.js';

/** One field of one step in which model and recording differ. */
export interface Disagreement {
  readonly scenario: string;
  /** Index of the step in its scenario. */
  readonly op: number;
  readonly field: Field;
  readonly recorded: unknown;
  readonly simulated: unknown;
  /** The operation as the recorder wrote it. */
  readonly words: readonly string[];
  /** What the model lacks, where that is why. */
  readonly unsupported?: string;
}

export interface Tally {
  agree: number;
  of: number;
}

/** Replays recordings on one model and counts what agrees. Each scenario gets a fresh process. */
export class Conformance {
  scenarios = 0;
  ops = 0;
  /** Scenarios whose process hung or died at a step, by what it had done to itself: of that step there is nothing to compare. */
  readonly lost: string[] = [];
  agree = 0;
  readonly disagree: Disagreement[] = [];
  readonly fields: Record<Field, Tally> = Object.fromEntries(FIELDS.map((f) => [f, { agree: 0, of: 0 }])) as Record<Field, Tally>;

  private readonly place: Place;
  /** The model, and the machine unless it is the usual one. */
  readonly title: string;

  /** @param machine what the recorded kernel ran on; default: x86-64 with 4 levels */
  constructor(
    private readonly machines: Machines,
    private readonly model: ModelSpec,
    private readonly machine: MachineSpec = { arch: 'x86-64' },
  ) {
    const bare = machines.open(model, { machine });
    this.title = machine.arch === 'x86-64' && machine.levels === undefined && machine.va === undefined ? bare.model.title : `${bare.model.title} on ${bare.geometry.name}`;
    this.place = new Place(bare.geometry, Number(bare.model.behaviours['vdso_pages']));
  }

  /** Replays one scenario; its disagreements are added to `disagree`. */
  replay(scenario: RecordedScenario): void {
    this.scenarios += 1;
    const machine = this.machines.open(this.model, { machine: this.machine, layout: this.place.layout, privileged: true, steps: false });
    // The recorded machines had huge pages to spare.
    void machine.perform({ name: 'sysctl', key: 'vm.nr_hugepages', value: 64n });
    const fresh = machine.space();
    const previous: Previous = { vmas: [], pages: [] };
    const results: (bigint | null)[] = [];
    const files = new Map<string, number>();

    for (const [index, step] of scenario.steps.entries()) {
      if (step.ret === 'HANG' || step.ret === 'DIED') {
        this.lost.push(scenario.id);
        return;
      }
      this.ops += 1;
      const translated = translate(step.op, { returned: (k) => results[k] ?? null, fd: (name) => files.get(name), space: machine.space(), place: this.place });
      let record: OpRecord | null = null;
      let unsupported: string | undefined;
      if ('unsupported' in translated) unsupported = translated.unsupported;
      else if ('op' in translated) {
        try {
          const performed = machine.perform(translated.op);
          if (performed instanceof Promise) throw new TypeError('conform needs a machine that answers at once');
          record = performed;
        } catch (error) {
          if (!(error instanceof SetupError)) throw error;
          unsupported = error.message;
        }
      }
      if (step.op[0] === 'memfd' && record?.result.kind === 'value') files.set(step.op[1] ?? '', Number(record.result.value));
      results.push(record?.result.kind === 'value' ? record.result.value : null);

      const skipped = 'skipped' in translated;
      let allAgree = unsupported === undefined && skipped === (step.ret === 'SKIP');
      for (const pair of compareStep(this.place, step, previous, record, machine.space(), fresh)) {
        const agrees = pair.agree && unsupported === undefined;
        const tally = this.fields[pair.field];
        tally.of += 1;
        if (agrees) tally.agree += 1;
        else {
          allAgree = false;
          this.disagree.push({
            scenario: scenario.id,
            op: index,
            field: pair.field,
            recorded: pair.recorded,
            simulated: pair.simulated,
            words: step.op,
            ...(unsupported === undefined ? {} : { unsupported }),
          });
        }
      }
      if (allAgree) this.agree += 1;
    }
  }
}
