/** `--kernel V` and `--machine M`, read and refused before anything runs. */
import { readMachine } from '../dsl/index.js';
import { readModelOverride } from '../kernel/model-override.js';
import { SetupError, type MachineSpec, type ModelSpec } from '../machine/index.js';
import { createMachines } from '../sim/index.js';

/** @throws SetupError when V names no model. */
export const readModelOption = (text: string): ModelSpec => readModelOverride(text, createMachines());

/** @throws SetupError when M is nothing that may follow `machine` in the language */
export function readMachineOption(text: string): MachineSpec {
  const read = readMachine(text);
  if (read.machine !== undefined) return read.machine;
  const [first] = read.diagnostics;
  throw new SetupError(
    `"${text}" names no machine: ${first?.message ?? 'it is empty'}`,
    first?.hint ?? 'write what may follow `machine`: arm64, or "arm64 { granule 16K memory 3G }"',
  );
}
