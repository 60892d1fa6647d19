import { describe, expect, test } from 'vitest';
import { enumerate } from '../../../sim/explore/search/plain.js';
import { exploreWithin } from '../../../sim/explore/search/preemptions.js';
import { exploreReduced } from '../../../sim/explore/search/reduced.js';
import { sampleSchedules } from '../../../sim/explore/search/sampled.js';
import { shortestSchedule } from '../../../sim/explore/search/shortest.js';
import { compareSearches, finish, LIMITS } from '../../fuzz-races/compare.js';
import { randomRace, stepperOf } from '../../fuzz-races/random-race.js';

/** More with `npm run fuzz:races`. */
const SEEDS = Array.from({ length: 60 }, (_, i) => i + 1);

describe('the reduced search finds what plain enumeration finds', () => {
  test.each(SEEDS)('race %d', (seed) => {
    const { differences, run, all } = compareSearches(seed);
    expect(differences).toEqual([]);
    expect(BigInt(run)).toBeLessThanOrEqual(all);
  });

  test('there are races in which something breaks, and others', () => {
    const broken = SEEDS.map((seed) => compareSearches(seed).broken);
    expect(broken.some((n) => n > 0)).toBe(true);
    expect(broken.some((n) => n === 0)).toBe(true);
  });
});

describe('a search', () => {
  const large = SEEDS.find((seed) => compareSearches(seed).reducedSteps > 500) ?? 1;

  test('says so when it was cut short', () => {
    const found = finish(exploreReduced(stepperOf(randomRace(large)), { ...LIMITS, steps: 100 }));
    expect(found.bound).toEqual({ kind: 'steps', limit: 100 });
    expect(found.steps).toBeLessThan(200);
    expect(enumerate(stepperOf(randomRace(large)), { ...LIMITS, states: 20 }).bounded).toBe(true);
  });

  test('with a bound on preemptions finds a part, and with enough of them all', () => {
    const all = finish(exploreReduced(stepperOf(randomRace(large)), LIMITS)).finals.length;
    const counts = [0, 1, 2, 40].map((n) => finish(exploreWithin(stepperOf(randomRace(large)), n, LIMITS)));
    expect(counts.map((f) => f.finals.length)).toEqual([...counts.map((f) => f.finals.length)].sort((a, b) => a - b));
    expect(counts[0]?.bound).toEqual({ kind: 'preemptions', limit: 0 });
    expect(counts.at(-1)?.finals).toHaveLength(all);
  });

  test('by chance finds final states only, and the same for the same seed', () => {
    const stepper = stepperOf(randomRace(large));
    const all = new Set(finish(exploreReduced(stepper, LIMITS)).finals.map(String));
    for (const changes of [0, 3]) {
      const [a, b] = [1, 2].map(() => drain(sampleSchedules(stepper, { seed: 7, schedules: 50, changes })));
      expect(a?.length).toBeGreaterThan(0);
      expect(a?.every((state) => all.has(String(state)))).toBe(true);
      expect(a).toEqual(b);
    }
  });

  test('gives the same in every run', () => {
    const [a, b] = [1, 2].map(() => finish(exploreReduced(stepperOf(randomRace(large)), LIMITS)));
    expect(a).toEqual(b);
  });

  test('shows every final state by a schedule that leads there, and by no longer one than a plain search', () => {
    const stepper = stepperOf(randomRace(large));
    const { finals } = finish(exploreReduced(stepper, LIMITS));
    for (const final of finals.slice(0, 6)) {
      const search = shortestSchedule(stepper, (state, over) => over && state.every((x, i) => x === final[i]), LIMITS);
      let turn = search.next();
      while (turn.done !== true) turn = search.next();
      expect(turn.value).not.toBeNull();
      let state = stepper.scene.start;
      for (const cpu of turn.value?.schedule ?? []) {
        const actor = stepper.actors[cpu];
        if (actor === undefined) throw new Error('no such CPU');
        const next = stepper.next(state, actor);
        expect(next.enabled).toBe(true);
        state = next.after;
      }
      expect([...state]).toEqual([...final]);
      const fewest = fewestSwitches(stepper, final);
      expect(switchesIn(turn.value?.schedule ?? [])).toBe(fewest);
    }
  });
});

function drain<T>(search: Generator<unknown, T, void>): T {
  for (;;) {
    const turn = search.next();
    if (turn.done === true) return turn.value;
  }
}

const switchesIn = (schedule: readonly number[]): number => schedule.filter((cpu, i) => i > 0 && cpu !== schedule[i - 1]).length;

/** By brute force: the least number of switches, over all schedules, by relaxing over (state, last actor). */
function fewestSwitches(stepper: ReturnType<typeof stepperOf>, final: Uint16Array): number {
  const best = new Map<string, number>();
  let least = Infinity;
  const visit = (state: Uint16Array, last: number, switches: number): void => {
    const key = `${last} ${state.join()}`;
    if ((best.get(key) ?? Infinity) <= switches || switches >= least) return;
    best.set(key, switches);
    const next = stepper.actors.map((a) => stepper.next(state, a));
    if (next.every((t) => !t.enabled)) {
      if (state.every((x, i) => x === final[i])) least = switches;
      return;
    }
    next.forEach((t, i) => t.enabled && visit(t.after, i, switches + (last >= 0 && last !== i ? 1 : 0)));
  };
  visit(stepper.scene.start, -1, 0);
  return least;
}
