/** A record that works its fields out when they are asked for, so that one that nobody reads costs almost nothing. */
import type { AddressSpace, Op, OpRecord, Relocation, Result } from '../machine/index.js';
import type { Recorder } from './recorder.js';

export class LeanRecord implements OpRecord {
  constructor(
    readonly op: Op,
    readonly seq: number,
    readonly result: Result,
    private readonly recorder: Recorder,
    private readonly machine: { space(): AddressSpace },
  ) {}

  get moved(): OpRecord['moved'] {
    return this.recorder.record().moved;
  }

  get moves(): OpRecord['moves'] {
    return this.recorder.record().moves;
  }

  get tables(): OpRecord['tables'] {
    return this.recorder.record().tables;
  }

  get faults(): OpRecord['faults'] {
    return this.recorder.faults;
  }

  get strays(): OpRecord['strays'] {
    return this.recorder.record().strays;
  }

  get relocation(): Relocation | undefined {
    return this.recorder.relocation ?? undefined;
  }

  get events(): OpRecord['events'] {
    return this.recorder.record().events;
  }

  get visits(): OpRecord['visits'] {
    return this.recorder.visits;
  }

  get log(): OpRecord['log'] {
    return this.recorder.record().log;
  }

  get steps(): OpRecord['steps'] {
    return this.recorder.record().steps;
  }

  get moveCalls(): OpRecord['moveCalls'] {
    return this.recorder.record().moveCalls;
  }

  get before(): AddressSpace {
    return this.machine.space();
  }

  get after(): AddressSpace {
    return this.machine.space();
  }
}
