/** From what a scenario says after `kernel` to a set of behaviours. */
import { SetupError, type ModelInfo, type ModelSpec } from '../../machine/index.js';
import { BEHAVIOURS, type Behaviour, type BehaviourName, type Behaviours } from './behaviours/index.js';
import type { KernelFunctions } from './kernel-functions.js';
import { findRelease, RELEASES, type Release } from './releases.js';

export interface Model {
  readonly info: ModelInfo;
  readonly behaviours: Behaviours;
  readonly functions: KernelFunctions;
}

/** @throws SetupError for a release, behaviour or value that does not exist. */
export function resolveModel(spec: ModelSpec): Model {
  const release = releaseOf(spec.release);
  const changed: Record<string, string> = {};
  for (const [name, value] of Object.entries(spec.behaviours ?? {})) {
    const behaviour = Object.hasOwn(BEHAVIOURS, name) ? BEHAVIOURS[name as BehaviourName] : undefined;
    if (behaviour === undefined) {
      throw new SetupError(`no behaviour is called ${name}`, `known behaviours: ${Object.keys(BEHAVIOURS).join(', ')}`);
    }
    if (!(behaviour.values as readonly string[]).includes(value)) {
      throw new SetupError(`${name} cannot be ${value}`, `values of ${name}: ${behaviour.values.join(', ')}`);
    }
    if (release.behaviours[name as BehaviourName] !== value) changed[name] = value;
  }
  const behaviours: Behaviours = { ...release.behaviours, ...changed };
  const deltas = Object.entries(changed).map(([name, value]) => `${name}=${value}`);
  const name = deltas.length === 0 ? release.name : `${release.name} with ${deltas.join(' + ')}`;
  return {
    behaviours,
    functions: release.functions,
    info: {
      name,
      title: titleOf(name, release, changed),
      release: release.recorded ?? release.name,
      derived: release.recorded === null,
      behaviours,
    },
  };
}

/** A name, and what stands behind it where that is not a kernel that ran and was recorded. */
function titleOf(name: string, release: Release, changed: Readonly<Record<string, string>>): string {
  const standings = Object.entries(changed).map(([behaviour, value]) => (BEHAVIOURS[behaviour as BehaviourName] as Behaviour).standing?.[value]);
  const notes = [...new Set([release.recorded === null ? 'derived' : undefined, ...standings].filter((n) => n !== undefined))];
  const known = release.alias === undefined ? name : `${release.alias}: ${name}`;
  return notes.length === 0 ? known : `${known} (${notes.join(', ')})`;
}

function releaseOf(name: string): Release {
  const release = findRelease(name);
  if (release === undefined) throw new SetupError(`no model of kernel ${name}`, `modelled releases: ${RELEASES.map((r) => r.name).join(', ')}`);
  return release;
}
