/** Everything that can come of a race: the scene, the search, the final states, and the schedules that show them. */
import { toBytes, type Exploration, type FinalState, type Race, type RaceLimits, type RaceProgress, type RaceReport, type Wanted } from '../../machine/index.js';
import type { Mm } from '../vma/mm.js';
import type { InvariantName } from './invariants.js';
import { project } from './project.js';
import { NotEnough, Room } from './room.js';
import { exploreWithin } from './search/preemptions.js';
import { exploreReduced, type Found } from './search/reduced.js';
import { sampleSchedules } from './search/sampled.js';
import { shortestSchedule } from './search/shortest.js';
import { Visited } from './search/visited.js';
import { replay } from './replay.js';
import { finalSpace } from './space.js';
import { Stepper } from './stepper.js';

export function* explore(mm: Mm, race: Race, limits: RaceLimits, model: string): Exploration {
  const room = new Room();
  for (;;) {
    try {
      return yield* exploreIn(room, mm, race, limits, model);
    } catch (error) {
      if (!(error instanceof NotEnough)) throw error;
      room.grow(error.lack);
    }
  }
}

function* exploreIn(room: Room, mm: Mm, race: Race, limits: RaceLimits, model: string): Exploration {
  const { scene, results } = project(mm, race, room);
  const stepper = new Stepper(scene);
  const g = mm.geometry;
  const found = yield* search(stepper, limits);
  const finals = found.finals.map((state): FinalState & { readonly state: Uint16Array } => ({
    state,
    broken: stepper.broken(state),
    results: results.map((registers, i) => registers.map((r) => scene.world.result(state[(scene.actors[i]?.registers ?? 0) + r] ?? 0))),
    space: () => finalSpace(scene.world, stepper.read(state), g, scene.backdrop),
  }));
  return {
    race,
    model,
    finals,
    schedules: found.schedules,
    states: found.states,
    steps: found.steps,
    bound: found.bound,
    pages: scene.world.pages.map((p) => toBytes(g, p)),
    *shortest(wanted: Wanted) {
      const shown = yield* shortestSchedule(stepper, shows(stepper, finals, wanted), limits);
      return shown === null ? null : replay(stepper, g, shown.schedule, { race: race.name, model });
    },
  } satisfies RaceReport;
}

/** How many random schedules are tried, half of them chosen by priorities. */
const SAMPLES = 2000;
const CHANGES = 3;

/** Explores everything; where that is too much, returns what was found so far and what random schedules find in addition. */
function* search(stepper: Stepper, limits: RaceLimits): Generator<RaceProgress, Found, boolean | undefined> {
  const told = ({ schedules, states, finals }: Found): RaceProgress => ({ schedules, states, finals: finals.length });
  const whole = limits.preemptions === undefined ? exploreReduced(stepper, limits) : exploreWithin(stepper, limits.preemptions, limits);
  let turn = whole.next();
  for (; turn.done !== true; turn = whole.next()) {
    const stop = yield told(turn.value);
    if (stop === true) return { ...turn.value, bound: { kind: 'interrupted' } };
  }
  const found = turn.value;
  if (found.bound === null || limits.preemptions !== undefined) return found;
  const finals = new Visited<{ readonly state: Uint16Array }>();
  const all: Uint16Array[] = [];
  const add = (state: Uint16Array): void => {
    if (finals.get(state) !== undefined) return;
    finals.add({ state });
    all.push(state);
  };
  found.finals.forEach(add);
  for (const changes of [0, CHANGES]) {
    const sampled = sampleSchedules(stepper, { seed: limits.seed ?? 1, schedules: SAMPLES / 2, changes });
    let drawn = sampled.next();
    for (; drawn.done !== true; drawn = sampled.next()) {
      const stop = yield told({ ...found, finals: all });
      if (stop === true) return { ...found, finals: all, bound: { kind: 'interrupted' } };
    }
    drawn.value.forEach(add);
  }
  return { ...found, finals: all, schedules: found.schedules + SAMPLES, steps: stepper.steps };
}

/** An invariant that a step breaks is shown up to that step; the others are shown at the end. */
function shows(
  stepper: Stepper,
  finals: readonly { readonly state: Uint16Array; readonly broken: readonly string[] }[],
  wanted: Wanted,
): (state: Uint16Array, final: boolean) => boolean {
  if ('finals' in wanted) {
    const states = wanted.finals.map((i) => finals[i]?.state);
    return (state, final) => final && states.some((s) => s !== undefined && s.every((x, i) => x === state[i]));
  }
  const name = wanted.broken as InvariantName;
  return (state, final) => stepper.latched(state, name) || (final && stepper.broken(state).includes(name));
}
