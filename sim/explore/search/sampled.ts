/**
 * For races too large to be explored: single schedules, drawn by chance from a seed. PCT (Burckhardt
 * and others, ASPLOS 2010) gives every actor a priority and lowers that of the one that runs at a few
 * points: a bug that needs d of them is hit with a chance that does not shrink with what lies between.
 */
import type { Stepper } from '../stepper.js';
import { Visited } from './visited.js';

export interface Sampling {
  readonly seed: number;
  readonly schedules: number;
  /** How many times a priority is lowered during a schedule; 0 chooses at random at every step. */
  readonly changes: number;
}

/** Final states, each once, in the order found. */
export function* sampleSchedules(stepper: Stepper, { seed, schedules, changes }: Sampling): Generator<void, readonly Uint16Array[], void> {
  const next = random(seed);
  const finals = new Visited<{ readonly state: Uint16Array }>();
  const found: Uint16Array[] = [];
  const length = stepper.actors.reduce((n, a) => n + a.program.steps.length, 0);
  for (let i = 0; i < schedules; i++) {
    const final = changes === 0 ? walk(stepper, () => next) : byPriority(stepper, next, length, changes);
    if (finals.get(final) === undefined) {
      finals.add({ state: final });
      found.push(final);
    }
    if (i % 64 === 63) yield;
  }
  return found;
}

type Random = (below: number) => number;

function walk(stepper: Stepper, random: () => Random): Uint16Array {
  for (let state = stepper.scene.start; ;) {
    const enabled = stepper.actors.map((a) => stepper.next(state, a)).filter((t) => t.enabled);
    const chosen = enabled.length === 0 ? undefined : enabled[random()(enabled.length)];
    if (chosen === undefined) return state;
    state = chosen.after;
  }
}

function byPriority(stepper: Stepper, random: Random, length: number, changes: number): Uint16Array {
  const priority = shuffled(stepper.actors.map((_, i) => i + changes), random); // prettier-ignore
  const points = new Set(Array.from({ length: changes }, () => random(length)));
  let lowest = changes;
  let state = stepper.scene.start;
  for (let step = 0; ; step++) {
    let best: { readonly actor: number; readonly after: Uint16Array } | undefined;
    for (const [actor, a] of stepper.actors.entries()) {
      if (best !== undefined && (priority[best.actor] as number) > (priority[actor] as number)) continue;
      const t = stepper.next(state, a);
      if (t.enabled) best = { actor, after: t.after };
    }
    if (best === undefined) return state;
    state = best.after;
    if (points.has(step)) priority[best.actor] = --lowest;
  }
}

function shuffled(items: number[], random: Random): number[] {
  for (let i = items.length - 1; i > 0; i--) {
    const j = random(i + 1);
    [items[i], items[j]] = [items[j] as number, items[i] as number];
  }
  return items;
}

/** mulberry32 */
function random(seed: number): Random {
  let a = seed >>> 0;
  return (below) => {
    a = (a + 0x6d2b79f5) >>> 0;
    let t = Math.imul(a ^ (a >>> 15), a | 1);
    t = (t + Math.imul(t ^ (t >>> 7), t | 61)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % below;
  };
}
