/** `--kernel V`, read and refused before anything runs. */
import { readModelOverride } from '../kernel/model-override.js';
import type { ModelSpec } from '../machine/machine.js';
import { createMachines } from '../sim/index.js';

/** @throws SetupError when V names no model. */
export const readModelOption = (text: string): ModelSpec => readModelOverride(text, createMachines());
