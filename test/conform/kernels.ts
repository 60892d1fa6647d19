/** The recordings kept here, by folder: the model that agrees with them, and the machine they were made on. */
import type { MachineSpec, ModelSpec } from '../../machine/index.js';

export interface Recorded {
  readonly model: ModelSpec;
  readonly machine?: MachineSpec;
  /** Whether the kernel counted what its mm/mremap.c does; stock ones tell nothing of it. */
  readonly instrumented: boolean;
  /** Share of the steps that must have left something to compare: one that uses the result of a failed one is skipped. */
  readonly compared: number;
}

const K = 1024;
const stock = (model: ModelSpec, machine?: MachineSpec): Recorded => ({ model, ...(machine !== undefined && { machine }), instrumented: false, compared: 0.98 });
const instrumented = (release: string, behaviours?: Readonly<Record<string, string>>): Recorded => ({
  model: { release, ...(behaviours !== undefined && { behaviours }) },
  instrumented: true,
  compared: 1,
});

export const RECORDED: Readonly<Record<string, Recorded>> = {
  '5.10.223': instrumented('5.10'),
  '6.1.192': instrumented('6.1'),
  '6.12.117': instrumented('6.12'),
  '6.12.117-norealign': instrumented('6.12', { realign: 'none' }),
  '6.12.117-v2': instrumented('6.12', { realign: 'v2' }),
  '6.12.117-v3': instrumented('6.12', { realign: 'v3' }),
  '6.18.44': { ...stock({ release: '6.18' }), compared: 1 },
  // Programs of our own (docs/recording.md), recorded on 6.18.44.
  '6.18-live': { ...stock({ release: '6.18' }), compared: 0.9 },
  '6.12-arm64-4k': stock({ release: '6.12' }, { arch: 'arm64' }),
  '6.12-arm64-4k-52bit': stock({ release: '6.12' }, { arch: 'arm64', va: 52 }),
  '6.12-arm64-4k-mte': stock({ release: '6.12' }, { arch: 'arm64', mte: true }),
  '6.12-arm64-16k': stock({ release: '6.12' }, { arch: 'arm64', granule: 16 * K }),
  '6.12-arm64-16k-52bit': stock({ release: '6.12' }, { arch: 'arm64', granule: 16 * K, va: 52 }),
  '6.12-arm64-16k-x4': stock({ release: '6.12' }, { arch: 'arm64', granule: 16 * K }),
  '7.3.4': instrumented('7.3'),
  '7.3-arm64-4k': stock({ release: '7.3' }, { arch: 'arm64' }),
  '7.3.4-57bit': stock({ release: '7.3' }, { arch: 'x86-64', levels: 5 }),
};
