/** Takes the steps of a race: from a state to those that follow it, each by one actor's next step. */
import { Cells, type Access } from './cells.js';
import { brokenIn } from './final.js';
import type { Backdrop } from './lift.js';
import type { InvariantName } from './invariants.js';
import { BLOCKED, Label, type Actor, type Register, type Run } from './program.js';
import type { World } from './world.js';

/** A race laid out: who takes part, in what, from where. */
export interface Scene {
  readonly world: World;
  readonly actors: readonly Actor[];
  readonly start: Uint16Array;
  /** What the process has besides. */
  readonly backdrop: Backdrop;
  /** Registers that hold results, and stay when an actor is done. */
  readonly results: readonly ReadonlySet<Register>[];
}

/** What an actor's next step would do. */
export interface Transition {
  readonly enabled: boolean;
  /** It has no next step. */
  readonly done: boolean;
  readonly after: Uint16Array;
  readonly access: Access;
}

class ActorCells extends Cells implements Run {
  actor!: Actor;

  reg(r: Register): number {
    return this.get(this.actor.registers + r);
  }

  setReg(r: Register, value: number): void {
    this.set(this.actor.registers + r, value);
  }
}

export class Stepper {
  private readonly cells: ActorCells;
  /** Steps taken in all. */
  steps = 0;

  constructor(readonly scene: Scene) {
    this.cells = new ActorCells(scene.start.length);
  }

  get actors(): readonly Actor[] {
    return this.scene.actors;
  }

  isDone(state: Uint16Array, actor: Actor): boolean {
    return state[actor.pc] === actor.program.end;
  }

  next(state: Uint16Array, actor: Actor): Transition {
    const { cells } = this;
    const at = state[actor.pc] as number;
    const step = at === actor.program.end ? undefined : actor.program.steps[at];
    const access = new Int32Array(2 * cells.words);
    if (step === undefined) return { enabled: false, done: true, after: state, access };
    this.steps++;
    cells.state = state.slice();
    cells.access = access;
    cells.actor = actor;
    const next = step.run(cells);
    if (next === BLOCKED) return { enabled: false, done: false, after: state, access };
    const to = next instanceof Label ? next.at : at + 1;
    cells.set(actor.pc, to);
    // What it remembered matters no more, and two states that differ in nothing else are one.
    if (to === actor.program.end) this.forget(actor);
    return { enabled: true, done: false, after: cells.state, access };
  }

  private forget(actor: Actor): void {
    const results = this.scene.results[actor.index];
    for (let r = 0; r < actor.program.registers; r++) if (results?.has(r) !== true) this.cells.set(actor.registers + r, 0);
  }

  /** What is broken in a state that nobody can go on from. */
  broken(state: Uint16Array): InvariantName[] {
    return brokenIn(this.scene.world, this.read(state), this.actors.some((a) => !this.isDone(state, a))); // prettier-ignore
  }

  /** Invariants that are broken for good already. */
  latched(state: Uint16Array, name: InvariantName): boolean {
    return state[this.scene.world.broken(name)] !== 0;
  }

  /** A view of a state, to ask it questions. */
  read(state: Uint16Array): Cells {
    const { cells } = this;
    cells.state = state;
    cells.access = new Int32Array(2 * cells.words);
    return cells;
  }
}
