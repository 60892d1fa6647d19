/** Both searches on one race: the reduced one must find what plain enumeration finds, no more and no less. */
import { enumerate } from '../../sim/explore/search/plain.js';
import { exploreReduced, type Found } from '../../sim/explore/search/reduced.js';
import { withRoom, type Room } from '../../sim/explore/room.js';
import { randomRace, stepperOf, type RandomRace } from './random-race.js';

export const LIMITS = { steps: 5_000_000, states: 500_000 };

export interface Compared {
  readonly text: string;
  /** What one has and the other has not; empty when they agree. */
  readonly differences: readonly string[];
  readonly finals: number;
  readonly broken: number;
  /** Schedules there are, and schedules that were run. */
  readonly all: bigint;
  readonly run: number;
  /** Steps that each search took. */
  readonly plainSteps: number;
  readonly reducedSteps: number;
}

export function finish(search: Generator<Found, Found, void>): Found {
  for (;;) {
    const turn = search.next();
    if (turn.done === true) return turn.value;
  }
}

export function compareSearches(seed: number): Compared {
  const race = randomRace(seed);
  return withRoom((room) => compareIn(race, room));
}

function compareIn(race: RandomRace, room: Room): Compared {
  const stepper = stepperOf(race, room);
  const reduced = finish(exploreReduced(stepper, LIMITS));
  const reducedSteps = stepper.steps;
  const plainStepper = stepperOf(race, room);
  const plain = enumerate(plainStepper, LIMITS);
  if (plain.bounded || reduced.bound !== null) throw new Error(`too large to be compared: ${race.text}`);
  const key = (s: Stepper_, state: Uint16Array): string => `${s.broken(state).join()} ${state.join()}`;
  // Both lay the scene out alike, but name what is too large for a cell in the order they meet it.
  const names = (s: Stepper_, states: readonly Uint16Array[]): Set<string> => new Set(states.map((x) => canonical(s, x, key(s, x))));
  const [a, b] = [names(stepper, reduced.finals), names(plainStepper, plain.finals)];
  return {
    text: race.text,
    differences: [...[...a].filter((x) => !b.has(x)).map((x) => `only reduced: ${x}`), ...[...b].filter((x) => !a.has(x)).map((x) => `only plain: ${x}`)],
    finals: plain.finals.length,
    broken: plain.finals.filter((s) => plainStepper.broken(s).length > 0).length,
    all: plain.schedules,
    run: reduced.schedules,
    plainSteps: plainStepper.steps,
    reducedSteps,
  };
}

type Stepper_ = ReturnType<typeof stepperOf>;

/** A state with shapes and numbers in place of their names. */
function canonical(s: Stepper_, state: Uint16Array, key: string): string {
  const w = s.scene.world;
  const parts: string[] = [key.split(' ')[0] ?? ''];
  const named = new Map<number, string>();
  for (let v = 0; v < w.sizes.vmas; v++) named.set(w.vma(v, 'shape'), state[w.vma(v, 'state')] === 0 ? '' : JSON.stringify(w.shape(state[w.vma(v, 'shape')] ?? 0)));
  for (let f = 0; f < w.sizes.frames; f++) named.set(w.frame(f, 'index'), state[w.frame(f, 'state')] === 0 ? '' : String(w.number(state[w.frame(f, 'index')] ?? 0)));
  for (let mm = 0; mm < w.sizes.mms; mm++)
    for (const field of ['totalVm', 'lockedVm', 'committed', 'leaked', 'lockedLeaked'] as const) named.set(w.mm(mm, field), String(w.number(state[w.mm(mm, field)] ?? 0)));
  s.actors.forEach((a, i) => {
    // What calls do is written down in the order in which it is found out.
    const step = a.program.steps[state[a.pc] ?? 0];
    named.set(a.pc, `${step?.fn} ${step?.say}`);
    for (const r of s.scene.results[i] ?? []) {
      const result = w.result(state[a.registers + r] ?? 0);
      named.set(a.registers + r, result === null ? '' : `${result.kind} ${Object.values(result)[1]}`);
    }
  });
  state.forEach((value, cell) => parts.push(named.get(cell) ?? String(value)));
  return parts.join(' ');
}
