/** A model named outside a scenario, by `--kernel` or MREMAP_LAB_KERNEL: it replaces what every `kernel` statement says. */
import { readModel } from '../dsl/index.js';
import { SetupError, type Machines, type ModelSpec } from '../machine/index.js';

/** @throws SetupError when the text is nothing that may follow `kernel` in the language */
export function readModelOverride(text: string, machines: Machines): ModelSpec {
  const read = readModel(text, machines);
  if (read.model !== undefined) return read.model;
  const [first] = read.diagnostics;
  const hint = first?.hint ?? 'write what may follow `kernel`: 6.12, or 6.12 without realign';
  throw new SetupError(`"${text}" names no kernel model: ${first?.message ?? 'it is empty'}`, hint);
}

export function environmentModel(machines: Machines): ModelSpec | undefined {
  const text = process.env['MREMAP_LAB_KERNEL'];
  return text === undefined || text === '' ? undefined : readModelOverride(text, machines);
}
