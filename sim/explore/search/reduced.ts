/**
 * Explores all interleavings, but of those that differ only in the order of independent steps just
 * one. Depth first, with states remembered, by three ideas:
 *
 * - Persistent sets, found on the way (dynamic partial-order reduction). Of a state, one actor goes
 *   first; others only if a step of theirs, somewhere below, conflicts with the step it took.
 *   `future` is what each actor reads and writes in all that can follow a state; it is known when
 *   all below the state is done, and kept with it.
 * - Sleep sets: what was explored before the turn of another actor need not be explored after it,
 *   as long as nothing came by that conflicts with it. A sleeping step takes along the future that
 *   was found behind it, so that `future` lacks nothing that was left out.
 * - A state that comes again is not explored again, unless more was asleep then than is now
 *   (Godefroid, Partial-Order Methods for the Verification of Concurrent Systems, 1996, chapter 6).
 *
 * No program goes back to a state it has left, so that nothing is put off for ever.
 */
import { conflicts, include, type Access } from '../cells.js';
import { InvariantViolation, type RaceBound } from '../../../machine/index.js';
import type { Stepper, Transition } from '../stepper.js';
import { Visited } from './visited.js';

/** By actor: what it reads and writes from some state on. */
type Future = readonly Access[];

interface Known {
  readonly state: Uint16Array;
  /** What was asleep whenever it was explored: a bit an actor. */
  asleep: number;
  readonly future: Future;
  open: boolean;
}

interface Frame {
  readonly known: Known;
  readonly transitions: readonly Transition[];
  readonly asleep: number;
  /** What lies behind a sleeping step, and behind those taken here. */
  readonly behind: (Future | undefined)[];
  toExplore: number;
  explored: number;
  /** Whose step leads to the state on top of this one. */
  current: number;
}

export interface Limits {
  readonly steps: number;
  readonly states: number;
}

export interface Found {
  /** Every final state, in the order found. */
  readonly finals: readonly Uint16Array[];
  /** Runs from the start, each up to a final state or to one already known. */
  readonly schedules: number;
  readonly states: number;
  readonly steps: number;
  /** Something was left out: which limit was reached; null where nothing was. */
  readonly bound: RaceBound | null;
}

/** Yields now and then, so that the caller can report progress or stop. */
export function* exploreReduced(stepper: Stepper, limits: Limits): Generator<Found, Found, void> {
  const { actors } = stepper;
  const known = new Visited<Known>();
  const finals = new Visited<{ readonly state: Uint16Array }>();
  const found: Uint16Array[] = [];
  const stack: Frame[] = [];
  let schedules = 0;
  const report = (bound: RaceBound | null): Found => ({ finals: found, schedules, states: known.size, steps: stepper.steps, bound });

  enter(stepper.scene.start, 0, []);
  let rounds = 0;
  for (let frame = stack.at(-1); frame !== undefined; frame = stack.at(-1)) {
    const bound = boundOf(limits, stepper.steps, known.size);
    if (bound !== null) return report(bound);
    if (++rounds % 4096 === 0) yield report(null);
    const turn = frame.toExplore & ~frame.explored & ~frame.asleep;
    if (turn === 0) {
      leave(frame);
      continue;
    }
    go(frame, 31 - Math.clz32(turn & -turn));
  }
  return report(null);

  /** Takes the step of an actor, and looks at the state behind it. */
  function go(frame: Frame, actor: number): void {
    frame.current = actor;
    const taken = frame.transitions[actor] as Transition;
    let asleep = 0;
    const behind: (Future | undefined)[] = [];
    for (let z = 0; z < actors.length; z++) {
      if (((frame.asleep | frame.explored) & (1 << z)) === 0 || conflicts((frame.transitions[z] as Transition).access, taken.access)) continue;
      asleep |= 1 << z;
      behind[z] = frame.behind[z];
    }
    const again = known.get(taken.after);
    if (again?.open === true) throw new InvariantViolation('a race came back to a state that it had left');
    if (again !== undefined && (again.asleep & ~asleep) === 0) {
      schedules++;
      took(frame, actor, again.future);
      return;
    }
    enter(taken.after, asleep, behind, again);
  }

  function enter(state: Uint16Array, asleep: number, behind: (Future | undefined)[], again?: Known): void {
    const transitions = actors.map((a) => stepper.next(state, a));
    const entry: Known = again ?? { state, asleep, future: transitions.map((t) => t.access.slice()), open: true };
    if (again === undefined) known.add(entry);
    entry.asleep &= asleep;
    entry.open = true;
    const frame: Frame = { known: entry, transitions, asleep, behind, toExplore: 0, explored: 0, current: -1 };
    stack.push(frame);
    for (let z = 0; z < actors.length; z++) if (asleep & (1 << z)) include_(entry.future, behind[z]);
    const enabled = enabledOf(frame);
    if (enabled === 0) {
      schedules++;
      if (finals.get(state) === undefined) {
        finals.add({ state });
        found.push(state);
      }
      return;
    }
    const awake = enabled & ~asleep;
    if (awake === 0) schedules++;
    // The actor that ran last goes first, so that schedules with few switches are found first.
    else add(frame, awake & -awake);
  }

  function leave(frame: Frame): void {
    stack.pop();
    frame.known.open = false;
    const below = stack.at(-1);
    if (below !== undefined) took(below, below.current, frame.known.future);
  }

  /** All behind an actor's step is known: whose steps there conflict with it must come first as well. */
  function took(frame: Frame, actor: number, future: Future): void {
    frame.explored |= 1 << actor;
    frame.behind[actor] = future;
    include_(frame.known.future, future);
    settle(frame, actor, future);
  }

  function settle(frame: Frame, actor: number, future: Future): void {
    const step = (frame.transitions[actor] as Transition).access;
    let more = 0;
    for (let q = 0; q < actors.length; q++) {
      if (q === actor || !conflicts(step, future[q] as Access)) continue;
      more |= (frame.transitions[q] as Transition).enabled ? 1 << q : enabledOf(frame);
    }
    add(frame, more);
  }

  function add(frame: Frame, actorsToo: number): void {
    const fresh = actorsToo & ~frame.toExplore;
    frame.toExplore |= fresh;
    // What sleeps was explored elsewhere; those that conflict with it still have their turn here.
    for (let z = 0; z < actors.length; z++) {
      const behind = frame.behind[z];
      if (fresh & frame.asleep & (1 << z) && behind !== undefined) settle(frame, z, behind);
    }
  }
}

/** The limit that is passed; null for none. */
export function boundOf(limits: Limits, steps: number, states: number): RaceBound | null {
  if (states > limits.states) return { kind: 'states', limit: limits.states };
  return steps > limits.steps ? { kind: 'steps', limit: limits.steps } : null;
}

function include_(into: Future, from: Future | undefined): void {
  from?.forEach((access, i) => include(into[i] as Access, access));
}

function enabledOf(frame: Frame): number {
  let enabled = 0;
  frame.transitions.forEach((t, i) => {
    if (t.enabled) enabled |= 1 << i;
  });
  return enabled;
}
