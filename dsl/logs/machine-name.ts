/** Machines by the names that a person gives them. */
import type { MachineSpec } from '../../machine/index.js';

const NAMED = /^(x86[-_]64|x86[-_]32|i[3-6]86|arm64|aarch64)(?:[, ]+(?:va )?(\d+)(?: bits?)?)?$/i;

/** `arm64`, `arm64 39`, `x86-64 57`, `x86-32`; undefined for what is none. */
export function machineNamed(text: string): MachineSpec | undefined {
  const [, name = '', bits] = NAMED.exec(text.trim()) ?? [];
  if (name === '') return undefined;
  const arch = /^(?:arm64|aarch64)$/i.test(name) ? 'arm64' : /64$/.test(name) ? 'x86-64' : 'x86-32';
  return bits === undefined || (arch === 'x86-64' && bits === '48') ? { arch } : { arch, va: Number(bits) };
}

/** As `--machine` takes it. */
export const machineName = ({ arch, va, levels }: MachineSpec): string =>
  [arch, ...(va === undefined ? [] : [`${va} bits`]), ...(levels === undefined ? [] : [`${levels} levels`])].join(', ');
