/**
 * The schedule that shows something with the fewest switches between CPUs, and among those the
 * fewest steps: states in the order of (switches, steps), each for the actor that ran last.
 */
import { hashOf, same } from '../cells.js';
import type { Stepper } from '../stepper.js';
import type { Limits } from './reduced.js';

interface Place {
  readonly state: Uint16Array;
  readonly last: number;
  readonly switches: number;
  readonly length: number;
  readonly from: Place | null;
}

export interface Shown {
  /** Who takes each step, in order. */
  readonly schedule: readonly number[];
  readonly state: Uint16Array;
}

/**
 * @param shows asked of every state; `final` when nobody can go on
 * @returns null when no state within the limits shows it
 */
export function* shortestSchedule(stepper: Stepper, shows: (state: Uint16Array, final: boolean) => boolean, limits: Limits): Generator<void, Shown | null, void> {
  const seen = new Map<number, Place[]>();
  /** By number of switches, then by length. */
  const waiting: Place[][][] = [[[{ state: stepper.scene.start, last: -1, switches: 0, length: 0, from: null }]]];
  let states = 0;
  for (let switches = 0; switches < waiting.length; switches++) {
    const level = waiting[switches] ?? [];
    for (let length = 0; length < level.length; length++) {
      for (const place of level[length] ?? []) {
        if (!isNew(place)) continue;
        if (++states % 4096 === 0) yield;
        if (states > limits.states) return null;
        const next = stepper.actors.map((a) => stepper.next(place.state, a));
        if (shows(place.state, next.every((t) => !t.enabled))) return { schedule: scheduleOf(place), state: place.state }; // prettier-ignore
        next.forEach((t, actor) => {
          if (!t.enabled) return;
          const turns = place.last < 0 || actor === place.last ? switches : switches + 1;
          ((waiting[turns] ??= [])[length + 1] ??= []).push({ state: t.after, last: actor, switches: turns, length: length + 1, from: place });
        });
      }
      level[length] = [];
    }
  }
  return null;

  function isNew(place: Place): boolean {
    const hash = hashOf(place.state) ^ Math.imul(place.last + 1, 0x9e3779b1);
    const known = seen.get(hash);
    if (known === undefined) {
      seen.set(hash, [place]);
      return true;
    }
    if (known.some((k) => k.last === place.last && same(k.state, place.state))) return false;
    known.push(place);
    return true;
  }
}

function scheduleOf(place: Place): number[] {
  const schedule: number[] = [];
  for (let at: Place | null = place; at !== null && at.from !== null; at = at.from) schedule.push(at.last);
  return schedule.reverse();
}
