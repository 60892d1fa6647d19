/**
 * Every schedule with at most so many preemptions: switches away from an actor that could have gone
 * on (Musuvathi and Qadeer, PLDI 2007). Most bugs need one or two, and their number grows slowly.
 */
import { hashOf, same } from '../cells.js';
import type { Stepper } from '../stepper.js';
import type { RaceBound } from '../../../machine/index.js';
import { boundOf, type Found, type Limits } from './reduced.js';
import { Visited } from './visited.js';

interface Place {
  readonly state: Uint16Array;
  readonly last: number;
  readonly left: number;
}

export function* exploreWithin(stepper: Stepper, preemptions: number, limits: Limits): Generator<Found, Found, void> {
  /** Where an actor went on with most preemptions left. */
  const seen = new Map<number, Place[]>();
  const finals = new Visited<{ readonly state: Uint16Array }>();
  const found: Uint16Array[] = [];
  const stack: Place[] = [{ state: stepper.scene.start, last: -1, left: preemptions }];
  let states = 0;
  let schedules = 0;
  let cut = false;
  const report = (bound: RaceBound | null): Found => ({ finals: found, schedules, states, steps: stepper.steps, bound });
  for (let place = stack.pop(); place !== undefined; place = stack.pop()) {
    if (!isNew(place)) {
      schedules++;
      continue;
    }
    if (++states % 4096 === 0) yield report(null);
    const bound = boundOf(limits, stepper.steps, states);
    if (bound !== null) return report(bound);
    const { state, last, left } = place;
    const next = stepper.actors.map((a) => stepper.next(state, a));
    if (next.every((t) => !t.enabled)) {
      schedules++;
      if (finals.get(state) === undefined) {
        finals.add({ state });
        found.push(state);
      }
      continue;
    }
    const goesOn = last >= 0 && next[last]?.enabled === true;
    next.forEach((t, actor) => {
      if (!t.enabled) return;
      const cost = goesOn && actor !== last ? 1 : 0;
      if (cost > left) cut = true;
      else stack.push({ state: t.after, last: actor, left: left - cost });
    });
  }
  return report(cut ? { kind: 'preemptions', limit: preemptions } : null);

  function isNew(place: Place): boolean {
    const hash = hashOf(place.state);
    const known = seen.get(hash) ?? [];
    if (known.some((k) => k.last === place.last && k.left >= place.left && same(k.state, place.state))) return false;
    seen.set(hash, [...known, place]);
    return true;
  }
}
