/** `--kernel V`: refused before anything runs. */
import { createSession } from '../dsl/index.js';
import { createMachines } from '../sim/index.js';

/** @throws SetupError when V names no model. */
export function checkModel(model: string): void {
  createSession(createMachines(), { modelOverride: model });
}
