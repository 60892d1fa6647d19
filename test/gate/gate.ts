/** One race of the gate: on a release with its known bugs taken away nothing may break, whatever comes between. */
import { RACE_LIMITS } from '../../machine/index.js';
import { project } from '../../sim/explore/project.js';
import { exploreReduced } from '../../sim/explore/search/reduced.js';
import { exploreWithin } from '../../sim/explore/search/preemptions.js';
import { withRoom } from '../../sim/explore/room.js';
import { Stepper } from '../../sim/explore/stepper.js';
import { SimulatedMachine } from '../../sim/machine.js';
import { RELEASES } from '../../sim/models/releases.js';
import type { Mm } from '../../sim/vma/mm.js';
import { finish } from '../fuzz-races/compare.js';
import { racesOf, SCENES, type Actor, type Scene } from './scenes.js';

/** Bugs that releases are known to have, with and without a race, each as it was put right; docs/races.md. */
const REPAIRS: Readonly<Record<string, string>> = { move_pmd_recheck: 'yes', merge_dup_anon_vma: 'yes', dontunmap_account: 'kept', dontunmap_locked: 'split' };

export interface GateCase {
  readonly release: string;
  readonly scene: Scene;
  readonly actors: readonly Actor[];
}

export const nameOf = ({ release, scene, actors }: GateCase): string => `${release} ${scene.name}: ${actors.map((a) => a.name).join(' | ')}`;

export const CASES: readonly GateCase[] = RELEASES.flatMap(({ name: release }) => SCENES.flatMap((scene) => racesOf(scene).map((actors) => ({ release, scene, actors }))));

export interface Judged {
  /** Invariants that broke in some final state; for a correct model there are none. */
  readonly broken: readonly string[];
  readonly finals: number;
  readonly states: number;
  /** Too large to be decided: all schedules with up to two preemptions were explored in its place. */
  readonly bounded: boolean;
}

export const MOST_STATES = 40_000;

/** @param behaviours switched besides, for a model that is wrong on purpose */
export function judge({ release, scene, actors }: GateCase, behaviours: Readonly<Record<string, string>> = {}): Judged {
  const machine = new SimulatedMachine({ release, behaviours: { ...REPAIRS, ...behaviours } }, { steps: false });
  for (const op of scene.setup) machine.perform(op);
  const race = { name: 'gate', threads: actors.map(({ name, ops }, i) => ({ name: `${name} ${i}`, ops })) };
  return withRoom((room) => judgeIn(new Stepper(project(Reflect.get(machine, 'mm') as Mm, race, room).scene)));
}

function judgeIn(stepper: Stepper): Judged {
  const limits = { ...RACE_LIMITS, states: MOST_STATES };
  const whole = finish(exploreReduced(stepper, limits));
  const found = whole.bound !== null ? finish(exploreWithin(stepper, 2, { ...limits, states: 4 * MOST_STATES })) : whole;
  const broken = new Set([...whole.finals, ...found.finals].flatMap((state) => stepper.broken(state)));
  return { broken: [...broken], finals: found.finals.length, states: found.states, bounded: whole.bound !== null };
}
